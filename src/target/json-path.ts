/**
 * The paths that adapters use to reach into JSON: a small, exact subset of JSONPath (RFC 9535).
 *
 * `$` is the whole value; `.name` and `["any name"]` step into an object, `[0]` into an array. No wildcards, filters, slices,
 * negative indexes or `..`: a path names one place.
 */

/** A parsed path: object keys and array indexes from the root. */
export type JsonPath = readonly (string | number)[];

const SEGMENT = /\.([A-Za-z_][\w-]*)|\[(\d{1,9})\]|\[("(?:[^"\\]|\\.)*")\]/y;

/**
 * Parses a path, or gives `undefined` when the text is none.
 *
 * @example
 * ```ts
 * parseJsonPath('$.users[0]["e-mail"]'); // ['users', 0, 'e-mail']
 * ```
 */
export function parseJsonPath(text: string): JsonPath | undefined {
  if (!text.startsWith('$')) return undefined;
  const path: (string | number)[] = [];
  SEGMENT.lastIndex = 1;
  while (SEGMENT.lastIndex < text.length) {
    const match = SEGMENT.exec(text);
    if (match === null) return undefined;
    const [, name, index, quoted] = match;
    const segment = name ?? (index === undefined ? unquote(quoted) : Number(index));
    if (segment === undefined) return undefined;
    path.push(segment);
  }
  return path;
}

/** The path as its author would write it. */
export function formatJsonPath(path: JsonPath): string {
  const segments = path.map((segment) => {
    if (typeof segment === 'number') return `[${segment}]`;
    return /^[A-Za-z_][\w-]*$/.test(segment) ? `.${segment}` : `[${JSON.stringify(segment)}]`;
  });
  return `$${segments.join('')}`;
}

/** What is at `path`, or `undefined` when nothing is. Only own members are seen. */
export function readJsonPath(value: unknown, path: JsonPath): unknown {
  let here = value;
  for (const segment of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, segment)) return undefined;
    if (Array.isArray(here) !== (typeof segment === 'number')) return undefined;
    here = Reflect.get(here, segment);
  }
  return here;
}

function unquote(quoted: string | undefined): string | undefined {
  if (quoted === undefined) return undefined;
  try {
    return String(JSON.parse(quoted));
  } catch {
    return undefined;
  }
}
