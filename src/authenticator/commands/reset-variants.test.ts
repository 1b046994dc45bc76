import { describe, expect, it } from 'vitest';
import type { TransportName } from '../../transport/transport.js';
import { BIO, CONFIGURABLE, configure } from '../management.suite.js';
import type { AuthenticatorState } from '../ports.js';
import {
  BYTE,
  type ConfigChange,
  createTestKey,
  getInfo,
  readAnswer,
  type TestKey,
  type TestKeyOptions,
} from '../test-platform.suite.js';
import { USER_TIMEOUT } from '../user-interaction.js';
import { RESET_WINDOW } from './reset.js';

const OK = 'CTAP1_ERR_SUCCESS';

const reset = async (key: TestKey, transport?: TransportName) =>
  readAnswer(await key.send(Uint8Array.of(BYTE.reset), undefined, transport)).status;

/** Lets the key run until it has asked for its user. */
async function untilAsked(key: TestKey): Promise<void> {
  for (let turn = 0; turn < 100 && !key.keepAlives.includes('user-presence-needed'); turn++) {
    await key.clock.advance(0);
  }
}

describe('a reset with a long touch', () => {
  const config = { reset: { longTouch: 'always' } } as const satisfies ConfigChange;

  /** Resets while the user holds the key for so long. */
  async function held(
    milliseconds: number | undefined,
    options: TestKeyOptions = { config },
  ): Promise<string> {
    const key = createTestKey(options);
    key.user.setHold(milliseconds);
    const asked = reset(key);
    await untilAsked(key);
    await key.clock.advance(USER_TIMEOUT);
    return asked;
  }

  it('takes five seconds', async () => {
    expect(await held(5_000)).toBe(OK);
    expect(await held(4_999)).toBe('CTAP2_ERR_OPERATION_DENIED');
    expect(await held(undefined)).toBe(OK);
  });

  it('takes ten, if its profile says so', async () => {
    const quirks = { longTouch: 'ten-seconds' } as const;
    expect(await held(9_999, { config: { ...config, quirks } })).toBe('CTAP2_ERR_OPERATION_DENIED');
    expect(await held(10_000, { config: { ...config, quirks } })).toBe(OK);
  });

  it('leaves everything as it was when the touch is too short', async () => {
    const key = createTestKey({ config });
    await getInfo(key);
    const before = await key.store.read((reader) => reader.state());
    key.user.setHold(10);
    const asked = reset(key);
    await untilAsked(key);
    await key.clock.advance(10);
    await asked;
    expect(await key.store.read((reader) => reader.state())).toEqual(before);
  });

  it('times out when nobody comes', async () => {
    expect(await held(undefined, { config, touch: { kind: 'never' } })).toBe('CTAP2_ERR_USER_ACTION_TIMEOUT');
  });

  it('takes no longer than another one where a long touch is not asked for', async () => {
    expect(await reset(createTestKey())).toBe(OK);
    const { longTouchForReset } = await getInfo(createTestKey());
    expect(longTouchForReset).toBeUndefined();
  });

  it('can be demanded by authenticatorConfig, until the reset', async () => {
    const key = createTestKey({ config: CONFIGURABLE });
    const shown = async () => (await getInfo(key)).longTouchForReset;
    expect(await shown()).toBe(false);
    expect(await configure(key, 'enableLongTouchForReset')).toBe(OK);
    expect(await shown()).toBe(true);
    const asked = reset(key);
    await untilAsked(key);
    await key.clock.advance(4_999);
    expect(await key.store.read((reader) => reader.state()?.longTouchForReset)).toBe(true);
    await key.clock.advance(1);
    expect(await asked).toBe(OK);
    expect(await shown()).toBe(false);
  });

  it('is no sub-command of a key that has it for good, or not at all', async () => {
    const options = { authnrCfg: true, alwaysUv: false };
    for (const change of [{ options }, { options, ...config }]) {
      const key = createTestKey({ config: change });
      expect(await configure(key, 'enableLongTouchForReset')).toBe('CTAP2_ERR_INVALID_SUBCOMMAND');
    }
  });
});

describe('a reset over', () => {
  const config: ConfigChange = { transports: ['usb', 'nfc'], reset: { transports: ['usb'] } };

  it.each([
    ['usb', OK],
    ['nfc', 'CTAP2_ERR_NOT_ALLOWED'],
  ] as const)('%s ends with %s where only USB may', async (transport, status) => {
    expect(await reset(createTestKey({ config }), transport)).toBe(status);
    expect((await getInfo(createTestKey({ config }))).transportsForReset).toEqual(['usb']);
  });

  it('a transport that does not say its name is one over the first', async () => {
    expect(await reset(createTestKey({ config }))).toBe(OK);
    const turned: ConfigChange = { ...config, transports: ['nfc', 'usb'] };
    expect(await reset(createTestKey({ config: turned }))).toBe('CTAP2_ERR_NOT_ALLOWED');
  });

  it('any transport is fine where nothing is said', async () => {
    const open: ConfigChange = { transports: ['usb', 'nfc'] };
    expect(await reset(createTestKey({ config: open }), 'nfc')).toBe(OK);
  });

  it.each([[[]], [['ble']]] as const)('%j can not be configured', (transports) => {
    expect(() => createTestKey({ config: { reset: { transports } } })).toThrow(/reset|reached/);
  });
});

it('a key with a display can be reset at any time', async () => {
  const key = createTestKey({ config: { reset: { window: 'always' } } });
  await key.clock.advance(RESET_WINDOW + 1);
  expect(await reset(key)).toBe(OK);
});

it('a reset puts everything back that can be configured or enrolled', async () => {
  const config = {
    ...BIO,
    ...CONFIGURABLE,
    options: { ...BIO.options, ...CONFIGURABLE.options, perCredMgmtRO: true, credMgmt: true },
  } satisfies ConfigChange;
  const key = createTestKey({ config });
  await getInfo(key);
  const before = await key.store.read((reader) => reader.state());
  if (before === undefined) throw new TypeError('no state');
  const changed: AuthenticatorState = {
    ...before,
    forcePinChange: true,
    minPinLength: 9,
    minPinLengthRpIds: [],
    alwaysUv: true,
    enterpriseAttestation: true,
    pinComplexityPolicy: true,
  };
  await key.store.write((writer) => {
    writer.setState(changed);
    writer.putTemplate({ id: Uint8Array.of(1), finger: 'thumb' });
  });
  expect(await reset(key)).toBe(OK);
  const after = await key.store.read((reader) => ({ state: reader.state(), templates: reader.templates() }));
  const { wrappingKey, persistent, ...rest } = before;
  expect(after.templates).toEqual([]);
  expect(after.state).toMatchObject(rest);
  expect(after.state?.wrappingKey).not.toEqual(wrappingKey);
  for (const member of ['token', 'identifier', 'credStoreState'] as const) {
    expect(after.state?.persistent?.[member]).not.toEqual(persistent?.[member]);
  }
});
