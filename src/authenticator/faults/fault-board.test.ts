import { describe, expect, it } from 'vitest';
import { selfAttester } from '../../attestation/attestation.js';
import { KeyrigError } from '../../errors.js';
import { checkConfig } from '../config-check.js';
import {
  createTestKey,
  getAssertion,
  getInfo,
  KEY_CONFIG,
  mustSucceed,
  nodeCrypto,
  registerDiscoverable,
  signedBy,
  type TestKey,
} from '../test-platform.suite.js';

const WRONG = { fault: 'signature', value: 'wrong' } as const;

async function isGood(key: TestKey, ada: Awaited<ReturnType<typeof registerDiscoverable>>): Promise<boolean> {
  return signedBy(ada, mustSucceed(await getAssertion(key)));
}

describe('the faults of a key', () => {
  it('are none unless somebody says so', async () => {
    const key = createTestKey();
    const ada = await registerDiscoverable(key, 'ada');
    expect(key.machine.faults.faults).toEqual([]);
    expect(await isGood(key, ada)).toBe(true);
  });

  it('can be there from the beginning', async () => {
    const key = createTestKey({ config: { faults: [WRONG] } });
    const ada = await registerDiscoverable(key, 'ada');
    expect(await isGood(key, ada)).toBe(false);
  });

  it('stay until they are cleared', async () => {
    const key = createTestKey();
    const ada = await registerDiscoverable(key, 'ada');
    key.machine.faults.set(WRONG);
    expect([await isGood(key, ada), await isGood(key, ada)]).toEqual([false, false]);
    key.machine.faults.clear('counter');
    expect(await isGood(key, ada)).toBe(false);
    key.machine.faults.clear('signature');
    expect(await isGood(key, ada)).toBe(true);
  });

  it('survive the power, as a broken key does', async () => {
    const key = createTestKey();
    const ada = await registerDiscoverable(key, 'ada');
    key.machine.faults.set(WRONG);
    key.machine.powerCycle();
    expect(await isGood(key, ada)).toBe(false);
  });

  it('strike as often as was said, and count only what they damaged', async () => {
    const key = createTestKey();
    const ada = await registerDiscoverable(key, 'ada');
    key.machine.faults.set({ ...WRONG, times: 2 });
    const goods: boolean[] = [];
    for (let at = 0; at < 3; at++) {
      await getInfo(key);
      expect((await getAssertion(key, { rpId: 'else.example' })).status).toBe('CTAP2_ERR_NO_CREDENTIALS');
      goods.push(await isGood(key, ada));
    }
    expect(goods).toEqual([false, false, true]);
    expect(key.machine.faults.faults).toEqual([]);
  });

  it('are in the trace each time', async () => {
    const key = createTestKey();
    const ada = await registerDiscoverable(key, 'ada');
    key.machine.faults.set({ ...WRONG, times: 1 });
    await isGood(key, ada);
    await isGood(key, ada);
    const struck = key.events.filter(({ kind }) => kind === 'fault');
    expect(struck).toEqual([
      { layer: 'user', kind: 'fault', device: 'test-key', fields: { fault: 'signature', value: 'wrong' } },
    ]);
  });

  it('replace their like, and stand beside others', () => {
    const { faults } = createTestKey().machine;
    faults.set(WRONG);
    faults.set({ fault: 'counter', value: 'stuck' });
    faults.set({ fault: 'signature', value: 'empty' });
    faults.set({ fault: 'signature', value: 'other-data', command: 'authenticatorGetNextAssertion' });
    expect(faults.faults.map(({ fault, value }) => `${fault} ${value}`)).toEqual([
      'counter stuck',
      'signature empty',
      'signature other-data',
    ]);
    faults.clear();
    expect(faults.faults).toEqual([]);
  });

  it('damage one answer together', async () => {
    const key = createTestKey();
    await registerDiscoverable(key, 'ada');
    key.machine.faults.set({ fault: 'user-handle', value: 'omitted' });
    key.machine.faults.set({ fault: 'credential-id', value: 'omitted' });
    const answer = mustSucceed(await getAssertion(key));
    expect([answer.user, answer.credential]).toEqual([undefined, undefined]);
  });
});

describe('a fault that there is not', () => {
  it.each([
    [{ fault: 'signatur' }, 'fault', 'signature'],
    [{ fault: 'signature', value: 'wrnog' }, 'value', 'wrong'],
    [{ fault: 'status', value: 'CTAP2_ERR_PIN_BLOKED' }, 'value', 'CTAP2_ERR_PIN_BLOCKED'],
    [{ fault: 'status' }, 'value', undefined],
    [{ fault: 'status', value: 256 }, 'value', undefined],
    [{ fault: 'status-word', value: 'SW_WRONG_DATE' }, 'value', 'SW_WRONG_DATA'],
    [{ fault: 'delay-before', value: 0 }, 'value', undefined],
    [{ fault: 'delay-before', value: 'long' }, 'value', undefined],
    [{ fault: 'truncated', value: 1.5 }, 'value', undefined],
    [{ fault: 'signature', command: 'authenticatorGetInfo' }, 'command', undefined],
    [{ fault: 'signature', command: 'authenticatorGetAsertion' }, 'command', 'authenticatorGetAssertion'],
    [{ fault: 'hang', subCommand: 'getPINRetries' }, 'subCommand', undefined],
    [
      { fault: 'hang', command: 'authenticatorClientPIN', subCommand: 'getPinRetries' },
      'subCommand',
      'getPINRetries',
    ],
    [{ fault: 'hang', times: 0 }, 'times', undefined],
    [{ fault: 'constructor' }, 'fault', undefined],
  ])('is refused: %o', (input, member, nearest) => {
    const { faults } = createTestKey().machine;
    const refused = failureOf(() => faults.set(input));
    expect([refused.code, refused.where]).toEqual(['option-invalid', member]);
    if (nearest !== undefined) expect(refused.hint).toBe(`did you mean ${nearest}?`);
    expect(faults.faults).toEqual([]);
  });

  it('is refused in a configuration too, with its place', () => {
    const faults = [WRONG, { fault: 'signature', value: 'wrnog' } as never];
    const refused = failureOf(() => checkConfig({ ...KEY_CONFIG, faults }, nodeCrypto, selfAttester));
    expect([refused.code, refused.where]).toEqual(['option-invalid', 'faults[1].value']);
    expect(refused.message).toContain('did you mean wrong?');
  });
});

function failureOf(body: () => void): KeyrigError {
  try {
    body();
  } catch (error) {
    if (error instanceof KeyrigError) return error;
    throw error;
  }
  throw new TypeError('nothing was refused');
}
