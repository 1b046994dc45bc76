/** docs/disputes.md lists every switch, its values and its default, no more and no less. */
import { expect, it } from 'vitest';
import { PRODUCT_QUIRKS } from '../../src/authenticator/product-quirks.js';
import { QUIRKS, type QuirkName } from '../../src/authenticator/quirks.js';
import { nameIn, namesIn, readPage } from './markdown.js';

const page = readPage('docs/disputes.md');
const rows = [...page.table('Switches'), ...page.table('What products do')];

it('docs/disputes.md has a row for every switch, in their order', () => {
  expect(rows.map(([name]) => nameIn(name))).toEqual(Object.keys(QUIRKS));
  expect(page.table('What products do').map(([name]) => nameIn(name))).toEqual(Object.keys(PRODUCT_QUIRKS));
  expect(rows.flatMap(([, point, , from]) => [point, from])).not.toContain('');
});

it.each(rows.map(([name, , values]) => [nameIn(name) as QuirkName, namesIn(values)] as const))(
  'docs/disputes.md has the values of %s, the default first',
  (name, values) => {
    expect(values).toEqual(QUIRKS[name]);
  },
);
