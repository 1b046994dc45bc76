/**
 * Every combination of what a key can be like and what a request can ask, against an oracle that reads like the specification: the first
 * rule that applies names the answer. What is left in the store and of the token is looked at too.
 */
import { describe, expect, it } from 'vitest';
import { PERMISSIONS } from '../../ctap/messages/client-pin.js';
import {
  type ConfigChange,
  createTestKey,
  FINGERPRINT,
  flagsOf,
  getAssertion,
  makeCredential,
  pinHash,
  prove,
  RP_ID,
  registerDiscoverable,
  type TestKey,
} from '../test-platform.suite.js';

/** What the key is like. */
interface KeyAxes {
  readonly pin: 'unsupported' | 'not set' | 'set';
  readonly verification: 'unsupported' | 'not configured' | 'configured';
  readonly alwaysUv: boolean;
  readonly makeCredUvNotRqd: boolean;
  /** noMcGaPermissionsWithClientPin. */
  readonly pinBarred: boolean;
}

/** What the request asks. */
interface RequestAxes {
  readonly rk: boolean | undefined;
  readonly up: boolean | undefined;
  readonly uv: boolean | undefined;
  readonly proof:
    | 'absent'
    | 'empty'
    | 'without protocol'
    | 'of an unknown protocol'
    | 'valid'
    | 'with a wrong tag'
    | 'for another relying party'
    | 'without permission'
    | 'of a consumed token';
}

type Axes = KeyAxes & RequestAxes;

type Choices<T> = { readonly [K in keyof T]: readonly T[K][] };

/** The cross product. */
function combinations<T extends object>(choices: Choices<T>): readonly T[] {
  let all: readonly Partial<T>[] = [{}];
  for (const [name, values] of Object.entries(choices) as [keyof T, readonly T[keyof T][]][]) {
    all = all.flatMap((one) => values.map((value) => ({ ...one, [name]: value })));
  }
  return all as readonly T[];
}

const BOTH = [false, true];
const TRISTATE = [undefined, false, true];

const KEYS = combinations<KeyAxes>({
  pin: ['unsupported', 'not set', 'set'],
  verification: ['unsupported', 'not configured', 'configured'],
  alwaysUv: BOTH,
  makeCredUvNotRqd: BOTH,
  pinBarred: BOTH,
}).filter(({ pin, pinBarred }) => pin !== 'unsupported' || !pinBarred);

const REQUESTS = combinations<RequestAxes>({
  rk: TRISTATE,
  up: TRISTATE,
  uv: TRISTATE,
  proof: [
    'absent',
    'empty',
    'without protocol',
    'of an unknown protocol',
    'valid',
    'with a wrong tag',
    'for another relying party',
    'without permission',
    'of a consumed token',
  ],
});

// What the specification's words mean.
const hasClientPin = ({ pin, verification }: KeyAxes) =>
  pin !== 'unsupported' || verification !== 'unsupported';
const isProtected = ({ pin, verification }: KeyAxes) => pin === 'set' || verification === 'configured';
const isProven = ({ proof }: RequestAxes) => proof !== 'absent';
const asksForUv = (axes: RequestAxes) => axes.uv === true && !isProven(axes);
const pinHelps = ({ pin, pinBarred }: KeyAxes) => pin === 'set' && !pinBarred;
const pinWouldHelp = ({ pin, pinBarred }: KeyAxes) => pin !== 'unsupported' && !pinBarred;
const canVerify = ({ verification }: KeyAxes) => verification === 'configured';

type Rule = readonly [applies: (axes: Axes) => boolean, status: string];

/** Rules that both commands begin with. */
const PROOF_RULES: readonly Rule[] = [
  [(a) => a.proof === 'empty' && hasClientPin(a) && a.pin === 'set', 'CTAP2_ERR_PIN_INVALID'],
  [(a) => a.proof === 'empty' && hasClientPin(a), 'CTAP2_ERR_PIN_NOT_SET'],
  [(a) => a.proof === 'without protocol' || a.proof === 'empty', 'CTAP2_ERR_MISSING_PARAMETER'],
  [(a) => a.proof === 'of an unknown protocol', 'CTAP1_ERR_INVALID_PARAMETER'],
  // A key without PIN and verification offers no protocol at all.
  [(a) => isProven(a) && !hasClientPin(a), 'CTAP1_ERR_INVALID_PARAMETER'],
  [(a) => asksForUv(a) && !canVerify(a), 'CTAP2_ERR_INVALID_OPTION'],
];

const TOKEN_RULES: readonly Rule[] = [
  [(a) => isProtected(a) && isProven(a) && a.proof !== 'valid', 'CTAP2_ERR_PIN_AUTH_INVALID'],
];

/** alwaysUv while nobody can be verified, or while only a PIN could. */
const STRICT_RULES: readonly Rule[] = [
  [(a) => !isProtected(a) && pinWouldHelp(a), 'CTAP2_ERR_PUAT_REQUIRED'],
  [(a) => !isProtected(a), 'CTAP2_ERR_OPERATION_DENIED'],
  [(a) => !isProven(a) && !canVerify(a) && pinWouldHelp(a), 'CTAP2_ERR_PUAT_REQUIRED'],
  [(a) => !isProven(a) && !canVerify(a), 'CTAP2_ERR_OPERATION_DENIED'],
];

const when = (condition: (axes: Axes) => boolean, rules: readonly Rule[]): readonly Rule[] =>
  rules.map(([applies, status]) => [(axes) => condition(axes) && applies(axes), status]);

/** Protected, nobody verified, nothing proven, and the kind of credential demands it. */
const isBare = (a: Axes) =>
  !a.alwaysUv && isProtected(a) && !isProven(a) && !asksForUv(a) && (a.rk === true || !a.makeCredUvNotRqd);

const REGISTRATION: readonly Rule[] = [
  ...PROOF_RULES,
  [(a) => a.up === false, 'CTAP2_ERR_INVALID_OPTION'],
  ...when((a) => a.alwaysUv, STRICT_RULES),
  [(a) => isBare(a) && pinHelps(a), 'CTAP2_ERR_PUAT_REQUIRED'],
  [isBare, 'CTAP2_ERR_OPERATION_DENIED'],
  ...TOKEN_RULES,
];

const ASSERTION: readonly Rule[] = [
  ...PROOF_RULES,
  [(a) => a.rk !== undefined, 'CTAP2_ERR_UNSUPPORTED_OPTION'],
  ...when((a) => a.alwaysUv && a.up !== false, STRICT_RULES),
  ...TOKEN_RULES,
];

function expectedStatus(rules: readonly Rule[], axes: Axes): string {
  return rules.find(([applies]) => applies(axes))?.[1] ?? 'CTAP1_ERR_SUCCESS';
}

/** The flags of a success, and whether somebody was verified. */
function expectedFlags(axes: Axes, silent: boolean): { up: boolean; uv: boolean } {
  const byToken = isProtected(axes) && axes.proof === 'valid';
  const unasked = axes.alwaysUv && canVerify(axes) && !isProven(axes) && !silent;
  const byFinger = asksForUv(axes) || unasked;
  // The finger is a touch as well, even in a silent request.
  return { up: !silent || byFinger, uv: byToken || byFinger };
}

function keyConfig(axes: KeyAxes): ConfigChange {
  return {
    ...(axes.verification === 'unsupported' ? {} : FINGERPRINT),
    extensions: [],
    // No key offers protocols that nothing would use.
    ...(hasClientPin(axes) ? {} : { pinUvAuthProtocols: [] }),
    options: {
      rk: true,
      clientPin: axes.pin !== 'unsupported',
      pinUvAuthToken: hasClientPin(axes),
      alwaysUv: axes.alwaysUv,
      makeCredUvNotRqd: axes.makeCredUvNotRqd,
      noMcGaPermissionsWithClientPin: axes.pinBarred,
    },
    limits: { discoverableCredentials: 10_000 },
  };
}

/** A key in this state, with one discoverable credential. */
async function keyIn(axes: KeyAxes): Promise<TestKey> {
  // Registered before anything protects the key.
  const open = createTestKey({ config: { extensions: [] } });
  await registerDiscoverable(open, 'resident');
  if (axes.pin === 'set') {
    const retries = { pinRetries: 8, uvRetries: 5, uvCount: 0 };
    const pin = { hash: pinHash('1234'), codePoints: 4, complex: false, ...retries };
    await open.store.write((writer) => writer.setPin(pin));
  }
  await open.store.write((writer) => {
    const state = writer.state();
    if (state !== undefined) writer.setState({ ...state, alwaysUv: axes.alwaysUv });
  });
  const verification = axes.verification === 'configured' ? 'succeed' : 'not-configured';
  return createTestKey({ store: open.store, config: keyConfig(axes), verification });
}

/** The members of a proof of this kind, with a fresh token of protocol two behind it. */
function proofMembers(key: TestKey, proof: RequestAxes['proof'], permission: 'mc' | 'ga') {
  if (proof === 'absent') return {};
  if (proof === 'empty') return { pinUvAuthParam: new Uint8Array(0) };
  const { tokens } = key.machine.session;
  const other = permission === 'mc' ? PERMISSIONS.ga : PERMISSIONS.mc;
  const token = tokens.issue(2, {
    permissions: proof === 'without permission' ? other : PERMISSIONS[permission],
    rpId: proof === 'for another relying party' ? 'example.com' : RP_ID,
    userIsPresent: false,
  });
  if (proof === 'of a consumed token') tokens.consume();
  const good = prove(key, token, 2);
  if (proof === 'with a wrong tag') return { ...good, pinUvAuthParam: new Uint8Array(32) };
  if (proof === 'without protocol') return { pinUvAuthParam: good.pinUvAuthParam };
  return proof === 'of an unknown protocol' ? { ...good, pinUvAuthProtocol: 3 } : good;
}

function requestOptions({ rk, up, uv }: RequestAxes) {
  return {
    options: {
      ...(rk === undefined ? {} : { rk }),
      ...(up === undefined ? {} : { up }),
      ...(uv === undefined ? {} : { uv }),
    },
  };
}

const flagNames = ({ up, uv }: { readonly up: boolean; readonly uv: boolean }) =>
  [...(up ? ['UP'] : []), ...(uv ? ['UV'] : [])].join(' ');

const stored = (key: TestKey) =>
  key.store.read((reader) => ({ credentials: reader.credentialCount(), counter: reader.counter() }));

describe('every combination of options', () => {
  it(`registers or refuses as the specification says: ${KEYS.length * REQUESTS.length} requests`, async () => {
    for (const keyAxes of KEYS) {
      const key = await keyIn(keyAxes);
      for (const [at, requestAxes] of REQUESTS.entries()) {
        const axes = { ...keyAxes, ...requestAxes };
        const before = await stored(key);
        const answer = await makeCredential(key, {
          ...requestOptions(axes),
          ...proofMembers(key, axes.proof, 'mc'),
          user: { id: Uint8Array.of(at >> 8, at) },
        });
        const said = JSON.stringify(axes);
        expect(answer.status, said).toBe(expectedStatus(REGISTRATION, axes));
        const kept = answer.value !== undefined && axes.rk === true ? 1 : 0;
        expect(await stored(key), said).toEqual({ ...before, credentials: before.credentials + kept });
        if (answer.value === undefined) continue;
        expect(flagsOf(answer.value), said).toBe(`${flagNames(expectedFlags(axes, false))} AT`);
        expect(key.machine.session.tokens.has('mc'), said).toBe(false);
      }
      expect(key.failures).toEqual([]);
    }
  });

  it(`asserts or refuses as the specification says: ${KEYS.length * REQUESTS.length} requests`, async () => {
    for (const keyAxes of KEYS) {
      const key = await keyIn(keyAxes);
      for (const requestAxes of REQUESTS) {
        const axes = { ...keyAxes, ...requestAxes };
        const before = await stored(key);
        const proof = proofMembers(key, axes.proof, 'ga');
        const answer = await getAssertion(key, { ...requestOptions(axes), ...proof });
        const said = JSON.stringify(axes);
        expect(answer.status, said).toBe(expectedStatus(ASSERTION, axes));
        const signed = answer.value === undefined ? 0 : 1;
        expect(await stored(key), said).toEqual({ ...before, counter: before.counter + signed });
        if (answer.value === undefined) continue;
        const silent = axes.up === false;
        expect(flagsOf(answer.value), said).toBe(flagNames(expectedFlags(axes, silent)));
        // A silent assertion leaves the token for the one that counts.
        if (axes.proof === 'valid') expect(key.machine.session.tokens.has('ga'), said).toBe(silent);
      }
      expect(key.failures).toEqual([]);
    }
  });

  it.each([
    [true, { undefined: true, false: true, true: true }],
    [false, { undefined: true, false: true, true: false }],
    [undefined, { undefined: true, false: false, true: false }],
  ] as const)('takes rk as a key whose own option is %s does', async (own, accepted) => {
    for (const rk of TRISTATE) {
      const key = createTestKey({ config: { options: { rk: own } } });
      const { status } = await makeCredential(key, { options: rk === undefined ? {} : { rk } });
      const expected = accepted[`${rk}` as keyof typeof accepted];
      expect(status, `${rk}`).toBe(expected ? 'CTAP1_ERR_SUCCESS' : 'CTAP2_ERR_UNSUPPORTED_OPTION');
    }
  });
});
