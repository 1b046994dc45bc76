/**
 * Which of the values that an adapter saves are credentials, so that no trace and no message may show them.
 *
 * Told from the adapter alone, before anything was saved: a token has to be hidden in the very answer that brings it. Everything else that
 * is saved (a flow's id, the options themselves) stays readable, for it is what one looks for in a trace.
 */
import { visit } from './adapter-references.js';
import type { Adapter } from './adapter-schema.js';
import { isSecretName } from './http-redaction.js';
import { type JsonPath, readJsonPath } from './json-path.js';
import { Template } from './template.js';

/** The saved values of one adapter that are secrets. */
export class SavedSecrets {
  /** Each starts with the saved value's name. */
  readonly #paths: readonly JsonPath[];

  constructor(adapter: Adapter) {
    const paths: JsonPath[] = [];
    visit(adapter, [], (value, path) => {
      if (value instanceof Template) paths.push(...sentAsSecret(value, path));
      else if (path.at(-2) === 'save' && isNamedSecret(String(path.at(-1)), value))
        paths.push([String(path.at(-1))]);
    });
    this.#paths = paths;
  }

  /** The secrets among saved values, by name; of a structure every text and number in it. */
  in(saved: Iterable<readonly [string, unknown]>): string[] {
    const values = Object.fromEntries(saved);
    return this.#paths.flatMap((path) => leavesOf(readJsonPath(values, path)));
  }
}

/** Saved under a secret's name, or from where secrets are: a cookie, `$.access_token`, the header `x-csrf-token`. */
function isNamedSecret(name: string, source: unknown): boolean {
  const json = readJsonPath(source, ['json']);
  const place = readJsonPath(source, ['header']) ?? (Array.isArray(json) ? json.at(-1) : undefined);
  const isCookie = readJsonPath(source, ['cookie']) !== undefined;
  return isCookie || [name, place].some((one) => typeof one === 'string' && isSecretName(one));
}

/** The saved values that `template`, which stands at `path` of the adapter, sends as a credential. */
function sentAsSecret(template: Template, path: readonly PropertyKey[]): JsonPath[] {
  // No header carries text for people. In bodies the name of the member or field decides.
  const isSecretPlace = path.at(-2) === 'headers' || isSecretName(String(path.at(-1)));
  return template.parts.flatMap((part, index): JsonPath[] => {
    if (typeof part === 'string' || part.path[0] !== 'saved') return [];
    return isSecretPlace || isSecretName(nameBefore(template.parts[index - 1])) ? [part.path.slice(1)] : [];
  });
}

/** `token` in `/verify?token=${…}`, and in a body that is written as text. */
function nameBefore(part: Template['parts'][number] | undefined): string {
  return (typeof part === 'string' ? /([\w.-]+)["']?\s*[=:]\s*["']?$/.exec(part)?.[1] : undefined) ?? '';
}

function leavesOf(value: unknown): string[] {
  if (typeof value === 'string' || typeof value === 'number') return [String(value)];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(leavesOf) : [];
}
