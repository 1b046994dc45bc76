/** Links lead somewhere, files that are named exist, and what pages say of formats, codes and defaults is what the code has. */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allSchemas } from '../../src/cli/schemas.js';
import { allPages, type Found, type Page, ROOT } from './markdown.js';

const pages = allPages();
const byPath = new Map(pages.map((page) => [page.path, page]));
const rooms = readdirSync(join(ROOT, 'src'));

/** Why a link leads nowhere; nothing for addresses on the web. */
function deadEnd(page: Page, { text }: Found): string | undefined {
  if (/^[a-z]+:/.test(text)) return undefined;
  const [path = '', anchor] = text.split('#');
  const target = path === '' ? page.path : normalize(join(dirname(page.path), path));
  if (!existsSync(join(ROOT, target))) return `there is no ${target}`;
  const anchors = byPath.get(target)?.anchors;
  if (anchor === undefined || anchors === undefined || anchors.has(anchor)) return undefined;
  return `${target} has no heading for #${anchor}`;
}

/** The path in the repository that a piece of code names, if it names one. */
function namedPath(code: string): string | undefined {
  if (/[\s<>*{}$…]/.test(code)) return undefined;
  if (/^(?:src|test|profiles|docs|scripts|bench)\//.test(code)) return code;
  const room = code.split('/')[0] ?? '';
  return /\.ts$/.test(code) && code.includes('/') && rooms.includes(room) ? `src/${code}` : undefined;
}

describe.each(pages.map((page) => [page.path, page] as const))('%s', (_, page) => {
  it('links to what is there', () => {
    const dead = page.links.map((link) => [link.where, deadEnd(page, link)]);
    expect(dead.filter(([, problem]) => problem !== undefined)).toEqual([]);
  });

  it('names files that are there', () => {
    const missing = page.code.filter(({ text }) => {
      const path = namedPath(text);
      return path !== undefined && !existsSync(join(ROOT, path));
    });
    expect(missing).toEqual([]);
  });

  it('names schemas that there are', () => {
    const named = page.code.flatMap(
      ({ text }) => /^keyrig\/schemas\/(.*)\.schema\.json$/.exec(text)?.[1] ?? [],
    );
    for (const name of named.filter((one) => one !== '*')) expect(Object.keys(allSchemas())).toContain(name);
  });

  it('holds no path of anybody’s machine', () => {
    const texts = [...page.code, ...page.blocks].filter(({ text }) =>
      /(?:^|[\s"'`])\/(?:work|home|root|Users|tmp)\//.test(text),
    );
    expect(texts).toEqual([]);
  });
});

describe('the pages', () => {
  it('can all be reached from the front page and its first steps', () => {
    const doors = ['README.md', 'docs/getting-started.md'].flatMap((path) =>
      (byPath.get(path)?.links ?? []).map(({ text }) =>
        normalize(join(dirname(path), text.split('#')[0] ?? '')),
      ),
    );
    for (const { path } of pages) if (path.startsWith('docs/')) expect(doors).toContain(path);
  });
});
