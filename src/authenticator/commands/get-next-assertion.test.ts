import { describe, expect, it } from 'vitest';
import { utf8 } from '../../data/bytes.js';
import {
  BYTE,
  clientPin,
  countOf,
  createKeyWithPin,
  createTestKey,
  flagsOf,
  getAssertion,
  getInfo,
  getNextAssertion,
  mustSucceed,
  pinToken,
  proofOf,
  type Registered,
  registerDiscoverable,
  signedBy,
  type TestKey,
} from '../test-platform.suite.js';

const OK = 'CTAP1_ERR_SUCCESS';
const NAMES = ['ada', 'bob', 'cyd'];

/** A key with three accounts of one relying party, oldest first. */
async function withAccounts(key: TestKey): Promise<{ key: TestKey; accounts: readonly Registered[] }> {
  const accounts: Registered[] = [];
  for (const name of NAMES) accounts.push(await registerDiscoverable(key, name));
  return { key, accounts };
}

async function pinKeyWithAccounts(): Promise<TestKey> {
  const key = await createKeyWithPin();
  for (const name of NAMES) await registerDiscoverable(key, name, await proofOf(pinToken(key)));
  return key;
}

describe('several accounts', () => {
  it('are offered newest first, each once, and counted in the first answer only', async () => {
    const { key, accounts } = await withAccounts(createTestKey());
    const answers = [
      mustSucceed(await getAssertion(key)),
      mustSucceed(await getNextAssertion(key)),
      mustSucceed(await getNextAssertion(key)),
    ];
    expect(answers.map(({ user }) => user?.id)).toEqual([utf8('cyd'), utf8('bob'), utf8('ada')]);
    expect(answers.map(({ numberOfCredentials }) => numberOfCredentials)).toEqual([3, undefined, undefined]);
    const newestFirst = [...accounts].reverse();
    expect(answers.map((answer, at) => newestFirst[at] && signedBy(newestFirst[at], answer))).toEqual([
      true,
      true,
      true,
    ]);
    expect(answers.map(countOf)).toEqual([1, 2, 3]);
    expect(answers.map(flagsOf)).toEqual(['UP', 'UP', 'UP']);
    expect((await getNextAssertion(key)).status).toBe('CTAP2_ERR_NOT_ALLOWED');
  });

  it('are not counted when there is one only', async () => {
    const key = createTestKey();
    await registerDiscoverable(key, 'ada');
    expect(mustSucceed(await getAssertion(key)).numberOfCredentials).toBeUndefined();
    expect((await getNextAssertion(key)).status).toBe('CTAP2_ERR_NOT_ALLOWED');
  });

  it('are not counted with an allow list', async () => {
    const { key, accounts } = await withAccounts(createTestKey());
    const allowList = accounts.map(({ descriptor }) => descriptor);
    expect(mustSucceed(await getAssertion(key, { allowList })).numberOfCredentials).toBeUndefined();
    expect((await getNextAssertion(key)).status).toBe('CTAP2_ERR_NOT_ALLOWED');
  });

  it('come with names after user verification, in every answer', async () => {
    const key = await pinKeyWithAccounts();
    const first = mustSucceed(await getAssertion(key, await proofOf(pinToken(key))));
    const next = mustSucceed(await getNextAssertion(key));
    expect([first.user?.name, next.user?.name]).toEqual(['cyd', 'bob']);
    expect(flagsOf(next)).toBe('UP UV');
  });

  it('are found silently as well', async () => {
    const { key } = await withAccounts(createTestKey());
    const first = mustSucceed(await getAssertion(key, { options: { up: false } }));
    expect(first.numberOfCredentials).toBe(3);
    expect(flagsOf(mustSucceed(await getNextAssertion(key)))).toBe('');
  });
});

describe('GetNextAssertion', () => {
  it('is NOT_ALLOWED when nothing was asked before', async () => {
    expect((await getNextAssertion(createTestKey())).status).toBe('CTAP2_ERR_NOT_ALLOWED');
  });

  it('has 30 seconds from answer to answer', async () => {
    const { key } = await withAccounts(createTestKey());
    await getAssertion(key);
    await key.clock.advance(30_000);
    expect((await getNextAssertion(key)).status).toBe(OK);
    await key.clock.advance(30_000);
    expect((await getNextAssertion(key)).status).toBe(OK);
    await getAssertion(key);
    await key.clock.advance(30_001);
    expect((await getNextAssertion(key)).status).toBe('CTAP2_ERR_NOT_ALLOWED');
    expect((await getNextAssertion(key)).status).toBe('CTAP2_ERR_NOT_ALLOWED');
  });

  it.each<[string, (key: TestKey) => Promise<unknown>]>([
    ['GetInfo', getInfo],
    ['Selection', (key) => key.send(Uint8Array.of(BYTE.selection))],
    ['ClientPIN', (key) => clientPin(key, 'getPINRetries')],
    ['an unknown command', (key) => key.send(Uint8Array.of(0x7f))],
    ['malformed bytes', (key) => key.send(Uint8Array.of(BYTE.getAssertion, 0xff))],
    ['nothing at all', (key) => key.send(new Uint8Array(0))],
    ['a message that is too long', (key) => key.send(new Uint8Array(3_000))],
    ['a power cycle', async (key) => key.machine.powerCycle()],
    ['a registration', (key) => registerDiscoverable(key, 'eve')],
  ])('has forgotten everything after %s', async (_, between) => {
    const { key } = await withAccounts(createTestKey());
    await getAssertion(key);
    await between(key);
    expect((await getNextAssertion(key)).status).toBe('CTAP2_ERR_NOT_ALLOWED');
  });

  it('has something new to go on with after another GetAssertion', async () => {
    const { key } = await withAccounts(createTestKey());
    await getAssertion(key);
    await getNextAssertion(key);
    await getAssertion(key);
    expect(mustSucceed(await getNextAssertion(key)).user?.id).toEqual(utf8('bob'));
  });

  it('goes on although the command before it was sent with rubbish behind the command byte', async () => {
    const { key } = await withAccounts(createTestKey());
    await getAssertion(key);
    expect(await key.send(Uint8Array.of(BYTE.next, 0xa0))).toEqual(Uint8Array.of(0x03));
    expect((await getNextAssertion(key)).status).toBe(OK);
  });

  it('ends with the token that began it', async () => {
    const key = await createKeyWithPin();
    const names = Array.from({ length: 24 }, (_, at) => `user ${at}`);
    for (const name of names) await registerDiscoverable(key, name, await proofOf(pinToken(key)));
    const proof = await proofOf(pinToken(key));
    expect(mustSucceed(await getAssertion(key, proof)).numberOfCredentials).toBe(24);
    for (let step = 1; step <= 20; step++) {
      await key.clock.advance(30_000);
      expect((await getNextAssertion(key)).status, `after ${step * 30} seconds`).toBe(OK);
    }
    await key.clock.advance(1);
    expect((await getNextAssertion(key)).status).toBe('CTAP2_ERR_NOT_ALLOWED');
  });
});
