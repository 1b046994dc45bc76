/**
 * The adapter format: a relying party described in YAML.
 *
 * Every verb has `http` (requests, and how to read the answers) and may have `page` (what a person does on the pages, for browser runs).
 * A verb that is missing is a capability that the relying party doesn't have here; what needs it is skipped with that reason.
 * The JSON Schema for editors is `z.toJSONSchema(adapterSchema, { io: 'input' })`.
 */
import { z } from 'zod';
import { checkReferences } from './adapter-references.js';
import { jsonPathSchema, ruleSchema } from './adapter-rules.js';
import { httpStepSchema, pageStepSchema, sourceSchema } from './adapter-steps.js';
import type { PlaceholderName } from './adapter-templates.js';

/** Answers with any of these are refusals unless the adapter says otherwise. */
const DEFAULT_REFUSED = { status: '4xx' } as const;

const success = ruleSchema.describe('how an accepted answer is recognised');
const refused = ruleSchema
  .default(DEFAULT_REFUSED)
  .describe('how a refusal is recognised; by default any 4xx');

/** A duration such as `10s`, in milliseconds. */
const durationSchema = z
  .string()
  .regex(/^\d{1,6}(ms|s|m)$/, 'expected a duration such as 500ms, 10s or 2m')
  .transform((text) => {
    const unit = text.endsWith('ms') ? 1 : text.endsWith('s') ? 1_000 : 60_000;
    return Number.parseInt(text, 10) * unit;
  });

const originSchema = z
  .string()
  .refine(isOrigin, 'expected an origin such as http://localhost:3000, without a path')
  .transform((text) => new URL(text).origin);

function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, origin, href } = new URL(text);
  return (protocol === 'http:' || protocol === 'https:') && (href === `${origin}/` || href === origin);
}

function steps(names: readonly PlaceholderName[]) {
  return z.array(httpStepSchema(names)).min(1);
}

function page(names: readonly PlaceholderName[]) {
  return z.array(pageStepSchema(names)).min(1).optional().describe('the same on the pages, for browser runs');
}

/** A verb with one answer that is judged. */
function judged(names: readonly PlaceholderName[], pageNames = names) {
  return z.strictObject({
    http: z.strictObject({ steps: steps(names), success, refused }),
    page: page(pageNames),
  });
}

/** A ceremony: options from the server, a response to it. */
function ceremony(names: readonly PlaceholderName[]) {
  return z.strictObject({
    http: z.strictObject({
      options: steps([...names, 'wishes']).describe(
        'requests that end with the options for navigator.credentials',
      ),
      extract: sourceSchema
        .default({ json: [] })
        .describe('where the options are in the last answer; by default the whole body'),
      submit: steps([...names, 'credential']).describe(
        'requests that hand the response over; the last answer is judged',
      ),
      success,
      refused,
    }),
    page: page(names),
  });
}

const methodNames = z.array(z.union([z.string(), z.number()])).min(1);

const methods = z.strictObject({
  http: z.strictObject({
    steps: steps(['user']),
    preferred: sourceSchema.describe('the method offered first'),
    available: sourceSchema.optional().describe('the list of methods; by default only the preferred one'),
    names: z
      .strictObject({ passkey: methodNames, password: methodNames })
      .default({ passkey: ['passkey'], password: ['password'] })
      .describe("the relying party's own words for the methods"),
  }),
  page: page(['user']),
});

const whoami = z.strictObject({
  http: z
    .strictObject({
      steps: steps([]),
      name: sourceSchema.optional().describe('where the answer has the username'),
      email: sourceSchema.optional().describe('where it has the e-mail address, if it has no username'),
      anonymous: ruleSchema
        .default({ status: 401 })
        .describe('an answer that means: nobody is signed in. An empty name in a 2xx answer means the same'),
    })
    .refine(
      ({ name, email }) => (name === undefined) !== (email === undefined),
      'expected either name or email',
    ),
  page: page([]),
});

const credentialList = z.strictObject({
  http: z.strictObject({
    steps: steps([]),
    items: jsonPathSchema.describe('where the list is'),
    id: jsonPathSchema.describe('the credential id in one item, base64url'),
    name: jsonPathSchema.optional().describe('the name in one item'),
    handle: jsonPathSchema.optional().describe('what delete calls the item, if not by its credential id'),
  }),
  page: page([]),
});

const createUser = z.strictObject({
  http: z.strictObject({
    steps: steps(['user']),
    success,
    exists: ruleSchema.optional().describe('an answer that means: this account is there already'),
  }),
  page: page(['user']),
});

const target = z.strictObject({
  baseUrl: originSchema.optional().describe('where requests go; a preset takes it from the command line'),
  origin: originSchema.optional().describe('the origin of the pages; by default baseUrl'),
  rpId: z.string().min(1).optional().describe('the RP ID; by default the host of the origin'),
});

const policy = z.strictObject({
  userVerification: z.enum(['required', 'preferred', 'discouraged']).default('preferred'),
});

const limits = z.strictObject({
  timeout: durationSchema.default(10_000).describe('for one request and its answer'),
  bodyBytes: z.int().min(1).max(16_777_216).default(1_048_576).describe('of one answer'),
  throttleRetries: z.int().min(0).max(20).default(3).describe('how often a 429 is waited out'),
  throttleWait: durationSchema.default(30_000).describe('what 429s of one request may cost in all'),
});

/** The whole file. */
export const adapterSchema = z
  .strictObject({
    version: z.literal(1),
    name: z.string().min(1).describe('for people'),
    target: target.default({}),
    policy: policy.prefault({}).describe('what the relying party is held to'),
    limits: limits.prefault({}),
    users: z
      .strictObject({
        create: createUser.optional(),
        login: judged(['user'])
          .optional()
          .describe('gets a user signed in without a passkey where there is no password sign-in'),
      })
      .prefault({}),
    signIn: z
      .strictObject({
        methods: methods.optional(),
        username: ceremony(['user']).optional(),
        usernameless: ceremony([]).optional(),
        password: judged(['user']).optional(),
      })
      .prefault({}),
    register: ceremony(['user']).optional(),
    whoami: whoami.optional(),
    credentials: z
      .strictObject({ list: credentialList.optional(), delete: judged(['credentialId']).optional() })
      .prefault({}),
    signOut: z.strictObject({ http: z.strictObject({ steps: steps([]) }), page: page([]) }).optional(),
  })
  .superRefine((adapter, context) => {
    if (adapter.users.login !== undefined && adapter.signIn.password !== undefined) {
      context.addIssue({
        code: 'custom',
        path: ['users', 'login'],
        message: 'expected either users.login or signIn.password: both sign a user in without a passkey',
      });
    }
    checkReferences(adapter, (path, message) =>
      context.addIssue({ code: 'custom', path: [...path], message }),
    );
  });

/** A checked adapter: defaults filled in, paths, patterns and templates parsed. */
export type Adapter = z.output<typeof adapterSchema>;

/** What a ceremony does over HTTP. */
export type CeremonyHttp = NonNullable<Adapter['register']>['http'];

/** A verb with one judged answer. */
export type JudgedHttp = NonNullable<Adapter['signIn']['password']>['http'];
