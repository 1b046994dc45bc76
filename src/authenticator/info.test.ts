import { describe, expect, it } from 'vitest';
import { noneAttester } from '../attestation/attestation.js';
import { lintGetInfo } from '../ctap/get-info-linter.js';
import type { AuthenticatorConfig } from './config.js';
import {
  changePin,
  createTestKey,
  FINGERPRINT,
  getInfo,
  pinToken,
  proofOf,
  register,
  registerDiscoverable,
  setPin,
  type TestKey,
  type TestKeyOptions,
} from './test-platform.suite.js';

const option = async (key: TestKey, name: string) => (await getInfo(key)).options?.get(name);

describe('getInfo', () => {
  it('says what the configuration says', async () => {
    const info = await getInfo(createTestKey({ config: { firmwareVersion: 7 } }));
    expect(info).toMatchObject({
      versions: ['FIDO_2_0'],
      extensions: ['credProtect', 'hmac-secret'],
      maxMsgSize: 2048,
      pinUvAuthProtocols: [2, 1],
      maxCredentialCountInList: 8,
      maxCredentialIdLength: 512,
      transports: ['usb'],
      minPINLength: 4,
      forcePINChange: false,
      firmwareVersion: 7,
      remainingDiscoverableCredentials: 25,
      attestationFormats: ['packed'],
    });
    expect(info.algorithms?.map(({ alg }) => alg)).toEqual([-7, -8, -35, -257]);
  });

  it('leaves out what does not apply', async () => {
    const config: Partial<AuthenticatorConfig> = {
      extensions: [],
      transports: [],
      options: { rk: false, clientPin: false, pinUvAuthToken: false },
    };
    const info = await getInfo(createTestKey({ config, attester: noneAttester }));
    expect(Object.keys(info).sort()).toEqual([
      'aaguid',
      'algorithms',
      'maxCredentialCountInList',
      'maxCredentialIdLength',
      'maxMsgSize',
      'options',
      'versions',
    ]);
    expect(info.options).toEqual(
      new Map([
        ['rk', false],
        ['up', true],
        ['pinUvAuthToken', false],
        ['makeCredUvNotRqd', true],
      ]),
    );
  });

  it('keeps to itself what the device hides', async () => {
    const config: Partial<AuthenticatorConfig> = {
      hiddenInfo: ['algorithms', 'transports', 'attestationFormats'],
    };
    const info = await getInfo(createTestKey({ config }));
    expect(info).not.toHaveProperty('algorithms');
    expect(info).not.toHaveProperty('transports');
    expect(info).toHaveProperty('maxMsgSize');
  });

  it('shows clientPin false until a PIN is set, then true', async () => {
    const key = createTestKey();
    expect(await option(key, 'clientPin')).toBe(false);
    await setPin(key, '1234');
    expect(await option(key, 'clientPin')).toBe(true);
  });

  it('shows uv as its user has it, and not at all without built-in verification', async () => {
    const key = createTestKey({ config: FINGERPRINT });
    expect(await option(key, 'uv')).toBe(false);
    key.user.setVerification('succeed');
    expect(await option(key, 'uv')).toBe(true);
    expect(await option(createTestKey({ verification: 'succeed' }), 'uv')).toBeUndefined();
    expect((await getInfo(key)).uvModality).toBe(0x02);
  });

  it('shows makeCredUvNotRqd false while alwaysUv is on', async () => {
    const on = createTestKey({ config: { options: { alwaysUv: true } } });
    expect([await option(on, 'alwaysUv'), await option(on, 'makeCredUvNotRqd')]).toEqual([true, false]);
    const off = createTestKey({ config: { options: { alwaysUv: false } } });
    expect([await option(off, 'alwaysUv'), await option(off, 'makeCredUvNotRqd')]).toEqual([false, true]);
  });

  it('counts the room for discoverable credentials', async () => {
    const key = createTestKey();
    await register(key);
    await registerDiscoverable(key, 'a');
    await registerDiscoverable(key, 'b');
    expect((await getInfo(key)).remainingDiscoverableCredentials).toBe(23);
  });
});

/** What decides about getInfo, as axes; every combination has to be consistent. */
const PINS = ['unsupported', 'not set', 'set', 'changed'] as const;
const VERIFICATIONS = ['unsupported', 'not configured', 'configured', 'failing'] as const;
const TRISTATE = [undefined, false, true] as const;

describe('the getInfo linter', () => {
  const states = PINS.flatMap((pin) =>
    VERIFICATIONS.flatMap((verification) =>
      TRISTATE.flatMap((alwaysUv) =>
        TRISTATE.flatMap((makeCredUvNotRqd) =>
          [false, true].map((tokens) => ({ pin, verification, alwaysUv, makeCredUvNotRqd, tokens })),
        ),
      ),
    ),
  );
  type State = (typeof states)[number];

  function keyIn({ pin, verification, alwaysUv, makeCredUvNotRqd, tokens }: State): TestKeyOptions {
    const verifies = pin !== 'unsupported' || verification !== 'unsupported';
    const pinUvAuthToken = tokens && verifies;
    const options = {
      clientPin: pin !== 'unsupported',
      pinUvAuthToken,
      ...(alwaysUv === undefined ? {} : { alwaysUv }),
      ...(makeCredUvNotRqd === undefined ? {} : { makeCredUvNotRqd }),
    };
    const agrees = pin !== 'unsupported' || pinUvAuthToken;
    const extensions = ['credProtect', ...(agrees ? ['hmac-secret'] : [])];
    const builtIn = verification === 'unsupported' ? {} : FINGERPRINT;
    const behaviour =
      verification === 'configured' ? 'succeed' : verification === 'failing' ? 'fail' : 'not-configured';
    return { config: { ...builtIn, options, extensions }, verification: behaviour };
  }

  it(`finds nothing in any of ${states.length} states of the key`, async () => {
    for (const state of states) {
      const key = createTestKey(keyIn(state));
      if (state.pin === 'set' || state.pin === 'changed')
        expect(await setPin(key, '1234')).toMatch(/SUCCESS/);
      if (state.pin === 'changed') expect(await changePin(key, '1234', '12345')).toMatch(/SUCCESS/);
      expect(lintGetInfo(await getInfo(key)), JSON.stringify(state)).toEqual([]);
      key.machine.powerCycle();
      expect(lintGetInfo(await getInfo(key)), JSON.stringify(state)).toEqual([]);
    }
  });

  it('finds nothing when the store is full', async () => {
    const key = createTestKey({
      config: { limits: { discoverableCredentials: 1 } },
    });
    await setPin(key, '1234');
    await registerDiscoverable(key, 'a', await proofOf(pinToken(key)));
    const info = await getInfo(key);
    expect(info.remainingDiscoverableCredentials).toBe(0);
    expect(lintGetInfo(info)).toEqual([]);
  });

  it('has one remark on minPinLength with built-in relying parties, which the specification allows', async () => {
    const key = createTestKey({
      config: { extensions: ['minPinLength'], minPinLengthRpIds: ['example.org'] },
    });
    expect(lintGetInfo(await getInfo(key))).toMatchObject([
      { id: 'min-pin-length-needs-set-min-pin-length', level: 'should' },
    ]);
  });
});
