/**
 * Text with `${…}` placeholders, as adapters write paths, headers and bodies.
 *
 * A placeholder is a dotted name, optionally with a filter: `${user.name}`, `${credential.response.signature}`, `${credential|json}`.
 * Names with other letters are quoted in brackets: `${saved["x-csrf"]}`. `$${` stands for a literal `${`.
 * A text that is one placeholder and nothing else keeps the value's type, so `"${credential}"` in a JSON body becomes the object.
 */
import { nearestName } from '../data/nearest-name.js';
import { type JsonPath, parseJsonPath, readJsonPath } from './json-path.js';

/** What a placeholder may do with its value on the way in. */
export const TEMPLATE_FILTERS = {
  json: 'the value as JSON text, for servers that want JSON inside of a string',
  base64: 'a base64url value in the standard alphabet with padding',
} as const;

type Filter = keyof typeof TEMPLATE_FILTERS;

/** One `${…}`. */
export interface Placeholder {
  /** The first name and what follows it. */
  readonly path: JsonPath;
  readonly filter: Filter | undefined;
}

/** The values that placeholders can name, by first name. */
export type TemplateScope = Readonly<Record<string, unknown>>;

/** A parsed template. */
export class Template {
  readonly source: string;
  readonly parts: readonly (string | Placeholder)[];

  private constructor(source: string, parts: readonly (string | Placeholder)[]) {
    this.source = source;
    this.parts = parts;
  }

  /** Parses `source`; a string is the description of what is wrong with it. */
  static parse(source: string): Template | string {
    const parts: (string | Placeholder)[] = [];
    let at = 0;
    for (const match of source.matchAll(/(\$?)\$\{([^}]*)(\}?)/g)) {
      const [whole, escaped, inside, end] = match;
      parts.push(source.slice(at, match.index));
      at = match.index + whole.length;
      if (escaped === '$') {
        parts.push(whole.slice(1));
        continue;
      }
      const placeholder = end === '}' ? parsePlaceholder(inside ?? '') : undefined;
      if (placeholder === undefined) return faultOf(whole, inside ?? '');
      parts.push(placeholder);
    }
    parts.push(source.slice(at));
    return new Template(
      source,
      parts.filter((part) => part !== ''),
    );
  }

  /** The placeholders in order. */
  get placeholders(): readonly Placeholder[] {
    return this.parts.filter((part) => typeof part !== 'string');
  }

  /** The value of a lone placeholder with its type, or the filled text. `undefined`: the one value that it names is absent. */
  value(scope: TemplateScope): unknown {
    const [only, more] = this.parts;
    if (only === undefined || typeof only === 'string' || more !== undefined) return this.text(scope);
    return placeholderValue(only, scope);
  }

  /**
   * The filled text. Absent values leave nothing behind; objects become JSON.
   *
   * @param encode Applied to every placeholder's value, e.g. `encodeURIComponent` in a path.
   */
  text(scope: TemplateScope, encode: (value: string) => string = (value) => value): string {
    return this.parts
      .map((part) => (typeof part === 'string' ? part : encode(asText(placeholderValue(part, scope)))))
      .join('');
  }
}

/** JSON in which every string is a template. */
export type JsonTemplate =
  | null
  | boolean
  | number
  | Template
  | readonly JsonTemplate[]
  | { readonly [key: string]: JsonTemplate };

/** Fills a JSON body. Members whose one placeholder is absent are left out; in arrays they become `null`. */
export function fillJson(template: JsonTemplate, scope: TemplateScope): unknown {
  if (template instanceof Template) return template.value(scope);
  if (isList(template)) return template.map((item) => fillJson(item, scope) ?? null);
  if (typeof template !== 'object' || template === null) return template;
  const filled = Object.entries(template).map(([key, value]) => [key, fillJson(value, scope)] as const);
  return Object.fromEntries(filled.filter(([, value]) => value !== undefined));
}

function isList(template: JsonTemplate): template is readonly JsonTemplate[] {
  return Array.isArray(template);
}

function parsePlaceholder(inside: string): Placeholder | undefined {
  const [name = '', filter, ...rest] = inside.split('|').map((word) => word.trim());
  const path = parseJsonPath(`$.${name}`);
  if (path === undefined || rest.length > 0 || !isFilter(filter)) return undefined;
  return { path, filter };
}

function faultOf(whole: string, inside: string): string {
  const [, filter, ...rest] = inside.split('|').map((word) => word.trim());
  if (isFilter(filter) || rest.length > 0)
    return `expected a placeholder such as \${user.name}, got ${whole}`;
  const filters = Object.keys(TEMPLATE_FILTERS);
  const near = nearestName(filter ?? '', filters);
  const hint = near === undefined ? '' : `; did you mean "${near}"?`;
  return `expected one of the filters ${filters.join(', ')}, got "${filter}" in ${whole}${hint}`;
}

function isFilter(name: string | undefined): name is Filter | undefined {
  return name === undefined || Object.hasOwn(TEMPLATE_FILTERS, name);
}

function placeholderValue({ path, filter }: Placeholder, scope: TemplateScope): unknown {
  const value = readJsonPath(scope, path);
  if (value === undefined || filter === undefined) return value;
  return filter === 'json' ? JSON.stringify(value) : toStandardBase64(asText(value));
}

function toStandardBase64(base64url: string): string {
  const unpadded = base64url.replaceAll('-', '+').replaceAll('_', '/');
  return unpadded.padEnd(Math.ceil(unpadded.length / 4) * 4, '=');
}

function asText(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
