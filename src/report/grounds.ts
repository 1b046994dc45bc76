/**
 * What the screens of a result rest on, read from its trace: the platform says at the end of each ceremony how it knew what it showed.
 */
import type { Result } from '../scenarios/results.js';
import { count } from './format.js';
import { memberOf, wordsIn } from './html/event-words.js';

/** Screens, then rules, by how they are known. */
export interface ScreenGrounds {
  /** Seen in a running browser. */
  readonly observed: readonly string[];
  /** Read in sources that anybody can read. */
  readonly published: readonly string[];
  readonly inferred: readonly string[];
}

/** The profiles' words for confidence. */
const KINDS: ReadonlyMap<string, keyof ScreenGrounds> = new Map([
  ['observed', 'observed'],
  ['H', 'published'],
  ['M', 'published'],
  ['L', 'inferred'],
]);

/** How far a result's screens are backed by observations of a running browser; `unknown` where its trace doesn't say. */
export type Backing = 'observed' | 'partly' | 'not' | 'unknown';

/** What a result's screens rest on; `undefined` when its trace doesn't say. */
export function groundsOf({ events }: Pick<Result, 'events'>): ScreenGrounds | undefined {
  const groups: Record<keyof ScreenGrounds, Set<string>> = {
    observed: new Set(),
    published: new Set(),
    inferred: new Set(),
  };
  const ends = events.filter((event) => event.layer === 'prompt' && event.kind === 'close');
  for (const [member, noun] of [
    ['screens', ''],
    ['rules', 'rule '],
  ] as const) {
    for (const { fields } of ends) {
      for (const [confidence, kind] of KINDS) {
        const names = wordsIn(memberOf(memberOf(fields, 'grounds'), confidence), member);
        for (const name of names) groups[kind].add(noun + name);
      }
    }
  }
  const { observed, published, inferred } = groups;
  if (observed.size + published.size + inferred.size === 0) return undefined;
  return { observed: [...observed], published: [...published], inferred: [...inferred] };
}

/** How far a result's screens are backed. */
export function backingOf(result: Pick<Result, 'events' | 'simulated'>): Backing {
  if (!result.simulated) return 'observed';
  const grounds = groundsOf(result);
  if (grounds === undefined) return 'unknown';
  return grounds.observed.length > 0 ? 'partly' : 'not';
}

/** One sentence for each way in which simulated screens are backed: `The screens of 2 results …`. */
export function simulatedNotes(results: readonly Pick<Result, 'events' | 'simulated'>[]): readonly string[] {
  const backings = results.map(backingOf);
  return SENTENCES.flatMap(([backing, rest]) => {
    const number = backings.filter((one) => one === backing).length;
    return number === 0 ? [] : [`The screens of ${count(number, 'result')} ${rest}`];
  });
}

const SENTENCES: readonly (readonly [Backing, string])[] = [
  ['not', 'follow published sources; no observation of a running browser backs them.'],
  ['partly', 'were seen in a running browser in part; the rest follows published sources.'],
  ['unknown', 'follow a profile that no running browser backs in full.'],
];
