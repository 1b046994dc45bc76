import { describe, expect, it } from 'vitest';
import { decodeAuthenticatorData } from '../../ctap/authenticator-data.js';
import type { CborValue } from '../../ctap/cbor.js';
import { CONFIGURABLE, configure } from '../management.suite.js';
import {
  type ConfigChange,
  createTestKey,
  makeCredential,
  RP_ID,
  register,
  type TestKey,
} from '../test-platform.suite.js';

const config = { ...CONFIGURABLE, minPinLengthRpIds: [RP_ID] } satisfies ConfigChange;
const asking = (input: CborValue, id = 'pinComplexityPolicy') => ({ extensions: new Map([[id, input]]) });

async function told(key: TestKey, input: CborValue = true, id?: string): Promise<unknown> {
  const { response } = await register(key, asking(input, id));
  return decodeAuthenticatorData(response.authData).extensions?.get(id ?? 'pinComplexityPolicy');
}

describe('pinComplexityPolicy', () => {
  it('tells what holds now', async () => {
    const key = createTestKey({ config });
    expect(await told(key)).toBe(false);
    await configure(key, 'setMinPINLength', { pinComplexityPolicy: true });
    expect(await told(key)).toBe(true);
  });

  it('tells nothing to who asks with false', async () => {
    expect(await told(createTestKey({ config }), false)).toBeUndefined();
  });

  it('is of the wrong type as anything but a boolean', async () => {
    const { status } = await makeCredential(createTestKey({ config }), asking(1));
    expect(status).toBe('CTAP2_ERR_CBOR_UNEXPECTED_TYPE');
  });

  it.each([
    ['listed', undefined],
    ['everybody', false],
  ] as const)('tells %s: somebody else hears %s', async (pinComplexityAudience, answer) => {
    const quirks = { pinComplexityAudience };
    const key = createTestKey({ config: { ...config, minPinLengthRpIds: ['other.example'], quirks } });
    expect(await told(key)).toBe(answer);
  });
});

it('minPinLength and pinComplexityPolicy tell whom authenticatorConfig names', async () => {
  const key = createTestKey({ config: { ...config, minPinLengthRpIds: [] } });
  const both = async () => [await told(key), await told(key, true, 'minPinLength')];
  expect(await both()).toEqual([undefined, undefined]);
  await configure(key, 'setMinPINLength', { newMinPINLength: 7, minPinLengthRPIDs: [RP_ID] });
  expect(await both()).toEqual([false, 7]);
  await configure(key, 'setMinPINLength', { minPinLengthRPIDs: ['other.example'] });
  expect(await both()).toEqual([undefined, undefined]);
});
