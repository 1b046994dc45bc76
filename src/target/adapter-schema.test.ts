// biome-ignore-all lint/suspicious/noTemplateCurlyInString: adapters' placeholders look like this.
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseYaml } from '../data/located-yaml.js';
import { formatError } from '../errors.js';
import { type Adapter, adapterSchema } from './adapter-schema.js';
import { readJsonPath } from './json-path.js';
import { listPresets, loadPreset } from './presets.js';

const GOOD = `version: 1
name: Shop
target:
  baseUrl: http://localhost:3000
policy:
  userVerification: required
register:
  http:
    options:
      - get: /csrf
        save: { csrf: { header: x-csrf } }
      - post: /register/options
        headers: { x-csrf: "\${saved.csrf}" }
        json: { user: "\${user.name}", hints: "\${wishes.hints}" }
    extract: $.publicKey
    submit:
      - post: /register
        json: { credential: "\${credential}" }
    success: { status: 200, json: $.ok, equals: true }
whoami:
  http:
    steps: [{ get: /me }]
    name: $.user
`;

function parse(text: string): Adapter {
  return parseYaml(adapterSchema, text, 'shop.yaml', 'adapter-invalid');
}

/** GOOD with one piece of text replaced, and what the failure says in one line. */
function faultOf(from: string, to: string): string {
  expect(GOOD).toContain(from);
  try {
    parse(GOOD.replace(from, to));
  } catch (error) {
    expect(error).toMatchObject({ code: 'adapter-invalid' });
    return formatError(error);
  }
  return 'no fault';
}

describe('the adapter format', () => {
  it('fills in what is not said', () => {
    const adapter = parse(GOOD);
    expect(adapter.limits).toEqual({
      timeout: 10_000,
      bodyBytes: 1_048_576,
      throttleRetries: 3,
      throttleWait: 30_000,
    });
    expect(adapter.policy).toEqual({ userVerification: 'required' });
    expect(adapter.register?.http.refused).toEqual({ status: '4xx' });
    expect(adapter.register?.http.extract).toEqual({ json: ['publicKey'] });
    expect(adapter.signIn).toEqual({});
  });

  it.each([
    [
      'an unknown verb',
      'whoami:',
      'whomai:',
      'shop.yaml:20:1: whomai: expected one of the keys version, name, target, policy, limits, users, signIn, register, whoami, credentials, signOut (did you mean "whoami"?)',
    ],
    [
      'an unknown key of a step',
      'post: /register\n',
      'pots: /register\n',
      'shop.yaml:17:9: register.http.submit[0].pots: expected one of the keys get, post, put, patch, delete, headers, json, form, body, redirects, expect, save; 1 more after that (did you mean "post"?)',
    ],
    [
      'a step without method',
      '- post: /register\n        json:',
      '- json:',
      'shop.yaml:17:9: register.http.submit[0]: expected exactly one of get, post, put, patch, delete',
    ],
    [
      'two bodies',
      'json: { credential: "${credential}" }',
      'json: {}\n        body: x',
      'shop.yaml:17:9: register.http.submit[0]: expected at most one of json, form and body',
    ],
    [
      'a policy that nothing would be held to',
      'userVerification: required',
      'attestation: direct',
      'shop.yaml:6:3: policy.attestation: expected one of the keys userVerification',
    ],
    [
      'a path that is none',
      'get: /me',
      'get: me',
      'shop.yaml:22:20: whoami.http.steps[0].get: expected a path that starts with /, and not with // or /\\',
    ],
    [
      'a path that is another host',
      'get: /me',
      'get: //elsewhere.test/me',
      'shop.yaml:22:20: whoami.http.steps[0].get: expected a path that starts with /, and not with // or /\\',
    ],
    [
      'a path that is another host for the URL parser',
      'get: /me',
      'get: "/\\t\\\\elsewhere.test/me"',
      'shop.yaml:22:20: whoami.http.steps[0].get: expected a path that starts with /, and not with // or /\\',
    ],
    [
      'a JSON path that is none',
      '$.publicKey',
      'publicKey',
      'shop.yaml:15:14: register.http.extract: expected a path such as $.user.name, got "publicKey"',
    ],
    [
      'a name that has no place there',
      '{ credential: "${credential}" }',
      '{ x: "${credentials.id}" }',
      'shop.yaml:18:20: register.http.submit[0].json.x: expected a placeholder that starts with one of user, credential, saved, origin, rpId, baseUrl, got "credentials"; did you mean "credential"?',
    ],
    [
      'a credential before there is one',
      '{ user: "${user.name}"',
      '{ user: "${credential.id}"',
      'shop.yaml:14:23: register.http.options[1].json.user: expected a placeholder that starts with one of user, wishes, saved, origin, rpId, baseUrl, got "credential"',
    ],
    [
      'a member that users do not have',
      '${user.name}',
      '${user.id}',
      'shop.yaml:14:23: register.http.options[1].json.user: expected one of user.name, user.displayName, user.email, user.password, got ${user.id}',
    ],
    [
      'a member of users that is misspelt',
      '${user.name}',
      '${user.emial}',
      'shop.yaml:14:23: register.http.options[1].json.user: expected one of user.name, user.displayName, user.email, user.password, got ${user.emial}; did you mean "email"?',
    ],
    [
      'a filter that there is none of',
      '"${user.name}"',
      '"${user.name|bas64}"',
      'shop.yaml:14:23: register.http.options[1].json.user: expected one of the filters json, base64, got "bas64" in ${user.name|bas64}; did you mean "base64"?',
    ],
    [
      'a wish that nobody has',
      '${wishes.hints}',
      '${wishes.hint}',
      'shop.yaml:14:46: register.http.options[1].json.hints: expected one of wishes.hints, wishes.transports, wishes.attachment, wishes.residentKey, got ${wishes.hint}; did you mean "hints"?',
    ],
    [
      'half of a placeholder',
      '"${user.name}"',
      '"${user.name"',
      'shop.yaml:14:23: register.http.options[1].json.user: expected a placeholder such as ${user.name}, got ${user.name',
    ],
    [
      'a saved value that no step saves',
      '${saved.csrf}',
      '${saved.crsf}',
      'shop.yaml:13:28: register.http.options[1].headers.x-csrf: expected a value that some step saves in ${saved.crsf}; did you mean "csrf"?',
    ],
    [
      'a rule that says nothing',
      'success: { status: 200, json: $.ok, equals: true }',
      'success: {}',
      'shop.yaml:19:14: register.http.success: expected a rule that says something',
    ],
    [
      'a missing rule',
      '    success: { status: 200, json: $.ok, equals: true }\n',
      '',
      'shop.yaml:8:3: register.http.success: expected object, but it is missing',
    ],
    [
      'an address with a path',
      'http://localhost:3000',
      'http://localhost:3000/app',
      'shop.yaml:4:12: target.baseUrl: expected an origin such as http://localhost:3000, without a path',
    ],
    [
      'an unknown policy',
      'required',
      'require',
      'shop.yaml:6:21: policy.userVerification: expected one of "required", "preferred", "discouraged", got "require" (did you mean "required"?)',
    ],
    ['another version', 'version: 1', 'version: 2', 'shop.yaml:1:10: version: expected 1, got 2'],
    [
      'two places for one value',
      '{ header: x-csrf }',
      '{ header: x-csrf, cookie: csrf }',
      'shop.yaml:11:23: register.http.options[0].save.csrf: expected exactly one of json, header, cookie and text',
    ],
    [
      'neither name nor email',
      '    name: $.user\n',
      '',
      'shop.yaml:22:5: whoami.http: expected either name or email',
    ],
    [
      'a time without unit',
      'policy:',
      'limits: { timeout: "10" }\npolicy:',
      'shop.yaml:5:20: limits.timeout: expected a duration such as 500ms, 10s or 2m',
    ],
  ])('refuses %s', (_, from, to, expected) => {
    expect(faultOf(from, to)).toBe(expected);
  });

  it('refuses two ways of signing in without a passkey', () => {
    const signIn = '{ http: { steps: [{ post: /in }], success: { status: 200 } } }';
    expect(() => parse(`${GOOD}users: { login: ${signIn} }\nsignIn: { password: ${signIn} }\n`)).toThrow(
      'users.login: expected either users.login or signIn.password',
    );
  });

  it('checks page steps too', () => {
    const page = (step: string) =>
      parse(`${GOOD}signOut: { http: { steps: [{ post: /out }] }, page: [${step}] }\n`);
    expect(page('{ click: { role: button, name: Sign out } }').signOut?.page).toHaveLength(1);
    expect(() => page('{ click: Sign out }')).toThrow('signOut.page[0].click: expected object');
    expect(() => page('{ clack: { css: a } }')).toThrow(
      'signOut.page[0].clack: expected one of the keys open, click, fill',
    );
  });

  it.each([
    ['500ms', 500],
    ['10s', 10_000],
    ['2m', 120_000],
  ])('reads the duration %s', (text, expected) => {
    expect(parse(GOOD.replace('policy:', `limits: { timeout: ${text} }\npolicy:`)).limits.timeout).toBe(
      expected,
    );
  });

  it('has a JSON Schema for editors', () => {
    const schema = z.toJSONSchema(adapterSchema, { io: 'input' });
    expect(schema).toMatchObject({
      type: 'object',
      required: ['version', 'name'],
      additionalProperties: false,
    });
    expect(Object.keys(schema.properties ?? {})).toContain('signIn');
    const step = readJsonPath(schema, [
      'properties',
      'signOut',
      'properties',
      'http',
      'properties',
      'steps',
      'items',
      'properties',
      'post',
    ]);
    expect(step).toMatchObject({ type: 'string', pattern: '^\\/(?![\\t\\r\\n]*[/\\\\])' });
  });
});

describe('presets', () => {
  it('are all good adapters, and need no address in the file', async () => {
    const names = await listPresets();
    expect(names).toContain('demo');
    for (const name of names) expect((await loadPreset(name)).version).toBe(1);
  });

  it('are found by exact name, with a hint for others', async () => {
    await expect(loadPreset('demos')).rejects.toMatchObject({
      code: 'option-invalid',
      hint: 'did you mean "demo"?',
    });
    await expect(loadPreset('../../package')).rejects.toMatchObject({ code: 'option-invalid' });
  });
});
