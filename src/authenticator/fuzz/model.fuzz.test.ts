/**
 * A short, seeded slice of `npm run fuzz`: sequences of commands, with junk between them, against the model.
 */
import { describe, expect, it } from 'vitest';
import { Disagreement, Player } from './player.suite.js';
import { runFuzz } from './run.suite.js';
import type { Step } from './steps.suite.js';

const MESSAGES = 40_000;

describe('a key', () => {
  it(`agrees with its model over ${MESSAGES} messages in sequences`, async () => {
    const { failure, commands } = await runFuzz({ seed: 7, messages: MESSAGES });
    expect(failure).toBeUndefined();
    // Every command that there is was sent, and taken: a new one needs a good request, in the victim at least.
    for (const [name, { sent, done }] of commands) {
      expect([name, sent > 100]).toEqual([name, true]);
      expect([name, done > 0]).toEqual([name, true]);
    }
  });
});

describe('the search', () => {
  /** Goes wrong at the second assertion after a power cycle. */
  function createBrokenPlayer() {
    let cycled = false;
    let assertions = 0;
    return {
      async play(step: Step): Promise<void> {
        if (step.do === 'power-cycle') cycled = true;
        if (step.do === 'assert' && cycled) assertions += 1;
        if (assertions === 2) throw new Disagreement('twice');
      },
    };
  }

  it('finds the shortest sequence', async () => {
    // Nobody counts messages here, so that only the failure ends it.
    const { failure } = await runFuzz({ seed: 1, messages: 1, createPlayer: createBrokenPlayer });
    expect(failure?.reason).toBe('step 3: twice');
    expect(failure?.steps.map((step) => step.do)).toEqual(['power-cycle', 'assert', 'assert']);
  });

  it('plays the same with the same seed', async () => {
    const [one, other] = [await figures(3), await figures(3)];
    expect(other).toEqual(one);
    expect(await figures(4)).not.toEqual(one);
  });

  async function figures(seed: number) {
    const { messages, commands } = await runFuzz({ seed, messages: 2_000 });
    return { messages, sent: [...commands.values()].map(({ sent }) => sent) };
  }

  it('plays steps that came out of print', async () => {
    const steps = JSON.parse(
      '[{"do":"set-pin","pin":0},{"do":"info"},{"do":"wait","milliseconds":5}]',
    ) as Step[];
    const player = new Player(new Map());
    for (const step of steps) await player.play(step);
  });
});
