/**
 * Colours of verdicts at a terminal.
 */
import pc from 'picocolors';
import type { Verdict } from '../scenarios/results.js';

/** Gives text a colour, or leaves it where there are none. */
export type Paint = (text: string) => string;

/** How each verdict is painted. */
export function verdictPaints(colours: boolean): Record<Verdict, Paint> {
  const c = pc.createColors(colours);
  return {
    PASS: c.green,
    FAIL: (text) => c.bold(c.red(text)),
    WARN: c.yellow,
    CRASH: (text) => c.bold(c.magenta(text)),
    INCONCLUSIVE: c.yellow,
    SKIP: c.dim,
    OBS: c.cyan,
  };
}
