import { describe, expect, it } from 'vitest';
import type {
  PublicKeyCredentialCreationOptions,
  PublicKeyCredentialRequestOptions,
} from '../webauthn/types.js';
import type { CallerContext } from './caller.js';
import { FakeKey } from './fake-key.suite.js';
import { fakeMachine } from './fake-ui.suite.js';
import { CREATION, descriptors, PAGE, REQUEST, strangeId } from './good-options.suite.js';
import type { CallOptions } from './webauthn-client.js';

const named = (name: string) => expect.objectContaining({ name });
const FRAME: CallerContext = { ...PAGE, sameOriginWithAncestors: false, topOrigin: 'https://top.example' };
const BY_CREDENTIAL = { evalByCredential: { AAAA: { first: Uint8Array.of(1) } } };

/** Everything that a call can be given. */
interface Call {
  readonly page?: CallerContext;
  readonly call?: CallOptions;
}

const create = ({ page = PAGE, call, ...change }: Call & Partial<PublicKeyCredentialCreationOptions>) => {
  const machine = fakeMachine([new FakeKey()]);
  return { ...machine, result: machine.client.create(page, { ...CREATION, ...change }, call) };
};
const get = ({ page = PAGE, call, ...change }: Call & Partial<PublicKeyCredentialRequestOptions>) => {
  const machine = fakeMachine([new FakeKey()]);
  return { ...machine, result: machine.client.get(page, { ...REQUEST, ...change }, call) };
};
const userId = (length: number) => ({ user: { ...CREATION.user, id: new Uint8Array(length) } });

describe('create() before it asks any device', () => {
  it.each<[string, string, Parameters<typeof create>[0]]>([
    [
      'step 1: a foreign frame without a gesture',
      'NotAllowedError',
      { page: { ...FRAME, userActivation: false } },
    ],
    [
      'step 1: conditional in a foreign frame',
      'NotAllowedError',
      { page: FRAME, call: { mediation: 'conditional' } },
    ],
    ['step 3: no user ID', 'TypeError', userId(0)],
    ['step 3: a user ID of 65 bytes', 'TypeError', userId(65)],
    ['step 4: an opaque origin', 'NotAllowedError', { page: { origin: 'null' } }],
    ['step 5: an IP address', 'SecurityError', { page: { origin: 'https://192.0.2.1' } }],
    ['step 6: the RP ID of another site', 'SecurityError', { rp: { id: 'example.com', name: '' } }],
    ['step 6: a public suffix', 'SecurityError', { rp: { id: 'org', name: '' } }],
    ['step 6: an empty RP ID', 'SecurityError', { rp: { id: '', name: '' } }],
    [
      'step 7: unknown types only',
      'NotSupportedError',
      { pubKeyCredParams: [{ type: 'password', alg: -7 }] },
    ],
    ['step 8: prf inputs by credential', 'NotSupportedError', { extensions: { prf: BY_CREDENTIAL } }],
    ['step 12: conditional without consent', 'NotAllowedError', { call: { mediation: 'conditional' } }],
  ])('ends at %s with %s', async (_, name, change) => {
    const { result, ui, clock } = create(change);
    await expect(result).rejects.toThrow(named(name));
    expect(ui.requests).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it.each<[string, string, Parameters<typeof create>[0]]>([
    [
      'the frame before the user ID',
      'NotAllowedError',
      { page: { ...FRAME, userActivation: false }, ...userId(0) },
    ],
    ['the user ID before the origin', 'TypeError', { page: { origin: 'null' }, ...userId(0) }],
    [
      'the origin before the RP ID',
      'NotAllowedError',
      { page: { origin: 'null' }, rp: { id: 'org', name: '' } },
    ],
    [
      'the RP ID before the algorithms',
      'SecurityError',
      { rp: { id: 'org', name: '' }, pubKeyCredParams: [{ type: '?', alg: 0 }] },
    ],
    [
      'the algorithms before extensions',
      'NotSupportedError',
      { pubKeyCredParams: [{ type: '?', alg: 0 }], extensions: { prf: BY_CREDENTIAL } },
    ],
    [
      'extensions before mediation',
      'NotSupportedError',
      { call: { mediation: 'conditional' }, extensions: { prf: BY_CREDENTIAL } },
    ],
  ])('judges %s', async (_, name, change) => {
    await expect(create(change).result).rejects.toThrow(named(name));
  });

  it('ends with the abort reason, whatever it is, before anything else is looked at', async () => {
    const reason = { why: 'gone to another page' };
    const call = { signal: AbortSignal.abort(reason) };
    await expect(create({ call, ...userId(0) }).result).rejects.toBe(reason);
  });

  it.each<[string, Parameters<typeof create>[0]]>([
    ['without an RP ID', { rp: { name: 'Example' } }],
    ['in a foreign frame with a gesture', { page: FRAME }],
    ['with mediation required', { call: { mediation: 'required' } }],
    ['with a user ID of 64 bytes', userId(64)],
    ['without algorithms', { pubKeyCredParams: [] }],
  ])('goes on %s', async (_, change) => {
    await expect(create(change).result).resolves.toMatchObject({ type: 'public-key' });
  });

  it('takes the domain of the page for a missing RP ID', async () => {
    const { result, ui } = create({ rp: { name: 'Example' } });
    await result;
    expect(ui.requests[0]).toMatchObject({ rpId: 'login.example.org', operation: 'create' });
  });
});

describe('get() before it asks any device', () => {
  it.each<[string, string, Parameters<typeof get>[0]]>([
    ['conditional mediation, which needs autofill', 'TypeError', { call: { mediation: 'conditional' } }],
    ['silent mediation, which finds nothing', 'NotAllowedError', { call: { mediation: 'silent' } }],
    ['an opaque origin', 'NotAllowedError', { page: { origin: 'null' } }],
    ['an IP address', 'SecurityError', { page: { origin: 'http://127.0.0.1' } }],
    ['the RP ID of another site', 'SecurityError', { rpId: 'example.com' }],
    [
      'allowed credentials of unknown types only',
      'NotSupportedError',
      { allowCredentials: [{ type: '?', id: strangeId(1) }] },
    ],
    [
      'prf inputs by credential without credentials',
      'NotSupportedError',
      { extensions: { prf: BY_CREDENTIAL } },
    ],
    [
      'prf inputs for a credential that is not allowed',
      'SyntaxError',
      { allowCredentials: descriptors(strangeId(1)), extensions: { prf: BY_CREDENTIAL } },
    ],
    [
      'prf inputs under a key that is not base64url',
      'SyntaxError',
      {
        allowCredentials: descriptors(strangeId(1)),
        extensions: { prf: { evalByCredential: { 'AQ==': { first: Uint8Array.of(1) } } } },
      },
    ],
    [
      'prf inputs under an empty key',
      'SyntaxError',
      {
        allowCredentials: descriptors(new Uint8Array(0)),
        extensions: { prf: { evalByCredential: { '': { first: Uint8Array.of(1) } } } },
      },
    ],
  ])('ends at %s with %s', async (_, name, change) => {
    const { result, ui, clock } = get(change);
    await expect(result).rejects.toThrow(named(name));
    expect(ui.requests).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it('ends with the abort reason before anything else is looked at', async () => {
    const reason = new TypeError('the page went away');
    const call = { signal: AbortSignal.abort(reason), mediation: 'conditional' } as const;
    await expect(get({ call }).result).rejects.toBe(reason);
  });
});

describe('what the platform is told', () => {
  it.each([
    [{}, 'discouraged'],
    [{ requireResidentKey: true }, 'required'],
    [{ requireResidentKey: true, residentKey: 'discouraged' }, 'discouraged'],
    [{ residentKey: 'preferred' }, 'preferred'],
  ] as const)('of %j is that a resident key is %s', async (authenticatorSelection, residentKey) => {
    const { result, ui } = create({ authenticatorSelection });
    await result;
    expect(ui.requests[0]).toMatchObject({ residentKey });
  });

  it('of a creation is everything that matters for the choice', async () => {
    const excludeCredentials = [...descriptors(strangeId(5)), { type: '?', id: strangeId(6) }];
    const { result, ui } = create({
      excludeCredentials,
      authenticatorSelection: { authenticatorAttachment: 'cross-platform', userVerification: 'discouraged' },
      hints: ['telepathy', 'security-key', 'hybrid'],
    });
    await result;
    expect(ui.requests).toEqual([
      {
        operation: 'create',
        rpId: 'example.org',
        origin: 'https://login.example.org',
        allowCredentials: [],
        excludeCredentials: descriptors(strangeId(5)),
        attachment: 'cross-platform',
        residentKey: 'discouraged',
        userVerification: 'discouraged',
        hints: ['security-key', 'hybrid'],
        mediation: 'optional',
        userName: 'ada',
      },
    ]);
  });

  it('of a sign-in is whether it needs a discoverable credential', async () => {
    const key = new FakeKey();
    const credential = await key.enroll('example.org');
    const { client, ui } = fakeMachine([key]);
    await client.get(PAGE, REQUEST);
    await client.get(PAGE, { ...REQUEST, allowCredentials: descriptors(credential) });
    expect(ui.requests).toMatchObject([
      { operation: 'get', residentKey: 'required', userVerification: 'preferred', allowCredentials: [] },
      { operation: 'get', residentKey: 'discouraged', allowCredentials: descriptors(credential) },
    ]);
  });
});

describe('the timeline', () => {
  it('has the call and what became of it', async () => {
    const { result, events } = create({});
    await result;
    const own = events.filter(({ layer }) => layer === 'webauthn');
    expect(own).toMatchObject([
      {
        kind: 'create',
        origin: PAGE.origin,
        name: 'navigator.credentials.create',
        fields: { challenge: 'CQkJ' },
      },
      { kind: 'result', name: 'public-key' },
    ]);
  });

  it('has why a call failed, which the page does not learn', async () => {
    const { result, events } = create({ rp: { id: 'org', name: '' } });
    await result.catch(() => {});
    expect(events.at(-1)).toMatchObject({
      kind: 'error',
      name: 'SecurityError',
      fields: { reason: expect.stringContaining('"org"') },
    });
  });

  it.each([
    ['an error', new TypeError('left'), 'TypeError', 'left'],
    ['a text', 'left', 'aborted', 'left'],
    ['anything', Object.create(null), 'aborted', 'by a value without a name'],
  ])('has an abort by %s', async (_, reason, name, why) => {
    const { result, events } = create({ call: { signal: AbortSignal.abort(reason) } });
    await expect(result).rejects.toBe(reason);
    expect(events.at(-1)).toMatchObject({ kind: 'error', name, fields: { reason: why } });
  });
});

describe('JSON in and out', () => {
  const JSON_CREATION = {
    rp: { id: 'example.org', name: 'Example' },
    user: { id: 'AQID', name: 'ada', displayName: 'Ada' },
    challenge: 'CQkJ',
    pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
  };

  it('goes all the way', async () => {
    const { client } = fakeMachine([new FakeKey()]);
    const made = await client.createJson(PAGE, {
      ...JSON_CREATION,
      authenticatorSelection: { residentKey: 'required' },
    });
    const used = await client.getJson(PAGE, { challenge: 'CQkJ', rpId: 'example.org' });
    expect(made).toMatchObject({
      type: 'public-key',
      response: { transports: ['usb'], publicKeyAlgorithm: -7 },
    });
    expect(used).toMatchObject({ id: made.id, rawId: made.id, response: { userHandle: 'AQID' } });
  });

  it.each([
    ['EncodingError', { challenge: '=' }],
    ['TypeError', { user: { id: 'AQID' } }],
  ])('rejects with %s, and says so on the timeline', async (name, change) => {
    const { client, events } = fakeMachine([new FakeKey()]);
    const wrong: unknown = { ...JSON_CREATION, ...change };
    await expect(client.createJson(PAGE, wrong as typeof JSON_CREATION)).rejects.toThrow(named(name));
    expect(events).toMatchObject([{ kind: 'error', name }]);
  });
});
