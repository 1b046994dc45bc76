/**
 * Takes a page of ours apart, strictly, for tests: whatever is not a tag that we write ends it.
 */
import { KeyrigError } from '../../errors.js';

/** One opening tag. */
export interface Tag {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** What a page consists of. */
export interface Page {
  readonly tags: readonly Tag[];
  /** Text between tags, still escaped. */
  readonly texts: readonly string[];
  readonly scripts: readonly string[];
  readonly styles: readonly string[];
}

const TOKEN =
  /<!doctype html>|<(script|style)>([\s\S]*?)<\/\1>|<(\/?)([a-z][a-z0-9]*)((?:\s+[a-zA-Z-]+(?:="[^"<>]*")?)*)\s*\/?>|([^<]+)/y;

/** Reads a page. Text may hold no `<`, `>` or bare `&`; attributes stand in double quotes. */
export function parsePage(page: string): Page {
  const parts = { tags: [] as Tag[], texts: [] as string[], scripts: [] as string[], styles: [] as string[] };
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < page.length) {
    const at = TOKEN.lastIndex;
    const found = TOKEN.exec(page);
    if (found === null) throw new KeyrigError('internal', `not a page of ours: ${page.slice(at, at + 80)}`);
    const [, raw, content = '', closing, name, attributes = '', text] = found;
    if (raw === 'script') parts.scripts.push(content);
    else if (raw === 'style') parts.styles.push(content);
    else if (text !== undefined) parts.texts.push(checkedText(text));
    else if (name !== undefined && closing === '')
      parts.tags.push({ name, attributes: readAttributes(attributes) });
  }
  return parts;
}

function checkedText(text: string): string {
  if (/>|&(?!amp;|lt;|gt;|quot;|#39;)/.test(text)) throw new KeyrigError('internal', `not escaped: ${text}`);
  return text;
}

function readAttributes(source: string): Record<string, string> {
  const pairs = [...source.matchAll(/([a-zA-Z-]+)(?:="([^"]*)")?/g)];
  return Object.fromEntries(pairs.map(([, name = '', value = '']) => [name, checkedText(value)]));
}

/** The page's text as a reader sees it, on one line. */
export function readableText(page: string): string {
  const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', '#39': "'" };
  const text = parsePage(page).texts.join(' ');
  return text
    .replaceAll(/&(lt|gt|amp|quot|#39);/g, (_, name: string) => entities[name] ?? '')
    .replaceAll(/\s+/g, ' ');
}
