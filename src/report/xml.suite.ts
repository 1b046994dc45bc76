/**
 * A strict reader of the XML that reports use, for tests: anything that XML 1.0 doesn't allow ends it.
 */
import { KeyrigError } from '../errors.js';

/** An element. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  readonly text: string;
}

/** XML 1.0 §2.2: what a document may hold at all. */
const LEGAL = /^[\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]*$/u;
const NAME = String.raw`[A-Za-z_][\w.-]*`;
const OPEN = new RegExp(String.raw`<(${NAME})((?:\s+${NAME}="[^"<]*")*)\s*(/?)>`, 'y');
const CLOSE = new RegExp(String.raw`</(${NAME})\s*>`, 'y');
const CDATA = /<!\[CDATA\[([\s\S]*?)\]\]>/y;
const TEXT = /[^<]+/y;

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function refuse(why: string, at: number): never {
  throw new KeyrigError('internal', `not well-formed: ${why}`, { where: `offset ${at}` });
}

function decode(raw: string, at: number): string {
  return raw.replaceAll(/&([^;\s]*);?/g, (whole, name: string) => {
    if (!whole.endsWith(';')) refuse(`a bare & in ${raw}`, at);
    const code = /^#x([0-9a-f]+)$/i.exec(name)?.[1] ?? undefined;
    if (code !== undefined) return String.fromCodePoint(Number.parseInt(code, 16));
    return ENTITIES[name] ?? refuse(`the entity ${whole}`, at);
  });
}

/** Reads a whole document and gives its root element. */
export function parseXml(document: string): XmlElement {
  if (!LEGAL.test(document)) refuse('a character that XML does not allow', 0);
  const head =
    /^<\?xml version="1\.0" encoding="UTF-8"\?>\s*/.exec(document)?.[0] ?? refuse('no declaration', 0);
  const reader = { document, at: head.length };
  const root = readElement(reader);
  if (document.slice(reader.at).trim() !== '') refuse('something after the root element', reader.at);
  return root;
}

interface Reader {
  readonly document: string;
  at: number;
}

function take(reader: Reader, pattern: RegExp): RegExpExecArray | undefined {
  pattern.lastIndex = reader.at;
  const found = pattern.exec(reader.document) ?? undefined;
  if (found !== undefined) reader.at += found[0].length;
  return found;
}

function readElement(reader: Reader): XmlElement {
  const start = take(reader, OPEN) ?? refuse('no element', reader.at);
  const name = start[1] ?? '';
  const attributes = readAttributes(start[2] ?? '', reader.at);
  if (start[3] === '/') return { name, attributes, children: [], text: '' };
  const children: XmlElement[] = [];
  let text = '';
  for (;;) {
    const closing = take(reader, CLOSE);
    if (closing !== undefined) {
      if (closing[1] !== name) refuse(`</${closing[1]}> closes <${name}>`, reader.at);
      return { name, attributes, children, text };
    }
    const section = take(reader, CDATA) ?? undefined;
    const plain = section === undefined ? take(reader, TEXT) : undefined;
    if (section !== undefined) text += section[1];
    else if (plain !== undefined) text += readText(plain[0], reader.at);
    else children.push(readElement(reader));
  }
}

function readText(raw: string, at: number): string {
  if (raw.includes(']]>')) refuse(']]> in text', at);
  return decode(raw, at);
}

function readAttributes(source: string, at: number): Record<string, string> {
  const pairs = [...source.matchAll(/([\w.-]+)="([^"]*)"/g)].map(([, name = '', value = '']) => [
    name,
    decode(value, at),
  ]);
  const attributes = Object.fromEntries(pairs);
  if (Object.keys(attributes).length !== pairs.length) refuse('an attribute twice', at);
  return attributes;
}

/** All elements of this name, at any depth. */
export function elements(root: XmlElement, name: string): readonly XmlElement[] {
  const own = root.name === name ? [root] : [];
  return [...own, ...root.children.flatMap((child) => elements(child, name))];
}
