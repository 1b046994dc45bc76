/** What docs/conformance.md says of relying parties that nobody here wrote. Their tests hold it to what the suite says. */
import { fail } from 'node:assert';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunReport } from '../../src/scenarios/results.js';
import { nameIn, ROOT, readPage } from '../docs/markdown.js';

const PAGE = 'docs/conformance.md';

/** The columns of the table; each heading has the version that is installed. */
const COLUMNS = {
  betterAuth: { at: 1, name: 'Better Auth', package: 'better-auth' },
  authJs: { at: 2, name: 'Auth.js', package: '@auth/core' },
} as const;

/** The verdict on each check, by its id, as the page has it. */
export function publishedVerdicts(relyingParty: keyof typeof COLUMNS): Readonly<Record<string, string>> {
  const { at, name, package: tested } = COLUMNS[relyingParty];
  const heading = `| ${name} ${pinnedVersion(tested)} |`;
  if (!readFileSync(join(ROOT, PAGE), 'utf8').includes(heading)) fail(`${PAGE} has no column ${heading}`);
  const rows = readPage(PAGE).table("What it says of other people's code");
  return Object.fromEntries(rows.map((row) => [nameIn(row[0]), row[at] ?? '']));
}

/** The verdict on each check, by its id. */
export function verdictsById({ results }: RunReport): Readonly<Record<string, string>> {
  return Object.fromEntries(results.map(({ id, verdict }) => [id, verdict]));
}

/** The reason of each check that has one, by its id. */
export function reasonsById({ results }: RunReport): Readonly<Record<string, string>> {
  return Object.fromEntries(
    results.flatMap(({ id, reason }) => (reason === undefined ? [] : [[id, reason] as const])),
  );
}

function pinnedVersion(name: string): string {
  const { devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  return devDependencies[name];
}
