/**
 * The JSON Schemas that come with the package, `keyrig/schemas/*.schema.json`: for editors, and for readers of reports.
 */
import { z } from 'zod';
import { platformProfileSchema } from '../platform/profile.js';
import { reportJsonSchema } from '../report/json.js';
import { deviceProfileSchema } from '../rig/device-profile.js';
import { yamlScenarioSchema } from '../scenarios/yaml-schema.js';
import { adapterSchema } from '../target/adapter-schema.js';

/** A JSON Schema, as plain data. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What people write: the schema before defaults are filled in. */
function written(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
}

/** Every schema by the name of its file. */
export function allSchemas(): Readonly<Record<string, JsonSchema>> {
  return {
    adapter: written(adapterSchema),
    device: written(deviceProfileSchema),
    platform: written(platformProfileSchema),
    scenario: written(yamlScenarioSchema),
    report: reportJsonSchema(),
  };
}
