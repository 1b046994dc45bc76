/**
 * People made of rules: one who heads for a kind of device whatever the screens look like, one who follows written instructions to the letter.
 */
import type { ScriptedPerson } from '../rig/rig.js';
import type { PersonHabits } from './habits.js';
import { type Instruction, nextAction, parseInstruction } from './instructions.js';
import type { Person } from './ports.js';
import { decideWish, type Wish } from './wish.js';

/**
 * Heads for a kind of device on whatever screen is shown, and cancels where no way leads to one, or where three wrong PINs have made a key
 * want to be inserted again.
 *
 * @example
 * ```ts
 * const person = headsFor('security-key');
 * ```
 */
export function headsFor(wish: Wish, habits: PersonHabits = {}): Person {
  return { act: async (view) => decideWish(wish, habits, view) };
}

/**
 * Follows written instructions, one per action. Each ceremony needs a person of its own.
 *
 * Three things that people do without being told are done without an instruction: picking the first account when the instructions don't say
 * which, reading a list's heading that an instruction names, and leaving a key alone that is in already.
 *
 * @throws KeyrigError `platform-script` for an unknown instruction; later, from `act`, for one that the screen does not offer.
 *
 * @example
 * ```ts
 * follows(['select Security key', 'press Next', 'insert', 'pin', 'touch']);
 * ```
 */
export function follows(instructions: readonly string[], habits: PersonHabits = {}): Person {
  let rest: readonly Instruction[] = instructions.map(parseInstruction);
  return {
    act: async (view) => {
      const next = nextAction(rest, habits, view);
      rest = next.rest;
      return next.action;
    },
  };
}

/**
 * The person that a scenario scripts: what it says holds for every ceremony from then on, and each starts at the first instruction.
 */
export class ScriptedPeople implements ScriptedPerson {
  #make: (habits: PersonHabits) => Person;
  #habits: PersonHabits = {};

  /** @param wish What the person heads for until told otherwise. */
  constructor(wish: Wish = 'security-key') {
    this.#make = (habits) => headsFor(wish, habits);
  }

  wants(kind: 'security-key' | 'phone' | 'whatever-comes-first'): void {
    this.#make = (habits) => headsFor(kind, habits);
  }

  /** @throws KeyrigError `platform-script` for an unknown instruction. */
  follows(instructions: readonly string[]): void {
    for (const instruction of instructions) parseInstruction(instruction);
    const copy = [...instructions];
    this.#make = (habits) => follows(copy, habits);
  }

  picksAccount(name: string | undefined): void {
    this.#habits = name === undefined ? {} : { account: name };
  }

  /** A fresh person for the next ceremony. */
  next(): Person {
    return this.#make(this.#habits);
  }
}
