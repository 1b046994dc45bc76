/** The tables of docs/adapters.md list what the adapter format has, no more and no less. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { allSchemas } from '../../src/cli/schemas.js';
import { ruleSchema } from '../../src/target/adapter-rules.js';
import { adapterSchema } from '../../src/target/adapter-schema.js';
import { httpStepSchema, pageStepSchema, sourceSchema } from '../../src/target/adapter-steps.js';
import { PLACEHOLDER_NAMES } from '../../src/target/adapter-templates.js';
import { listPresets } from '../../src/target/presets.js';
import type { TargetCapability } from '../../src/target/target.js';
import { TEMPLATE_FILTERS } from '../../src/target/template.js';
import { column, nameIn, namesIn, namesOf, readPage, sorted } from './markdown.js';
import { membersAt, valuesAt } from './schema.js';

const page = readPage('docs/adapters.md');
const { adapter } = allSchemas();
const verbs = page.table('Verbs');

/** The names in the first column of a table. */
function listed(heading: string): readonly string[] {
  return column(page.table(heading));
}

/** What is filled in for an adapter that says nothing. */
const defaults = adapterSchema.parse({ version: 1, name: 'nothing' });

describe('docs/adapters.md', () => {
  it('lists the keys of target', () => {
    expect(sorted(listed('Where it is'))).toEqual(membersAt(adapter, 'target'));
  });

  it('lists the presets', async () => {
    expect(listed('Presets')).toEqual(await listPresets());
  });

  it('lists the verbs', () => {
    const grouped = ['users', 'signIn', 'credentials'];
    const inGroups = grouped.flatMap((group) => membersAt(adapter, group).map((name) => `${group}.${name}`));
    expect(sorted(listed('Verbs'))).toEqual(sorted([...inGroups, 'register', 'whoami', 'signOut']));
  });

  it.each(verbs)('lists the keys of %s', (verb, _, keys) => {
    expect(sorted(namesIn(keys))).toEqual(membersAt(adapter, ...nameIn(verb).split('.'), 'http'));
  });

  it('lists the capabilities', () => {
    const capabilities = namesOf<TargetCapability>({
      users: true,
      register: true,
      'signIn.username': true,
      'signIn.usernameless': true,
      'signIn.password': true,
      'signIn.methods': true,
      whoami: true,
      'credentials.list': true,
      'credentials.delete': true,
      signOut: true,
      'options.wishes': true,
    });
    const fromVerbs = new Set(verbs.map(([, capability]) => nameIn(capability)));
    expect(sorted([...fromVerbs, 'options.wishes'])).toEqual(sorted(capabilities));
  });

  it.each(verbs)('says which placeholders %s may use', (verb, _, __, names) => {
    const steps = stepTemplatesOf(nameIn(verb));
    for (const name of Object.keys(PLACEHOLDER_NAMES).filter((one) => !ALWAYS.includes(one)))
      expect([name, steps(name)]).toEqual([name, namesIn(names).includes(name)]);
  });

  it('lists the keys of a step, a value, a rule and a page step', () => {
    const schemaOf = (schema: z.ZodType) => z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
    expect(sorted(listed('Steps'))).toEqual(membersAt(schemaOf(httpStepSchema([]))));
    expect(sorted(listed('Rules'))).toEqual(membersAt(schemaOf(ruleSchema)));
    const [, places] = unionOf(schemaOf(sourceSchema));
    expect(sorted(listed('Values'))).toEqual(membersAt(places));
    const steps = unionOf(schemaOf(pageStepSchema([]))).map((one) =>
      membersAt(one).filter((key) => key !== 'with'),
    );
    expect(sorted(listed('Pages'))).toEqual(sorted(steps.flat()));
  });

  it('lists placeholders and filters', () => {
    expect(listed('Placeholders')).toEqual(Object.keys(PLACEHOLDER_NAMES));
    expect(page.table('Filters')).toEqual(
      Object.entries(TEMPLATE_FILTERS).map(([name, meaning]) => [`\`${name}\``, meaning]),
    );
  });

  it('lists the policy, its values and defaults', () => {
    for (const [key, values, meaning] of page.table('What it is held to')) {
      expect(namesIn(values)).toEqual(valuesAt(adapter, 'policy', nameIn(key)));
      expect(meaning).toContain(`By default \`${Reflect.get(defaults.policy, nameIn(key))}\``);
    }
    expect(sorted(listed('What it is held to'))).toEqual(membersAt(adapter, 'policy'));
  });

  it('lists the limits and their defaults', () => {
    const rows = page.table('Limits').map(([key, , value]) => [nameIn(key), inMilliseconds(nameIn(value))]);
    expect(Object.fromEntries(rows)).toEqual(defaults.limits);
  });
});

/** Names that every place knows. */
const ALWAYS: readonly string[] = ['saved', 'origin', 'rpId', 'baseUrl'];

function unionOf(schema: Readonly<Record<string, unknown>>): readonly Readonly<Record<string, unknown>>[] {
  return z.array(z.record(z.string(), z.unknown())).parse(schema.anyOf);
}

function inMilliseconds(text: string): number {
  const [, number, unit] = /^(\d+)(s?)$/.exec(text) ?? [];
  return Number(number) * (unit === 's' ? 1_000 : 1);
}

/** Tells whether some step of a verb takes a placeholder. */
function stepTemplatesOf(verb: string): (name: string) => boolean {
  const rule = { status: 200 };
  return (name) => {
    const step = [{ post: '/x', json: { it: `\${${name === 'user' ? 'user.name' : sample(name)}}` } }];
    const plain = [{ post: '/x' }];
    const http = {
      'signIn.methods': [{ steps: step, preferred: '$' }],
      'users.create': [{ steps: step, success: rule }],
      whoami: [{ steps: step, name: '$' }],
      'credentials.list': [{ steps: step, items: '$', id: '$' }],
      signOut: [{ steps: step }],
    }[verb] ?? [
      { steps: step, success: rule },
      { options: step, submit: plain, success: rule },
      { options: plain, submit: step, success: rule },
    ];
    return http.some((one) => adapterSchema.safeParse(adapterWith(verb, one)).success);
  };
}

function sample(name: string): string {
  return name === 'wishes' ? 'wishes.hints' : name;
}

function adapterWith(verb: string, http: object): object {
  const [group = '', name] = verb.split('.');
  const value = { http };
  return { version: 1, name: 'one verb', [group]: name === undefined ? value : { [name]: value } };
}
