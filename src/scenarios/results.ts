/**
 * The one result model: what a run yields, as data, with its schema.
 *
 * `report.json` is this and nothing else; every other report is a pure function of it.
 */
import { z } from 'zod';

/** Every verdict, in words for people. */
export const VERDICTS = {
  PASS: 'the rule held, and the evidence shows it',
  FAIL: 'the rule was broken',
  WARN: 'a recommendation was not followed',
  CRASH: 'refused, but by falling over instead of answering',
  INCONCLUSIVE: 'nothing can be said: the control failed, or the oracle was unsure',
  SKIP: 'not run, with the reason',
  OBS: 'measured and reported, not judged',
} as const;

export type Verdict = keyof typeof VERDICTS;

const verdict = z.enum(Object.keys(VERDICTS) as [Verdict, ...Verdict[]]);

/** One thing that was done or checked inside of a result. */
export const stepSchema = z.strictObject({
  title: z.string(),
  outcome: z.enum(['ok', 'failed', 'observed']),
  detail: z.string().optional(),
  /** Milliseconds since the start of the result, by the run's clock. */
  at: z.number(),
});

/** A measured value: first screen, default choice, clicks. */
export const observationSchema = z.strictObject({
  name: z.string(),
  value: z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]),
});

/** An event of the trace, kept open: its members are described by its layer. */
export const eventSchema = z.looseObject({
  sequence: z.number().int(),
  at: z.number(),
  layer: z.enum(['ctap', 'webauthn', 'prompt', 'user', 'http', 'scenario']),
  kind: z.string(),
});

/** One scenario or check in one setting. */
export const resultSchema = z.strictObject({
  /** Stable: `sign-in-username`, `AUTH-20`; with a variant after a slash. */
  id: z.string(),
  title: z.string(),
  kind: z.enum(['scenario', 'check']),
  verdict,
  /** Why, in one line; always there unless PASS. */
  reason: z.string().optional(),
  /** Where the failure was: code, where and hint of the KeyrigError that ended it. */
  error: z
    .strictObject({
      code: z.string(),
      message: z.string(),
      where: z.string().optional(),
      hint: z.string().optional(),
    })
    .optional(),
  level: z.enum(['MUST', 'SHOULD', 'HARD', 'POL', 'ACC', 'OBS']).optional(),
  severity: z.enum(['critical', 'high', 'medium', 'low']).optional(),
  /** Where the rule is written, e.g. `WebAuthn L3 §7.2 step 21`. */
  clause: z.string().optional(),
  target: z.string().optional(),
  platform: z.string().optional(),
  devices: z.array(z.string()),
  /** True when a platform's screens were simulated from sources rather than observed. */
  simulated: z.boolean(),
  startedAt: z.string(),
  durationMs: z.number(),
  steps: z.array(stepSchema),
  observations: z.array(observationSchema),
  events: z.array(eventSchema),
});

/** A whole run. */
export const reportSchema = z.strictObject({
  schema: z.literal('keyrig-report/1'),
  tool: z.strictObject({ name: z.literal('keyrig'), version: z.string(), node: z.string() }),
  startedAt: z.string(),
  endedAt: z.string(),
  /** Given or drawn: the run can be repeated with it. */
  seed: z.string(),
  command: z.string(),
  /** True when the run was interrupted and the results are those until then. */
  interrupted: z.boolean(),
  results: z.array(resultSchema),
  totals: z.record(verdict, z.number().int()),
});

export type Step = z.infer<typeof stepSchema>;
export type Observation = z.infer<typeof observationSchema>;
export type Result = z.infer<typeof resultSchema>;
export type RunReport = z.infer<typeof reportSchema>;

/** Counts results by verdict; every verdict is present. */
export function countVerdicts(results: readonly Pick<Result, 'verdict'>[]): Record<Verdict, number> {
  const totals: Record<Verdict, number> = {
    PASS: 0,
    FAIL: 0,
    WARN: 0,
    CRASH: 0,
    INCONCLUSIVE: 0,
    SKIP: 0,
    OBS: 0,
  };
  for (const result of results) totals[result.verdict] += 1;
  return totals;
}

/**
 * The exit code of a run: 1 when a rule was broken (FAIL or CRASH); else 2 when keyrig or what it was given failed, or when nothing could be
 * judged at all, so that a relying party that is down, refuses everything or can do nothing that was asked does not look like one that passed;
 * else 0. No results at all are 0: a shard may be empty.
 */
export function exitCodeOf(results: readonly Pick<Result, 'verdict' | 'error'>[]): 0 | 1 | 2 {
  if (results.some(({ verdict }) => verdict === 'FAIL' || verdict === 'CRASH')) return 1;
  if (results.some(({ error }) => error !== undefined)) return 2;
  const isSilent = ({ verdict }: Pick<Result, 'verdict'>) => verdict === 'INCONCLUSIVE' || verdict === 'SKIP';
  return results.length > 0 && results.every(isSilent) ? 2 : 0;
}
