/**
 * `--list`: what would run, for people and for programs.
 */
import type { PlannedRun } from '../scenarios/plan.js';

/** Between the columns. */
const GAP = 2;

/** The list as lines, or as JSON. */
export function listing(runs: readonly PlannedRun[], json: boolean): string {
  if (json) return `${JSON.stringify(runs.map(asData), null, 2)}\n`;
  const width = Math.max(0, ...runs.map(({ id }) => id.length)) + GAP;
  return runs.map((run) => `${asLine(run, width)}\n`).join('');
}

function asLine({ id, scenario, skip }: PlannedRun, width: number): string {
  const { level, severity, clause } = scenario;
  const rule = [level, severity, clause].filter((part) => part !== undefined).join(', ');
  const more = skip === undefined ? '' : `  SKIP: ${skip}`;
  return `${id.padEnd(width)}${scenario.title}${rule === '' ? '' : `  [${rule}]`}${more}`;
}

/** The members that a result of this run will have, as far as they are known, and why it would be skipped. */
function asData({ id, scenario, target, platform, browser, devices, skip }: PlannedRun) {
  const { title, kind = 'scenario', level, severity, clause } = scenario;
  return {
    id,
    title,
    kind,
    level,
    severity,
    clause,
    target,
    platform: browser === undefined ? platform : `${platform}/${browser}`,
    devices: devices.map(({ profile }) => profile),
    skip,
  };
}
