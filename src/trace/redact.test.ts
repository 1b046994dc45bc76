import fc from 'fast-check';
import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { KeyrigError } from '../errors.js';
import type { CtapEvent, Json, TraceEvent } from './events.js';
import { REDACTED, redact, redactEvent, secret } from './redact.js';

const goodEvent: CtapEvent = {
  layer: 'ctap',
  kind: 'request',
  device: 'yubikey-5',
  name: 'authenticatorMakeCredential',
  fields: { rp: { id: 'example.com' }, options: { rk: true }, pinUvAuthParam: '00ff', pinUvAuthProtocol: 2 },
  hex: '01a1',
};

function ctap(fields: Json): CtapEvent {
  return { ...goodEvent, fields };
}

describe('redactEvent', () => {
  it('leaves an event without secrets as it is', () => {
    expect(redactEvent(goodEvent)).toEqual(goodEvent);
  });

  it.each([
    ['pin'],
    ['newPin'],
    ['current_pin'],
    ['PIN'],
    ['pinHashEnc'],
    ['newPinEnc'],
    ['pinUvAuthToken'],
    ['privateKey'],
    ['private-key-pkcs8'],
    ['access_token'],
    ['tokenHex'],
    ['clientSecret'],
    ['sharedSecret'],
    ['Set-Cookie'],
    ['cookies'],
    ['Authorization'],
    ['userPassword'],
    ['password2'],
    ['largeBlobKey'],
    ['X-API-Key'],
    ['output1'],
  ])('hides what is called %s', (name) => {
    expect(redactEvent(ctap({ [name]: 'hush' })).fields).toEqual({ [name]: REDACTED });
  });

  it.each([
    ['pinRetries', 8],
    ['minPINLength', 4],
    ['pinUvAuthProtocol', 2],
    ['pinUvAuthParam', '00ff'],
    ['tokenBinding', 'supported'],
    ['clientPin', true],
    ['pinUvAuthToken', true],
    ['hmac-secret', true],
    ['credentialId', 'abcd'],
    ['challenge', 'abcd'],
    ['output', 'abcd'],
    ['seed', 'correct-horse'],
  ])('shows %s: %s', (name, value) => {
    expect(redactEvent(ctap({ [name]: value })).fields).toEqual({ [name]: value });
  });

  it('leaves the hex out where it carries the secret again', () => {
    expect(redactEvent(ctap({ subCommand: 'getPinToken', pinHashEnc: '00' }))).not.toHaveProperty('hex');
  });

  it('leaves the hex of a PIN command out when nobody decoded it', () => {
    const { fields: _, ...undecoded } = { ...goodEvent, name: 'authenticatorClientPIN getPinToken' };
    expect(redactEvent(undecoded)).not.toHaveProperty('hex');
  });

  it('hides what its producer marked, whatever it is called', () => {
    expect(redactEvent(ctap({ typed: secret('1234') })).fields).toEqual({ typed: REDACTED });
  });

  it('looks into hmac-secret and hides its outputs', () => {
    const fields = { hmacGetSecret: { saltEnc: '0a', output1: 'hush' } };
    expect(redactEvent(ctap(fields)).fields).toEqual({ hmacGetSecret: { saltEnc: '0a', output1: REDACTED } });
  });

  it.each<[string, Json, Json]>([
    ['a JWK', { kty: 'EC', x: 'aa', d: 'hush' }, { kty: 'EC', x: 'aa', d: REDACTED }],
    ['an EC2 key', { 1: 2, 3: -7, '-2': 'aa', '-4': 'hush' }, { 1: 2, 3: -7, '-2': 'aa', '-4': REDACTED }],
    ['an RSA key', { 1: 3, '-1': 'aa', '-3': 'hush' }, { 1: 3, '-1': 'aa', '-3': REDACTED }],
    ['an ML-DSA key', { 1: 7, '-1': 'aa', '-2': 'hush' }, { 1: 7, '-1': 'aa', '-2': REDACTED }],
    ['what is no key', { d: 1, '-4': 'a' }, { d: 1, '-4': 'a' }],
  ])('hides the private part of %s', (_, key, expected) => {
    expect(redactEvent(ctap({ key })).fields).toEqual({ key: expected });
  });

  it('hides the results of prf and keeps its inputs', () => {
    const fields = { prf: { eval: { first: 'salt' }, results: { first: 'hush' } } };
    expect(redactEvent(ctap(fields)).fields).toEqual({ prf: { eval: { first: 'salt' }, results: REDACTED } });
  });

  it.each<[string, Json, Json]>([
    [
      'pairs',
      [
        ['cookie', 'sid=1'],
        ['accept', 'text/html'],
      ],
      [
        ['cookie', REDACTED],
        ['accept', 'text/html'],
      ],
    ],
    ['records', [{ name: 'authorization', value: 'Bearer x' }], [{ name: 'authorization', value: REDACTED }]],
    ['sign-in methods, which are no header', ['password', 'passkey'], ['password', 'passkey']],
  ])('tells headers as %s', (_, headers, expected) => {
    expect(redactEvent(ctap({ headers })).fields).toEqual({ headers: expected });
  });

  it('hides a member of a JSON body and keeps the rest readable', () => {
    const body = JSON.stringify({ username: 'ada', password: 'correct "horse', pin: 1234 });
    const { fields } = redactEvent(ctap({ body }));
    expect(fields).toEqual({ body: JSON.stringify({ username: 'ada', password: REDACTED, pin: REDACTED }) });
  });

  it('hides the first of two members that share a name in a JSON body', () => {
    const { fields } = redactEvent(ctap({ body: '{"password":"hush","password":true}' }));
    expect(fields).toEqual({ body: `{"password":"${REDACTED}","password":true}` });
  });

  it.each(['__proto__', 'constructor', 'toString'])('keeps a member called %s a member', (name) => {
    const fields = JSON.parse(`{"${name}":{"pin":"1234","prf":{"${name}":1}}}`);
    expect(JSON.stringify(redactEvent(ctap(fields)).fields)).toBe(
      `{"${name}":{"pin":"${REDACTED}","prf":{"${name}":1}}}`,
    );
  });

  it('cuts a bottomless structure instead of overflowing', () => {
    const deep = `${'['.repeat(200_000)}{"pin":"hush"}${']'.repeat(200_000)}`;
    expect(JSON.stringify(redactEvent(ctap({ body: deep })))).not.toContain('hush');
  });
});

/** Letters that no random JSON of the generators holds by chance. */
const planted = fc.stringMatching(/^QZ[a-z0-9]{10,20}QZ$/);

const secretName = fc.constantFrom(
  ...[
    'pin',
    'newPin',
    'PIN',
    'pinHashEnc',
    'pin_uv_auth_token',
    'privateKey',
    'id_token',
    'Cookie',
    'set-cookie',
  ],
  ...['Authorization', 'password', 'oldPassword', 'client_secret', 'apiKey', 'sessionId'],
);

/** The ways in which a secret can stand somewhere in an event. */
const secretPiece = fc.tuple(secretName, planted, fc.nat(10)).map(([name, value, form]): [string, Json] => {
  const text = { body: `{"a":1,"${name}":"${value}"`, form: `user=ada&${name}=${value}&remember=on` };
  const forms: Json[] = [
    { [name]: value },
    { [name]: [value, { deep: value }] },
    { [name]: { a: { b: value } } },
    { name, value },
    JSON.stringify({ user: 'ada', [name]: value }),
    JSON.stringify({ nested: JSON.stringify({ [name]: value }) }),
    text.body,
    text.form,
    `https://example.com/callback?state=1&${name}=${value}#top`,
    `keyrig run --${name} ${value} --seed 7`,
    secret({ any: value }),
  ];
  return [value, forms[form] ?? null];
});

const noise = fc.jsonValue({ maxDepth: 3 }).map((value) => value as Json);

/** A random tree with one secret somewhere in it. */
const plantedTree: fc.Arbitrary<[string, Json]> = fc
  .tuple(secretPiece, fc.array(fc.tuple(fc.string(), noise, fc.boolean()), { maxLength: 5 }))
  .map(([[value, piece], path]) => [
    value,
    path.reduce<Json>(
      (inner, [key, beside, isList]) => (isList ? [beside, inner] : { beside, [key]: inner }),
      piece,
    ),
  ]);

const anyEvent: fc.Arbitrary<[string, TraceEvent]> = fc
  .tuple(plantedTree, fc.nat(3))
  .map(([[value, fields], at]) => {
    const events: TraceEvent[] = [
      { ...goodEvent, fields, hex: value },
      { layer: 'http', kind: 'request', jar: 'alice', name: 'POST /login', fields },
      { layer: 'user', kind: 'pin', device: 'yubikey-5', fields },
      { layer: 'scenario', kind: 'step', name: typeof fields === 'string' ? fields : 'step', fields },
    ];
    return [value, events[at] ?? goodEvent];
  });

describe('every secret that is planted somewhere', () => {
  it('is gone from the copy, and the input stays as it was', () => {
    fc.assert(
      fc.property(anyEvent, ([value, event]) => {
        const before = JSON.stringify(event);
        expect(JSON.stringify(redactEvent(event))).not.toContain(value);
        expect(JSON.stringify(event)).toBe(before);
      }),
      { numRuns: 3_000 },
    );
  });

  it('is all that changes: other JSON comes back equal, as a copy of its own', () => {
    const word = fc.constantFrom('rpId', 'flags', 'example.com', 'up', '00ff');
    const { tree } = fc.letrec<{ tree: Json }>((tie) => ({
      tree: fc.oneof(
        word,
        fc.boolean(),
        fc.integer(),
        fc.constant(null),
        fc.array(tie('tree')),
        fc.dictionary(word, tie('tree')),
      ),
    }));
    fc.assert(
      fc.property(tree, (value) => {
        const copy = redact(value);
        expect(copy).toEqual(value);
        if (typeof value === 'object' && value !== null) expect(copy).not.toBe(value);
      }),
    );
  });

  it('redacts what is already redacted to itself', () => {
    fc.assert(
      fc.property(anyEvent, ([, event]) => {
        const once = redactEvent(event);
        expect(redactEvent(once)).toEqual(once);
      }),
    );
  });
});

describe('redact for a log', () => {
  function logged(record: object): Record<string, unknown> {
    let line = '';
    const logger = pino({ formatters: { log: redact } }, { write: (text: string) => (line += text) });
    logger.info(record, 'message');
    return JSON.parse(line);
  }

  it('serves pino as its formatter', () => {
    expect(logged({ device: 'a', pin: '1234' })).toMatchObject({
      device: 'a',
      pin: REDACTED,
      msg: 'message',
    });
  });

  it('keeps an error an error, without the secrets of its text and facts', () => {
    const err = new KeyrigError('target-answer', 'refused password=hunter2', { facts: { token: 'hush' } });
    const copy = redact({ err }).err;
    expect(copy).toBeInstanceOf(KeyrigError);
    expect(copy).toMatchObject({ code: 'target-answer', message: `refused password=${REDACTED}` });
    expect(copy.facts).toEqual({ token: REDACTED });
    expect(JSON.stringify(logged({ err }))).not.toMatch(/hunter2|hush/);
  });

  it('survives circles, maps, getters that throw, and bytes', () => {
    const circle: Record<string, unknown> = {
      bytes: Uint8Array.of(1),
      headers: new Map([['cookie', 'hush']]),
    };
    circle.self = circle;
    Object.defineProperty(circle, 'moody', {
      enumerable: true,
      get: () => {
        throw new KeyrigError('internal', 'no');
      },
    });
    expect(redact(circle)).toEqual({
      bytes: Uint8Array.of(1),
      headers: { cookie: REDACTED },
      self: '[circular]',
      moody: '[unreadable]',
    });
  });
});
