/**
 * The steps of an adapter's verbs: HTTP requests, and what a person does on the relying party's own pages.
 */
import { z } from 'zod';
import { jsonPathSchema, patternSchema, ruleSchema } from './adapter-rules.js';
import { type PlaceholderName, templateSchemas } from './adapter-templates.js';

/** The request methods that a step can have, by their key in the YAML. */
export const STEP_METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** Where a value is taken from: a path into the JSON body alone, or one named place. */
export const sourceSchema = z
  .union([
    jsonPathSchema,
    z.strictObject({
      json: jsonPathSchema.optional().describe('a path into the JSON body'),
      header: z.string().min(1).optional().describe('an answer header'),
      cookie: z.string().min(1).optional().describe('a cookie of this session'),
      text: patternSchema
        .optional()
        .describe('a regular expression on the body; its first group is the value'),
      decode: z.literal('json').optional().describe('the value is JSON in a string'),
    }),
  ])
  .transform((source) => (isPath(source) ? { json: source } : source))
  .superRefine(({ decode: _, ...places }, context) => {
    if (Object.keys(places).length === 1) return;
    context.addIssue({ code: 'custom', message: 'expected exactly one of json, header, cookie and text' });
  });

/** Where a value is taken from. */
export type Source = z.output<typeof sourceSchema>;

function isPath(source: unknown): source is z.output<typeof jsonPathSchema> {
  return Array.isArray(source);
}

/** HTTP steps in which placeholders may name `names`. */
export function httpStepSchema(names: readonly PlaceholderName[]) {
  const { text, json } = templateSchemas(names);
  // A pattern of the text itself, so that the JSON Schema says it too. Slashes and backslashes begin a host, and URLs skip tabs and line
  // ends (URL §4.4).
  const path = z
    .string()
    .regex(/^\/(?![\t\r\n]*[/\\])/, 'expected a path that starts with /, and not with // or /\\')
    .pipe(text);
  return z
    .strictObject({
      get: path.optional().describe('the path of a GET request; placeholders are percent-encoded'),
      post: path.optional().describe('the path of a POST request'),
      put: path.optional().describe('the path of a PUT request'),
      patch: path.optional().describe('the path of a PATCH request'),
      delete: path.optional().describe('the path of a DELETE request'),
      headers: z.record(z.string().min(1), text).optional().describe('request headers'),
      json: json.optional().describe('a JSON body'),
      form: z.record(z.string(), text).optional().describe('an application/x-www-form-urlencoded body'),
      body: text.optional().describe('a body sent as it is; say its content-type in headers'),
      redirects: z
        .enum(['follow', 'stop'])
        .default('follow')
        .describe('stop: the redirect itself is the answer'),
      expect: ruleSchema
        .optional()
        .describe('what must hold for the next step to make sense; by default a status below 400'),
      save: z
        .record(z.string().min(1), sourceSchema)
        .optional()
        .describe('values for placeholders (saved.NAME) of later steps'),
    })
    .superRefine((step, context) => {
      if (STEP_METHODS.filter((method) => step[method] !== undefined).length !== 1) {
        context.addIssue({ code: 'custom', message: `expected exactly one of ${STEP_METHODS.join(', ')}` });
      }
      if ([step.json, step.form, step.body].filter((body) => body !== undefined).length > 1) {
        context.addIssue({ code: 'custom', message: 'expected at most one of json, form and body' });
      }
    });
}

/** One HTTP request of a verb. */
export type HttpStep = z.output<ReturnType<typeof httpStepSchema>>;

/** How a page step finds an element, the way a person would: by role and name, by label, by text; by CSS when nothing else will do. */
function locatorSchema(names: readonly PlaceholderName[]) {
  const { text } = templateSchemas(names);
  return z.union([
    z.strictObject({ role: z.string().min(1), name: text.optional() }),
    z.strictObject({ label: text }),
    z.strictObject({ text }),
    z.strictObject({ css: z.string().min(1) }),
  ]);
}

/**
 * Steps on the relying party's own pages. They are checked with the rest of the adapter and carried out by a browser run; runs over HTTP
 * don't look at them.
 */
export function pageStepSchema(names: readonly PlaceholderName[]) {
  const { text } = templateSchemas(names);
  const locator = locatorSchema(names);
  return z.union([
    z.strictObject({ open: text.describe('a path to go to') }),
    z.strictObject({ click: locator }),
    z.strictObject({ fill: locator, with: text }),
    z.strictObject({ press: z.string().min(1).describe('a key, e.g. Enter') }),
    z.strictObject({ see: locator.describe('an element that must appear') }),
    z.strictObject({
      ceremony: z.enum(['create', 'get']).describe('the page calls navigator.credentials now'),
    }),
  ]);
}

/** One thing that a person does or sees on a page. */
export type PageStep = z.output<ReturnType<typeof pageStepSchema>>;
