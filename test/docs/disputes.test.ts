/** docs/disputes.md lists every switch, its values and its default, no more and no less. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DEFAULT_QUIRKS } from '../../src/authenticator/quirks.js';
import { nameIn, namesIn, ROOT, readPage, sorted } from './markdown.js';

const rows = readPage('docs/disputes.md').table('Switches');

/** The values are types, so that they have to be read where they are written. */
const source = readFileSync(join(ROOT, 'src/authenticator/quirks.ts'), 'utf8');
const declared = new Map(
  [...source.matchAll(/^ {2}readonly (\w+):((?:\s*\|?\s*'[\w-]+')+);$/gm)].map(([, name, union]) => [
    name,
    [...`${union}`.matchAll(/'([\w-]+)'/g)].map(([, value]) => value),
  ]),
);

it('docs/disputes.md has a row for every switch, in their order', () => {
  expect(rows.map(([name]) => nameIn(name))).toEqual(Object.keys(DEFAULT_QUIRKS));
  expect(rows.flatMap(([, point, , from]) => [point, from])).not.toContain('');
});

it.each(rows.map(([name, , values]) => [nameIn(name), namesIn(values)] as const))(
  'docs/disputes.md has the values of %s, the default first',
  (name, values) => {
    expect(sorted([...values])).toEqual(sorted([...(declared.get(name) ?? [])].map(String)));
    expect(values[0]).toBe(Reflect.get(DEFAULT_QUIRKS, name));
  },
);
