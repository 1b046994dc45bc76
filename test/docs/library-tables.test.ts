/** The tables of docs/library.md and docs/reports.md list what there is, no more and no less. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allSchemas } from '../../src/cli/schemas.js';
import { ERROR_CODES } from '../../src/errors.js';
import * as library from '../../src/index.js';
import * as scenarioApi from '../../src/scenarios/api.js';
import { VERDICTS } from '../../src/scenarios/results.js';
import type { TraceEvent } from '../../src/trace/events.js';
import { keyrig } from './commands.js';
import { column, nameIn, namesIn, namesOf, readPage, sorted } from './markdown.js';
import { membersAt } from './schema.js';

const page = readPage('docs/library.md');
const reports = readPage('docs/reports.md');
const { report } = allSchemas();

describe('docs/library.md', () => {
  it('lists the exports that are not explained with scenarios', () => {
    const explained = Object.keys(scenarioApi).filter((name) => name !== 'KeyrigError');
    const others = Object.keys(library).filter((name) => !explained.includes(name));
    expect(sorted(column(page.table('What there is')))).toEqual(sorted(others));
  });

  it('lists the error codes, in their words', () => {
    const rows = Object.entries(ERROR_CODES).map(([code, meaning]) => [`\`${code}\``, meaning]);
    expect(page.table('Errors')).toEqual(rows);
  });
});

describe('docs/reports.md', () => {
  it('lists the files that a run writes', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'keyrig-docs-'));
    await keyrig(['run', 'sign-in-usernameless', '--shard', '1/1'], folder);
    const files = await readdir(join(folder, 'reports/latest'));
    await rm(folder, { recursive: true });
    expect(sorted(column(reports.table('Reports')))).toEqual(sorted(files));
  });

  it('lists the members of a report and of a result', () => {
    expect(sorted(column(reports.table('report.json')))).toEqual(membersAt(report));
    expect(sorted(column(reports.table('Results')))).toEqual(membersAt(report, 'results', '[]'));
  });

  it('lists the layers of events', () => {
    const layers = namesOf<TraceEvent['layer']>({
      ...{ ctap: true, webauthn: true, prompt: true, user: true, http: true, scenario: true },
    });
    expect(column(reports.table('Events'))).toEqual(layers);
  });

  it('says of every verdict what JUnit makes of it', () => {
    const named = reports.table('junit.xml').flatMap(([verdicts]) => namesIn(verdicts));
    expect(sorted(named)).toEqual(sorted(Object.keys(VERDICTS)));
  });

  it('lists the schemas', () => {
    const files = Object.keys(allSchemas()).map((name) => `keyrig/schemas/${name}.schema.json`);
    expect(column(reports.table('JSON Schemas')).map(nameIn)).toEqual(files);
  });
});
