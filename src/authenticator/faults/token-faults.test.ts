/**
 * Faults of judgement: tokens that are worth nothing are taken, good ones are refused.
 */
import { describe, expect, it } from 'vitest';
import {
  changePin,
  createKeyWithPin,
  FINGERPRINT,
  getAssertion,
  makeCredential,
  pinToken,
  proofOf,
  registerDiscoverable,
  type TestKey,
  uvToken,
} from '../test-platform.suite.js';

const OK = 'CTAP1_ERR_SUCCESS';
const REFUSED = 'CTAP2_ERR_PIN_AUTH_INVALID';

async function keyWithAda(): Promise<TestKey> {
  const key = await createKeyWithPin({ config: FINGERPRINT, verification: 'succeed' });
  await registerDiscoverable(key, 'ada', await proofOf(pinToken(key)));
  return key;
}

/** Ways in which a token ends. */
const ENDS: Readonly<Record<string, (key: TestKey) => Promise<unknown>>> = {
  'is replaced': (key) => uvToken(key),
  'has expired': (key) => key.clock.advance(30_001),
  'ends with its PIN': (key) => changePin(key, '1234', '567890'),
};

describe('a token that', () => {
  it.each(Object.keys(ENDS))('%s is accepted', async (how) => {
    const key = await keyWithAda();
    const proof = await proofOf(pinToken(key));
    await ENDS[how]?.(key);
    expect((await getAssertion(key, proof)).status).toBe(REFUSED);
    key.machine.faults.set({ fault: 'token', value: 'stale-accepted', times: 1 });
    expect((await getAssertion(key, proof)).status).toBe(OK);
    // Once, as it was asked.
    expect((await getAssertion(key, proof)).status).toBe(REFUSED);
  });

  it('was used up is accepted', async () => {
    const key = await keyWithAda();
    const proof = await proofOf(pinToken(key));
    expect((await getAssertion(key, proof)).status).toBe(OK);
    expect((await getAssertion(key, proof)).status).toBe(REFUSED);
    key.machine.faults.set({ fault: 'token', value: 'stale-accepted' });
    expect((await getAssertion(key, proof)).status).toBe(OK);
    expect((await makeCredential(key, proof)).status).toBe(OK);
  });

  it('nobody ever had is not', async () => {
    const key = await keyWithAda();
    const proof = await proofOf(pinToken(key));
    key.machine.faults.set({ fault: 'token', value: 'stale-accepted', times: 1 });
    const forged = { ...proof, pinUvAuthParam: new Uint8Array(32) };
    expect((await getAssertion(key, forged)).status).toBe(REFUSED);
    // Neither is one for somebody else: it is not stale.
    const elsewhere = await proofOf(pinToken(key, { rpId: 'else.example' }));
    expect((await getAssertion(key, elsewhere)).status).toBe(REFUSED);
    expect(key.machine.faults.faults).toHaveLength(1);
  });

  it('is good and accepted is no fault', async () => {
    const key = await keyWithAda();
    key.machine.faults.set({ fault: 'token', value: 'stale-accepted', times: 1 });
    expect((await getAssertion(key, await proofOf(pinToken(key)))).status).toBe(OK);
    expect(key.machine.faults.faults).toHaveLength(1);
  });

  it('is good is refused, and good again afterwards', async () => {
    const key = await keyWithAda();
    const proof = await proofOf(pinToken(key));
    key.machine.faults.set({ fault: 'token', value: 'refused', times: 1 });
    expect((await getAssertion(key, proof)).status).toBe(REFUSED);
    expect((await getAssertion(key, proof)).status).toBe(OK);
  });

  it('is good is refused by one command only', async () => {
    const key = await keyWithAda();
    const scope = { command: 'authenticatorMakeCredential' };
    key.machine.faults.set({ fault: 'token', value: 'refused', ...scope });
    const first = await proofOf(pinToken(key));
    expect((await makeCredential(key, first)).status).toBe(REFUSED);
    expect((await getAssertion(key, first)).status).toBe(OK);
  });
});
