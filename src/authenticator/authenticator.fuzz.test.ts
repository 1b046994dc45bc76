/**
 * More than 200,000 messages of any kind: no exception, no hang, an allowed status, and nothing changed by what was refused.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CborKey, CborMap, CborValue } from '../ctap/cbor.js';
import { encode } from '../ctap/cbor.js';
import { COMMANDS } from '../ctap/commands.js';
import { lintGetInfo } from '../ctap/get-info-linter.js';
import { STATUS } from '../ctap/status.js';
import { concat, utf8 } from '../data/bytes.js';
import { bytesOf, createVictim, type Good } from './fuzz/victim.suite.js';
import { BARE_MESSAGES, createDice, damagedMessage, judge, randomMessage } from './fuzz.suite.js';
import { getAssertion, getInfo, RP_ID, type TestKey } from './test-platform.suite.js';

/** A credential can be used, or the key says how. */
const ABLE = ['CTAP1_ERR_SUCCESS', 'CTAP2_ERR_PUAT_REQUIRED', 'CTAP2_ERR_PIN_BLOCKED'];

/** What must be true of a key in the end, whatever it has been through. */
async function examine(key: TestKey): Promise<void> {
  expect(key.failures).toEqual([]);
  expect(lintGetInfo(await getInfo(key)).filter(({ level }) => level === 'must')).toEqual([]);
  const stored = await key.store.read((reader) =>
    reader.rpIds().flatMap((rpId) => reader.credentialsOf(rpId)),
  );
  expect(stored.length).toBeLessThanOrEqual(key.config.limits.discoverableCredentials);
  const templates = await key.store.read((reader) => reader.templates().length);
  expect(templates).toBeLessThanOrEqual(key.config.bio?.templates ?? 0);
  const enrolled = templates > 0;
  expect((await getInfo(key)).options?.get('uv')).toBe(enrolled);
  // Every credential that is left can still sign.
  for (const { id, rpId } of stored) {
    const request = { rpId, allowList: [{ id, type: 'public-key' }], options: { uv: true } };
    const { status } = await getAssertion(key, request);
    // Without a finger there is no verification of its own to ask for.
    const expected = enrolled ? ABLE : ['CTAP2_ERR_INVALID_OPTION'];
    expect(expected).toContain(status);
  }
}

/** Sends many messages to a fresh key after every thousand of them; the first fault ends it. */
async function bombard(count: number, next: (good: readonly Uint8Array[]) => Uint8Array): Promise<void> {
  for (let sent = 0; sent < count; sent += 1_000) {
    const { key, good } = await createVictim();
    const messages = good.map(bytesOf);
    for (let at = 0; at < 1_000; at++) {
      const fault = await judge(key, next(messages));
      if (fault !== undefined) throw new TypeError(fault);
    }
    await examine(key);
  }
}

const RANDOM = 110_000;
const DAMAGED = 90_000;
const STRUCTURED = 12_000;

/** Small values of every CBOR type, and some of the largest. */
const leaf: fc.Arbitrary<CborValue> = fc.oneof(
  fc.constantFrom<CborValue>(null, true, false, 0, -1, 2 ** 53 - 1, 2n ** 64n - 1n, -(2n ** 63n), ''),
  fc.integer({ min: -300, max: 300 }),
  fc.constantFrom('id', 'public-key', 'rk', RP_ID, 'hmac-secret'),
  fc.uint8Array({ maxLength: 70 }),
  fc.string({ maxLength: 8, unit: 'binary' }),
);
const value: fc.Arbitrary<CborValue> = fc.oneof(
  { weight: 3, arbitrary: leaf },
  { weight: 1, arbitrary: fc.array(leaf, { maxLength: 3 }) },
  {
    weight: 1,
    arbitrary: fc
      .array(fc.tuple(fc.constantFrom<CborKey>(1, 2, 3, -2, 'id', 'type', 'alg'), leaf), { maxLength: 3 })
      .map((entries): CborValue => new Map(entries)),
  },
);

/** One change of a good request, at any depth. */
interface Change {
  readonly request: number;
  /** Which member at each level, by position. */
  readonly path: readonly number[];
  readonly kind: 'replace' | 'remove' | 'add';
  readonly value: CborValue;
}

const change: fc.Arbitrary<Change> = fc.record({
  request: fc.nat(99),
  path: fc.array(fc.nat(12), { minLength: 1, maxLength: 3 }),
  kind: fc.constantFrom('replace', 'remove', 'add'),
  value,
});

function changed(source: CborValue, { path, kind, value: other }: Change, depth = 0): CborValue {
  const step = path[depth];
  if (step === undefined) return other;
  if (source instanceof Map) {
    const entries = [...(source as CborMap)];
    const at = step % Math.max(1, entries.length);
    const [key, inner] = entries[at] ?? [99, null];
    if (kind === 'add' && depth === path.length - 1) return new Map([...entries, [step + 90, other]]);
    if (kind === 'remove' && depth === path.length - 1)
      return new Map(entries.filter((_, index) => index !== at));
    const replaced: [CborKey, CborValue] = [
      key,
      changed(inner, { path, kind, value: other, request: 0 }, depth + 1),
    ];
    return new Map(entries.with(at, replaced));
  }
  if (Array.isArray(source)) {
    const list = source as readonly CborValue[];
    if (kind === 'add' || list.length === 0) return [...list, other];
    const at = step % list.length;
    if (kind === 'remove') return list.filter((_, index) => index !== at);
    const inner = list[at] ?? null;
    return list.with(at, changed(inner, { path, kind, value: other, request: 0 }, depth + 1));
  }
  return other;
}

/** The bytes of a changed request; deeper than CTAP allows is possible, other CBOR than canonical is not. */
function structured(good: readonly Good[], one: Change): Uint8Array {
  const picked = good[one.request % good.length];
  if (picked === undefined) return new Uint8Array(0);
  const body = encode(changed(picked.members, one), { maxDepth: 8 });
  return concat(Uint8Array.of(COMMANDS[picked.command]), body);
}

describe('a key', () => {
  it(`takes ${RANDOM} random messages`, async () => {
    const dice = createDice(1);
    await bombard(RANDOM, () => randomMessage(dice));
  });

  it(`takes ${DAMAGED} damaged messages of every command`, async () => {
    const dice = createDice(2);
    await bombard(DAMAGED, (good) => {
      const all = dice.below(12) === 0 ? BARE_MESSAGES : good;
      return damagedMessage(dice, all[dice.below(all.length)] ?? utf8(''));
    });
  });

  it(`takes ${STRUCTURED} requests with one member wrong, at any depth`, async () => {
    let victim = await createVictim();
    let served = 0;
    const property = fc.asyncProperty(change, async (one) => {
      if (served++ % 250 === 249) {
        await examine(victim.key);
        victim = await createVictim();
      }
      expect(await judge(victim.key, structured(victim.good, one))).toBeUndefined();
    });
    await fc.assert(property, { numRuns: STRUCTURED, seed: 3 });
  });

  it.each(['authenticatorCredentialManagement', 'authenticatorLargeBlobs'] as const)(
    'takes the good requests of %s one after the other, for their proofs hold',
    async (command) => {
      const { key, good } = await createVictim();
      for (const request of good.filter((one) => one.command === command)) {
        expect((await key.send(bytesOf(request)))[0]).toBe(0);
      }
    },
  );

  it('takes every good request, so that what the others lack is the damage', async () => {
    const { key, good } = await createVictim();
    const statuses = new Set<number>();
    for (const request of good) {
      expect(await judge(key, bytesOf(request))).toBeUndefined();
      statuses.add((await key.send(bytesOf(request)))[0] ?? -1);
    }
    expect(statuses).toContain(0);
  });

  it('takes each request of BioEnrollment and Config by itself', async () => {
    const seen: [string, number][] = [];
    const { good } = await createVictim();
    const managing = good.flatMap(({ command }, at) =>
      /Bio|Config/.test(command) ? [[command, at] as const] : [],
    );
    for (const [command, at] of managing) {
      const victim = await createVictim();
      const request = victim.good[at];
      const [status = -1] = await victim.key.send(request === undefined ? utf8('') : bytesOf(request));
      if (status !== 0) seen.push([command, status]);
    }
    // A sample where nothing was begun, and what only a vendor knows.
    expect(seen).toEqual([
      ['authenticatorBioEnrollment', STATUS.CTAP2_ERR_INVALID_OPTION],
      ['authenticatorBioEnrollmentPreview', STATUS.CTAP2_ERR_INVALID_OPTION],
      ['authenticatorConfig', STATUS.CTAP2_ERR_INVALID_SUBCOMMAND],
    ]);
  });
});
