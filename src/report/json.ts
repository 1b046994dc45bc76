/**
 * `report.json`: the result model itself, and its JSON Schema.
 */
import { z } from 'zod';
import { KeyrigError } from '../errors.js';
import { type RunReport, reportSchema } from '../scenarios/results.js';
import { redact } from '../trace/redact.js';

/** A JSON Schema, draft 2020-12. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * The report as indented JSON with a line feed at its end.
 *
 * @throws KeyrigError `internal` when the report does not match its own schema.
 */
export function renderJson(report: RunReport): string {
  const parsed = reportSchema.safeParse(redact(report));
  if (!parsed.success)
    throw new KeyrigError('internal', 'the report does not match its schema', {
      where: parsed.error.issues[0]?.path.join('.') ?? '',
      cause: parsed.error,
    });
  return `${JSON.stringify(parsed.data, null, 2)}\n`;
}

/** The JSON Schema of `report.json`, for editors and for whoever reads reports. */
export function reportJsonSchema(): JsonSchema {
  const schema = z.toJSONSchema(reportSchema, { target: 'draft-2020-12', io: 'output' });
  return { title: 'keyrig report', description: 'What one run of keyrig yielded.', ...schema };
}
