/**
 * Junk over U2F, whose messages have no CBOR in them, to a key that CTAP2 talks to as well.
 */
import { readResponseApdu } from '../../ctap/apdu.js';
import { U2F_STATUS, u2fAuthenticateCommand, u2fRegisterCommand, u2fVersionCommand } from '../../ctap/u2f.js';
import { toHex } from '../../data/bytes.js';
import { type Dice, damagedMessage } from '../fuzz.suite.js';
import type { StoreReader } from '../ports.js';
import { getAssertion, RP_ID, registerDiscoverable, type TestKey } from '../test-platform.suite.js';
import { APPLICATION, CHALLENGE, createU2fKey, registerU2f } from '../u2f/u2f-client.suite.js';

const KNOWN = new Set<number>(Object.values(U2F_STATUS));
const EXCHANGE = { signal: new AbortController().signal, keepAlive: () => {} };

/** A key with a credential of either protocol, and good requests to it. */
export async function createU2fVictim(): Promise<{ key: TestKey; good: readonly Uint8Array[] }> {
  const key = await createU2fKey();
  const { keyHandle } = await registerU2f(key);
  const { id } = await registerDiscoverable(key, 'ada');
  const request = { challenge: CHALLENGE, application: APPLICATION };
  const controls = ['enforcePresence', 'checkOnly', 'skipPresence'] as const;
  return {
    key,
    good: [
      u2fVersionCommand(),
      u2fRegisterCommand(request),
      ...controls.flatMap((control) =>
        [keyHandle, id].map((handle) => u2fAuthenticateCommand(control, { ...request, keyHandle: handle })),
      ),
    ],
  };
}

const lasting = (reader: StoreReader) =>
  [
    reader.counter(),
    reader.credentialCount(),
    toHex(reader.state()?.wrappingKey ?? new Uint8Array(0)),
  ].join();

/** What is wrong with how the key took a message, `undefined` when nothing is. */
export async function judgeU2f(key: TestKey, message: Uint8Array): Promise<string | undefined> {
  const before = await key.store.read(lasting);
  const counter = await key.store.read((reader) => reader.counter());
  const answer = readResponseApdu(await key.machine.handleU2f(message, EXCHANGE));
  const why = await faultOf(key, answer, before, counter);
  key.events.length = 0;
  return why === undefined ? undefined : `U2F: ${why}: ${answer?.status.toString(16)} to ${toHex(message)}`;
}

async function faultOf(
  key: TestKey,
  answer: ReturnType<typeof readResponseApdu>,
  before: string,
  counter: number,
): Promise<string | undefined> {
  if (key.failures.length > 0) return 'the key failed inside';
  if (answer === undefined || !KNOWN.has(answer.status)) return 'an unknown status word';
  if ((await key.store.read((reader) => reader.counter())) < counter) return 'the counter went back';
  if (answer.status === U2F_STATUS.SW_NO_ERROR) return undefined;
  if (answer.data.length > 0) return 'an error has data';
  return (await key.store.read(lasting)) === before ? undefined : 'a refusal changed something';
}

/** A message that is good, damaged at any place, or random; its header is not spared. */
export function u2fJunk(dice: Dice, good: readonly Uint8Array[]): Uint8Array {
  const one = good[dice.below(good.length)] ?? new Uint8Array(0);
  const kind = dice.below(10);
  if (kind === 0) return one;
  if (kind === 1) return Uint8Array.from({ length: dice.below(90) }, () => dice.below(256));
  const message = damagedMessage(dice, one);
  return kind > 3
    ? message
    : message.map((byte, at) => (at < 4 && dice.below(4) === 0 ? dice.below(9) : byte));
}

/** Whether CTAP2 still works in between. */
export async function stillSigns(key: TestKey): Promise<string | undefined> {
  const { status } = await getAssertion(key, { rpId: RP_ID });
  return status === 'CTAP1_ERR_SUCCESS' ? undefined : `CTAP2 after U2F: ${status}`;
}
