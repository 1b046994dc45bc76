/**
 * Steps of a sequence as plain data, so that a failing sequence can be printed, cut and played again.
 */
import type { Dice } from '../fuzz.suite.js';

/** Permissions of tokens that the model knows. */
export type Permission = 'mc' | 'ga' | 'cm' | 'lbw' | 'acfg';

export const RP_IDS = ['a.example', 'b.example', 'c.example'] as const;
export type RpId = (typeof RP_IDS)[number];

/** The last one is too short for any policy. */
export const PINS = ['1234', '567890', 'abcdefgh', '12'] as const;

/** The user handles of all accounts. */
export const USERS = ['ada', 'bob', 'cyd'] as const;

/** With which token a request is proven: none, the newest, the one before, or one that never was. */
export type ProofKind = 'none' | 'token' | 'old' | 'forged';

/** One step. Numbers name things by position, counted round. */
export type Step =
  | {
      readonly do: 'register';
      readonly rp: number;
      readonly user: number;
      readonly discoverable: boolean;
      readonly protect: number;
      readonly exclude: number | undefined;
      readonly proof: ProofKind;
    }
  | {
      readonly do: 'assert';
      readonly rp: number;
      readonly allow: number | undefined;
      readonly up: boolean;
      readonly proof: ProofKind;
    }
  | { readonly do: 'next' | 'info' | 'retries' | 'power-cycle' | 'reset' | 'cancelled' | 'read-blobs' }
  | { readonly do: 'set-pin'; readonly pin: number }
  | { readonly do: 'change-pin'; readonly from: number; readonly to: number }
  | {
      readonly do: 'token';
      readonly pin: number;
      readonly permissions: readonly Permission[];
      readonly rp: number | undefined;
    }
  | { readonly do: 'always-uv' | 'force-change' | 'survey'; readonly proof: ProofKind }
  | { readonly do: 'least-pin'; readonly length: number; readonly proof: ProofKind }
  | { readonly do: 'delete' | 'update'; readonly credential: number; readonly proof: ProofKind }
  | {
      readonly do: 'write-blobs';
      readonly length: number;
      readonly whole: boolean;
      readonly proof: ProofKind;
    }
  | { readonly do: 'wait'; readonly milliseconds: number }
  | {
      readonly do: 'junk';
      readonly kind: 'random' | 'damaged' | 'shaped';
      readonly seed: number;
      readonly count: number;
    };

const WAITS = [1, 900, 5_000, 10_001, 29_999, 30_001, 600_001] as const;
const PERMISSION_SETS: readonly (readonly Permission[])[] = [
  ['mc', 'ga'],
  ['mc'],
  ['ga', 'lbw'],
  ['cm'],
  ['acfg'],
  ['lbw'],
  ['mc', 'ga', 'cm', 'lbw', 'acfg'],
];

/** How often each kind of step comes. Much junk, because it is cheap, and a PIN that is right more often than not. */
const WEIGHTS: Readonly<Record<Step['do'], number>> = {
  register: 14,
  assert: 16,
  next: 10,
  info: 2,
  retries: 2,
  'power-cycle': 3,
  reset: 2,
  cancelled: 1,
  'read-blobs': 2,
  'set-pin': 4,
  'change-pin': 4,
  token: 16,
  'always-uv': 2,
  'force-change': 1,
  survey: 4,
  'least-pin': 1,
  delete: 3,
  update: 3,
  'write-blobs': 5,
  wait: 6,
  junk: 30,
};

const KINDS = Object.entries(WEIGHTS).flatMap(([kind, weight]) =>
  Array.from({ length: weight }, () => kind as Step['do']),
);

/** The next step. `junk` is how many messages of junk come at once. */
export function drawStep(dice: Dice, junk: number): Step {
  const one = <T>(list: readonly T[], usual: T): T => list[dice.below(list.length)] ?? usual;
  const proof = (): ProofKind =>
    one<ProofKind>(['token', 'token', 'token', 'token', 'none', 'none', 'old', 'forged'], 'none');
  const some = (limit: number) => (dice.below(2) === 0 ? undefined : dice.below(limit));
  const kind = one(KINDS, 'info');
  switch (kind) {
    case 'register': {
      const what = { rp: dice.below(3), user: dice.below(3), discoverable: dice.below(3) > 0 };
      return { do: kind, ...what, protect: dice.below(4), exclude: some(8), proof: proof() };
    }
    case 'assert':
      return { do: kind, rp: dice.below(3), allow: some(12), up: dice.below(4) > 0, proof: proof() };
    case 'set-pin':
      return { do: kind, pin: dice.below(PINS.length) };
    case 'change-pin':
      return { do: kind, from: dice.below(PINS.length), to: dice.below(PINS.length) };
    case 'token':
      return {
        do: kind,
        pin: dice.below(3) > 0 ? -1 : dice.below(PINS.length),
        permissions: one(PERMISSION_SETS, []),
        rp: dice.below(4) === 0 ? undefined : dice.below(3),
      };
    case 'always-uv':
    case 'force-change':
    case 'survey':
      return { do: kind, proof: proof() };
    case 'least-pin':
      return { do: kind, length: 3 + dice.below(5), proof: proof() };
    case 'delete':
    case 'update':
      return { do: kind, credential: dice.below(12), proof: proof() };
    case 'write-blobs':
      return {
        do: kind,
        length: one([17, 17, 100, 500, 1_024, 1_025], 17),
        whole: dice.below(5) > 0,
        proof: proof(),
      };
    case 'wait':
      return { do: kind, milliseconds: one(WAITS, 1) };
    case 'junk':
      return {
        do: kind,
        kind: one(['random', 'damaged', 'damaged', 'shaped'], 'random'),
        seed: 1 + dice.below(2 ** 30),
        count: junk,
      };
    default:
      return { do: kind };
  }
}

/** A life of so many steps. What takes several steps to come to is drawn together, because by chance it hardly ever comes. */
export function drawLife(dice: Dice, length: number, junk: number): readonly Step[] {
  const steps: Step[] = [];
  while (steps.length < length) {
    const step = drawStep(dice, junk);
    steps.push(step);
    if (step.do === 'assert') steps.push(...afterAssertion(dice, step));
  }
  return steps;
}

/** Nothing more, or the next account: at once, late, by a token that has ended meanwhile, or behind another command. */
function afterAssertion(dice: Dice, step: Extract<Step, { readonly do: 'assert' }>): readonly Step[] {
  const wait = (milliseconds: number): Step => ({ do: 'wait', milliseconds });
  const silent = { ...step, allow: undefined, up: false, proof: 'token' } as const;
  switch (dice.below(8)) {
    case 0:
      return [{ do: 'next' }];
    case 1:
      return [wait(29_999), { do: 'next' }, wait(2), { do: 'next' }];
    case 2:
      return [wait(30_001), { do: 'next' }];
    case 3: {
      const token = { do: 'token', pin: -1, permissions: ['ga'], rp: step.rp } as const;
      return [token, silent, wait(590_000), silent, wait(10_000), wait(dice.below(2)), { do: 'next' }];
    }
    case 4:
      return [{ do: dice.below(2) === 0 ? 'info' : 'cancelled' }, { do: 'next' }];
    default:
      return [];
  }
}
