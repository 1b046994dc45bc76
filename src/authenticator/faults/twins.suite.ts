/**
 * Two keys with the same seed and the same past, one of which then gets a fault: what differs between their answers is the damage.
 */

import { createNobleCrypto } from '../../crypto/noble.js';
import { createSeededRandom } from '../../crypto/seeded-random.js';
import type { CborMap, CborValue } from '../../ctap/cbor.js';
import { encode, tryDecode } from '../../ctap/cbor.js';
import type { DeviceFaultInput } from '../../ctap/device-faults.js';
import { toHex } from '../../data/bytes.js';
import { createTestKey, type TestKey, type TestKeyOptions } from '../test-platform.suite.js';

/** What both went through; the result is what the test goes on with. */
export type Past<T> = (key: TestKey) => Promise<T>;

/** A good key, and one with a fault. */
export interface Twins<T> {
  readonly honest: TestKey;
  readonly faulty: TestKey;
  readonly past: T;
  /** Sends the same message to both: the names of the members that differ. */
  compare(message: Uint8Array): Promise<Comparison>;
}

/** Two answers to one message. */
export interface Comparison {
  readonly good: Uint8Array;
  readonly bad: Uint8Array;
  /** Paths of members that are not the same, e.g. `2.signCount`. */
  readonly damage: readonly string[];
}

/** Makes them. */
export async function createTwins<T>(
  fault: DeviceFaultInput,
  past: Past<T>,
  options: TestKeyOptions = {},
): Promise<Twins<T>> {
  const [honest, faulty] = [seeded(options), seeded(options)];
  const [result] = [await past(honest), await past(faulty)];
  faulty.machine.faults.set(fault);
  const compare = async (message: Uint8Array): Promise<Comparison> => {
    const answers = { good: await honest.send(message), bad: await faulty.send(message) };
    return { ...answers, damage: difference(answers.good, answers.bad) };
  };
  return { honest, faulty, past: result, compare };
}

function seeded(options: TestKeyOptions): TestKey {
  const random = createSeededRandom('twins');
  return createTestKey({ ...options, crypto: createNobleCrypto({ random }) });
}

/** Where the bytes of authenticator data stand in answers, by the number of their members: MakeCredential has text first. */
function authDataKey(members: CborMap): number {
  return members.get(2) instanceof Uint8Array ? 2 : -1;
}

function difference(good: Uint8Array, bad: Uint8Array): readonly string[] {
  const [one, other] = [factsOf(good), factsOf(bad)];
  const names = new Set([...one.keys(), ...other.keys()]);
  return [...names].filter((name) => one.get(name) !== other.get(name));
}

/** Everything that an answer says, by path. */
function factsOf(answer: Uint8Array): ReadonlyMap<string, string> {
  const facts = new Map([['status', String(answer[0] ?? 'none')]]);
  const body = answer.subarray(1);
  const members = body.length === 0 ? new Map() : tryDecode(body);
  if (!(members instanceof Map)) return facts.set('body', toHex(body));
  const authData = authDataKey(members);
  for (const [key, value] of members as CborMap) {
    if (key === authData && value instanceof Uint8Array) addAuthData(facts, `${key}`, value);
    else add(facts, `${key}`, value);
  }
  return facts;
}

/** By hand, because authenticator data with a lie in it can't be decoded. */
function addAuthData(facts: Map<string, string>, path: string, bytes: Uint8Array): void {
  facts.set(`${path}.rpIdHash`, toHex(bytes.subarray(0, 32)));
  facts.set(`${path}.flags`, (bytes[32] ?? 0).toString(2));
  facts.set(`${path}.signCount`, toHex(bytes.subarray(33, 37)));
  facts.set(`${path}.rest`, toHex(bytes.subarray(37)));
}

function add(facts: Map<string, string>, path: string, value: CborValue): void {
  if (!(value instanceof Map)) facts.set(path, toHex(encode(value, { maxDepth: 16 })));
  else for (const [key, inner] of value as CborMap) add(facts, `${path}.${String(key)}`, inner);
}
