/** What a JSON Schema says, as far as tables repeat it. */
import { z } from 'zod';
import type { JsonSchema } from '../../src/cli/schemas.js';

/** The schema at a place: names of members, `[]` for the items of a list, `*` for members with names of somebody's own. */
function at(schema: JsonSchema | undefined, path: readonly string[]): JsonSchema {
  return path.reduce((here: JsonSchema, name) => {
    const whole = definite(here);
    return record(inner(whole, name));
  }, record(schema));

  /** References lead into the same document. */
  function definite(here: JsonSchema): JsonSchema {
    const [, name] = /^#\/\$defs\/(.*)$/.exec(String(here.$ref)) ?? [];
    return name === undefined ? here : record(record(schema?.$defs)[name]);
  }
}

function inner(schema: JsonSchema, name: string): unknown {
  if (name === '[]') return schema.items;
  return name === '*' ? schema.additionalProperties : record(schema.properties)[name];
}

function record(value: unknown): JsonSchema {
  return z.record(z.string(), z.unknown()).parse(value);
}

/** The names of the members at a place, sorted. */
export function membersAt(schema: JsonSchema | undefined, ...path: readonly string[]): readonly string[] {
  return Object.keys(record(at(schema, path).properties)).toSorted();
}

/** The values that the place may have. */
export function valuesAt(schema: JsonSchema | undefined, ...path: readonly string[]): readonly unknown[] {
  return z.array(z.unknown()).parse(at(schema, path).enum);
}
