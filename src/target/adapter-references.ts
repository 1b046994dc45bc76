/**
 * Names that an adapter uses must be names that it makes: `${saved.x}` needs a step that saves `x`.
 */
import { nearestName } from '../data/nearest-name.js';
import { Template } from './template.js';

type Path = readonly PropertyKey[];

/** Reports every reference to a saved value that no step saves. */
export function checkReferences(adapter: object, report: (path: Path, message: string) => void): void {
  const saved = new Set<string>();
  visit(adapter, [], (value, path) => {
    if (path.at(-1) === 'save' && isRecord(value)) for (const name of Object.keys(value)) saved.add(name);
  });
  visit(adapter, [], (value, path) => {
    if (!(value instanceof Template)) return;
    for (const name of namesUnder(value, 'saved'))
      if (!saved.has(name)) report(path, unknownName(name, saved));
  });
}

/** Whether any placeholder in `part` of an adapter starts with `name`. */
export function usesPlaceholder(part: unknown, name: string): boolean {
  let used = false;
  visit(part, [], (value) => {
    used ||= value instanceof Template && value.placeholders.some(({ path }) => path[0] === name);
  });
  return used;
}

function namesUnder(template: Template, root: string): string[] {
  return template.placeholders
    .filter(({ path }) => path[0] === root)
    .map(({ path }) => String(path[1] ?? ''));
}

function unknownName(name: string, known: ReadonlySet<string>): string {
  const nearest = nearestName(name, known);
  const hint = nearest === undefined ? '' : `; did you mean "${nearest}"?`;
  return `expected a value that some step saves in \${saved.${name}}${hint}`;
}

/** Calls `see` for every value of an adapter with its path, from the outside in. Templates are leaves. */
export function visit(value: unknown, path: Path, see: (value: unknown, path: Path) => void): void {
  see(value, path);
  if (value instanceof Template || value instanceof RegExp) return;
  if (!isRecord(value)) return;
  for (const [key, inner] of Object.entries(value))
    visit(inner, [...path, Array.isArray(value) ? Number(key) : key], see);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
