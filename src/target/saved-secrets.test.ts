// biome-ignore-all lint/suspicious/noTemplateCurlyInString: adapters' placeholders look like this.
import { describe, expect, it } from 'vitest';
import { ada, json, type Route, type Shop, shop } from '../../test/targets/shop.js';
import { parseYaml } from '../data/located-yaml.js';
import { adapterSchema } from './adapter-schema.js';
import { SavedSecrets } from './saved-secrets.js';

const VALUE = 'q7rKx0vZ93';

/** A sign-in with a password in two steps: the first saves `ref`, the second is what the test gives. */
function adapterText(save: string, second: string): string {
  return `version: 1
name: Two steps
users:
  login:
    http:
      steps:
        - get: /start
          save: { ${save} }
        - ${second}
      success: { status: 200 }
`;
}

function secretsOf(save: string, second: string): string[] {
  const adapter = parseYaml(adapterSchema, adapterText(save, second), 'a.yaml', 'adapter-invalid');
  return new SavedSecrets(adapter).in([['ref', VALUE]]);
}

describe('a saved value', () => {
  it.each([
    ['goes out as Authorization', '{ post: /go, headers: { Authorization: "Bearer ${saved.ref}" } }'],
    ['goes out in any header', '{ post: /go, headers: { x-anything: "${saved.ref}" } }'],
    ['goes out as a cookie', '{ post: /go, headers: { cookie: "a=b; sid=${saved.ref}" } }'],
    ['goes out in a field with a secret name', '{ post: /go, form: { csrf: "${saved.ref}" } }'],
    ['goes out deep in a JSON body', '{ post: /go, json: { a: [{ authToken: "${saved.ref}" }] } }'],
    ['goes out in a query', '{ get: "/go?a=b&token=${saved.ref}" }'],
    ['goes out in a body of text', '{ post: /go, body: "csrf=${saved.ref}" }'],
  ])('is a secret where it %s', (_, second) => {
    expect(secretsOf('ref: $.ref', second)).toEqual([VALUE]);
  });

  it.each([
    ['a cookie', 'ref: { cookie: sid }'],
    ['a member with a secret name', 'ref: $.data.access_token'],
    ['a header with a secret name', 'ref: { header: x-csrf-token }'],
  ])('is a secret where it is taken from %s', (_, save) => {
    expect(secretsOf(save, '{ get: "/go/${saved.ref}" }')).toEqual([VALUE]);
  });

  it('is none where nothing says so', () => {
    expect(secretsOf('ref: $.id', '{ post: "/go/${saved.ref}", json: { flow: "${saved.ref}" } }')).toEqual(
      [],
    );
  });

  it('hides what is in it where it is a structure', () => {
    const adapter = adapterText('ref: $', '{ post: /go, headers: { x: "${saved.ref|json}" } }');
    const secrets = new SavedSecrets(parseYaml(adapterSchema, adapter, 'a.yaml', 'adapter-invalid'));
    expect(secrets.in([['ref', { a: [VALUE, 12_345], b: null }]])).toEqual([VALUE, '12345']);
  });
});

describe('an exchange', () => {
  const save = 'ref: $.ref';
  const second =
    '{ post: "/go/${saved.ref}", headers: { Authorization: "Bearer ${saved.ref}" }, json: { again: "${saved.ref}" } }';

  async function signIn(routes: Readonly<Record<string, Route>>): Promise<[outcome: unknown, shop: Shop]> {
    const party = shop(routes, adapterText(save, second));
    return [await party.target.openSession('a').signInWithPassword(ada), party];
  }

  const started = () => json({ ref: VALUE });

  it('shows a saved secret nowhere, not even in the answer that brings it', async () => {
    const [outcome, { events, sent }] = await signIn({
      'GET /start': () => json({ greeting: `hello ${VALUE}`, ref: VALUE }),
      [`POST /go/${VALUE}`]: (_, body) => json({ wrong: body }, { status: 401 }),
    });
    expect(sent[1]?.headers.get('authorization')).toBe(`Bearer ${VALUE}`);
    expect(outcome).toMatchObject({ verdict: 'refused', status: 401 });
    expect(events).toHaveLength(4);
    expect(JSON.stringify([outcome, events])).not.toContain(VALUE);
  });

  it('shows none in a message about a first step that failed', async () => {
    const [outcome, { events }] = await signIn({ 'GET /start': () => json({ ref: VALUE }, { status: 403 }) });
    expect(outcome).toMatchObject({ verdict: 'refused', detail: expect.stringContaining('[redacted]') });
    expect(JSON.stringify([outcome, events])).not.toContain(VALUE);
  });

  it('shows none in a message about a broken connection', async () => {
    const [outcome, { events }] = await signIn({
      'GET /start': started,
      [`POST /go/${VALUE}`]: () => Promise.reject(new TypeError('fetch failed')),
    });
    expect(outcome).toMatchObject({
      verdict: 'crashed',
      detail: expect.stringMatching(/^POST \/go\/\[redacted\]/),
    });
    expect(JSON.stringify([outcome, events])).not.toContain(VALUE);
  });

  it('shows none in a message about redirects without an end', async () => {
    const route = () => new Response(null, { status: 307, headers: { location: `/go/${VALUE}` } });
    const failure = await signIn({ 'GET /start': started, [`POST /go/${VALUE}`]: route }).catch(
      (error) => error,
    );
    expect(failure).toMatchObject({ code: 'target-answer', facts: { last: '/go/[redacted]' } });
    expect(String(failure)).not.toContain(VALUE);
  });

  it('shows none that a newer one has replaced', async () => {
    const values = [VALUE, 'another-one'];
    const party = shop(
      {
        'GET /start': () => json({ ref: values.shift() }),
        'POST /go/another-one': () => json({ before: VALUE }),
      },
      adapterText(save, second),
    );
    const session = party.target.openSession('a');
    await session.signInWithPassword(ada);
    await session.signInWithPassword(ada);
    expect(JSON.stringify(party.events)).not.toMatch(new RegExp(`${VALUE}|another-one`));
  });
});
