/**
 * Many keys, each played with until its end; the first disagreement is cut down to the shortest sequence that shows it.
 */
import { COMMANDS } from '../../ctap/commands.js';
import { toHex } from '../../data/bytes.js';
import { COMMANDS_OF_THE_KEY } from '../commands/table.js';
import { createDice, type Dice, damagedMessage, judge } from '../fuzz.suite.js';
import { Player, type Tally } from './player.suite.js';
import { shapedMessage } from './shaped.suite.js';
import { drawLife, type Step } from './steps.suite.js';
import { createU2fVictim, judgeU2f, stillSigns, u2fJunk } from './u2f-junk.suite.js';
import { bytesOf, createVictim } from './victim.suite.js';

/** How far to go. */
export interface FuzzOptions {
  /** From 1. */
  readonly seed: number;
  /** Messages to send at least. */
  readonly messages: number;
  /** Whether time is over. */
  readonly isLate?: () => boolean;
  /** Called between two keys, with the messages so far. */
  readonly onKey?: (messages: number) => void;
  /** Another player, for tests of this. */
  readonly createPlayer?: (tally: Tally) => Pick<Player, 'play'>;
}

/** What went wrong, and how to see it again. */
export interface FuzzFailure {
  readonly reason: string;
  /** The shortest sequence found; empty where a single message did it, which the reason has in hex. */
  readonly steps: readonly Step[];
}

/** What came of it. */
export interface FuzzReport {
  readonly messages: number;
  readonly keys: number;
  /** By the names of the commands of the key. */
  readonly commands: ReadonlyMap<string, { readonly sent: number; readonly done: number }>;
  readonly failure: FuzzFailure | undefined;
}

/** Steps of one key's life. */
const LIFE = 80;
/** Messages of junk at once. */
const JUNK = 12;
/** Of junk for a victim. */
const VICTIM_MESSAGES = 1_000;
/** Milliseconds of real time after which a step hangs: nothing in it waits for anybody. */
const PATIENCE = 30_000;
/** Attempts at a shorter sequence. */
const CUTS = 300;

/** Plays until there are enough messages, time is over, or something is wrong. */
export async function runFuzz(options: FuzzOptions): Promise<FuzzReport> {
  const tally: Tally = new Map();
  const sent = () => [...tally.values()].reduce((sum, one) => sum + one.sent, 0);
  let keys = 0;
  let failure: FuzzFailure | undefined;
  while (failure === undefined && sent() < options.messages && options.isLate?.() !== true) {
    const seed = mixed(options.seed, keys);
    failure = await lives[keys % lives.length]?.(seed, tally, options.createPlayer ?? newPlayer);
    keys += 1;
    options.onKey?.(sent());
  }
  const commands = [
    ...COMMANDS_OF_THE_KEY.map((name) => [name, tally.get(COMMANDS[name]) ?? NOTHING] as const),
    ['U2F', tally.get(U2F) ?? NOTHING] as const,
  ];
  return { messages: sent(), keys, commands: new Map(commands), failure };
}

const NOTHING = { sent: 0, done: 0 };
/** Stands for all of U2F, which has no command bytes. */
const U2F = -2;

const newPlayer = (tally: Tally) => new Player(tally);

/** Seeds next to each other give sequences that have nothing in common. */
function mixed(seed: number, key: number): number {
  return (Math.imul(seed, 0x9e37_79b1) ^ Math.imul(key + 1, 0x85eb_ca6b)) | 1;
}

type CreatePlayer = NonNullable<FuzzOptions['createPlayer']>;

async function live(seed: number, tally: Tally, create: CreatePlayer): Promise<FuzzFailure | undefined> {
  const dice = createDice(seed);
  const steps = drawLife(dice, LIFE, JUNK);
  const reason = await outcome(steps, tally, create);
  if (reason === undefined) return undefined;
  return shortest(steps, reason, create);
}

/** What is wrong with a sequence, `undefined` when nothing is. */
async function outcome(
  steps: readonly Step[],
  tally: Tally,
  create: CreatePlayer,
): Promise<string | undefined> {
  const player = create(tally);
  for (const [at, step] of steps.entries()) {
    const wrong = await unlessHanging(player.play(step));
    if (wrong !== undefined) return `step ${at + 1}: ${wrong}`;
  }
  return undefined;
}

/** What a promise is rejected with, in words; or that it takes for ever. */
async function unlessHanging(played: Promise<void>): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const hanging = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve('the key hangs'), PATIENCE);
  });
  const ended = played.then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  const wrong = await Promise.race([ended, hanging]);
  clearTimeout(timer);
  return wrong;
}

/** Leaves out as much as possible, halves first, then less, as long as something is wrong without it. */
async function shortest(all: readonly Step[], reason: string, create: CreatePlayer): Promise<FuzzFailure> {
  let best = { reason, steps: all };
  let cuts = 0;
  const attempt = async (steps: readonly Step[]): Promise<boolean> => {
    cuts += 1;
    const wrong = await outcome(steps, new Map(), create);
    if (wrong !== undefined) best = { reason: wrong, steps };
    return wrong !== undefined;
  };
  // Nothing behind the failing step matters.
  await attempt(all.slice(0, Number(/^step (\d+)/.exec(reason)?.[1] ?? all.length)));
  for (let size = Math.ceil(best.steps.length / 2); size >= 1 && cuts < CUTS; size = Math.floor(size / 2)) {
    for (let at = 0; at < best.steps.length && cuts < CUTS; ) {
      const without = [...best.steps.slice(0, at), ...best.steps.slice(at + size)];
      if (without.length === 0 || !(await attempt(without))) at += size;
    }
  }
  for (const [at, step] of best.steps.entries()) {
    for (let count = 1; step.do === 'junk' && count < step.count; count *= 2)
      if (await attempt(best.steps.with(at, { ...step, count }))) break;
  }
  return best;
}

/** Junk for a key that has everything, fingers and previews too. */
async function torment(seed: number, tally: Tally): Promise<FuzzFailure | undefined> {
  const dice = createDice(seed);
  const { key, good } = await createVictim();
  const messages = good.map(bytesOf);
  for (let at = 0; at < VICTIM_MESSAGES; at++) {
    const victim = messages[dice.below(messages.length)] ?? Uint8Array.of(4);
    const message = junkFor(dice, victim);
    const judged = judge(key, message, (answer) => count(tally, message[0] ?? -1, answer[0] === 0));
    const wrong = await unlessHanging(judged.then(complain));
    if (wrong !== undefined) return { reason: `${wrong} (at ${toHex(message)})`, steps: [] };
    key.keepAlives.length = 0;
  }
  return undefined;
}

/** Now and then it is as good as it was. */
function junkFor(dice: Dice, good: Uint8Array): Uint8Array {
  const kind = dice.below(12);
  if (kind === 0) return good;
  return kind < 4 ? shapedMessage(dice) : damagedMessage(dice, good);
}

/** The same over U2F. */
async function tormentU2f(seed: number, tally: Tally): Promise<FuzzFailure | undefined> {
  const dice = createDice(seed);
  const { key, good } = await createU2fVictim();
  for (let at = 0; at < VICTIM_MESSAGES; at++) {
    const message = u2fJunk(dice, good);
    const before = await key.store.read((reader) => reader.counter());
    const wrong = await unlessHanging(judgeU2f(key, message).then(complain));
    if (wrong !== undefined) return { reason: wrong, steps: [] };
    const after = await key.store.read((reader) => reader.counter());
    count(tally, U2F, after > before);
  }
  const wrong = await stillSigns(key);
  return wrong === undefined ? undefined : { reason: wrong, steps: [] };
}

/** Kinds of lives in turn: the victims know commands that the model does not. */
const lives: readonly ((
  seed: number,
  tally: Tally,
  create: CreatePlayer,
) => Promise<FuzzFailure | undefined>)[] = [live, live, live, torment, live, live, live, tormentU2f];

function complain(fault: string | undefined): void {
  if (fault !== undefined) throw new TypeError(fault);
}

function count(tally: Tally, byte: number, done: boolean): void {
  const entry = tally.get(byte) ?? { sent: 0, done: 0 };
  tally.set(byte, { sent: entry.sent + 1, done: entry.done + (done ? 1 : 0) });
}
