/** docs/performance.md says of every row of the benchmark what it is, and shows no row that there isn't. What is fast, no test asks. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { namesIn, ROOT, readPage, sorted } from './markdown.js';

const row = z.object({ id: z.string(), title: z.string(), against: z.string(), aim: z.string().default('') });
const { ROWS } = z
  .object({ ROWS: z.array(row) })
  .parse(await import(pathToFileURL(join(ROOT, 'bench/rows.mjs')).href));
const page = readPage('docs/performance.md');

it('docs/performance.md says what is behind every row', () => {
  const named = page.table('What is behind the rows').flatMap(([ids]) => namesIn(ids));
  expect(sorted(named)).toEqual(sorted(ROWS.map(({ id }) => id)));
});

it('docs/performance.md shows measured rows in their order, with their aims', () => {
  const line = (cells: readonly (string | undefined)[]) => cells.join(' | ');
  const measured = page.table('As measured').map((cells) => line([cells[0], cells[2], cells[6]]));
  const all = ROWS.map(({ title, against, aim }) => line([title, against, aim]));
  expect(measured).toEqual(all.filter((one) => measured.includes(one)));
});
