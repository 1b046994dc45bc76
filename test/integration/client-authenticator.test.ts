/**
 * Client and authenticator over the in-process wire: neither is a fake, and an outside relying party judges what comes out.
 */
import { describe, expect, it } from 'vitest';
import { createBasicAttester, createTestRoot } from '../../src/attestation/attestation.js';
import { toBase64url, toHex, utf8 } from '../../src/data/bytes.js';
import { VirtualClock } from '../../src/ports.js';
import {
  allow,
  CONFIG,
  creation,
  crypto,
  machine,
  named,
  oneKey,
  PAGE,
  plugIn,
  RP_ID,
  register,
  request,
  setPin,
  signIn,
  user,
} from './key-and-client.js';

describe('a relying party accepts', () => {
  it.each([
    ['ES256', -7],
    ['EdDSA', -8],
    ['ES384', -35],
    ['RS256', -257],
  ])('registration and sign-in with %s', async (_, alg) => {
    const { client, key } = oneKey();
    const made = await client.createJson(
      PAGE,
      creation({ pubKeyCredParams: [{ type: 'public-key', alg }], attestation: 'direct' }),
    );
    const registered = await register(made);
    expect(registered).toMatchObject({ fmt: 'packed', userVerified: false });
    expect(made.response).toMatchObject({ publicKeyAlgorithm: alg, transports: ['nfc', 'usb'] });
    const used = await client.getJson(PAGE, request(allow(made.id)));
    const { newCounter } = await signIn(used, registered);
    expect(newCounter).toBeGreaterThan(registered.credential.counter);
    expect(key.failures).toEqual([]);
  });

  it.each([
    ['none', 'none'],
    ['direct', 'packed'],
  ] as const)('attestation of a certified key, conveyed as %s', async (attestation, fmt) => {
    const clock = new VirtualClock({ automatic: true });
    const root = await createTestRoot(crypto, clock.now());
    const attester = await createBasicAttester({ crypto, root, aaguid: CONFIG.aaguid, now: clock.now() });
    const key = plugIn(clock, { attester });
    const { client } = machine(clock, key);
    const registered = await register(await client.createJson(PAGE, creation({ attestation })));
    expect(registered).toMatchObject({ fmt, aaguid: '5a5a5a5a-5a5a-5a5a-5a5a-5a5a5a5a5a5a' });
  });

  it.each([1, 2] as const)(
    'a user verified by PIN, with protocol %i, asked again after a typo',
    async (protocol) => {
      const { client, clock, key, person } = oneKey({ config: { pinUvAuthProtocols: [protocol] } });
      await setPin(key, clock, 'open sesame');
      const options = creation({
        authenticatorSelection: { userVerification: 'required', residentKey: 'required' },
      });
      person.pins = ['sesame', 'open sesame', 'open sesame'];
      const registered = await register(await client.createJson(PAGE, options), true);
      const used = await client.getJson(PAGE, request({ userVerification: 'required' }));
      await signIn(used, registered, true);
      expect(used.response.userHandle).toBe(toBase64url(utf8('ada')));
    },
  );

  it('a user verified by PIN on a key without pinUvAuthToken', async () => {
    const { client, clock, key, person } = oneKey({
      config: {
        options: { rk: true, clientPin: true },
        extensions: [],
        minPinLengthRpIds: [],
        pinUvAuthProtocols: [1],
      },
    });
    await setPin(key, clock, '1234');
    person.pins = ['1234', '1234'];
    const registered = await register(await client.createJson(PAGE, creation()), true);
    await signIn(await client.getJson(PAGE, request(allow(registered.credential.id))), registered, true);
  });

  it('a user who sets the first PIN on the way', async () => {
    const { client, person } = oneKey();
    person.pins = ['1', '1234'];
    const options = creation({ authenticatorSelection: { userVerification: 'required' } });
    await register(await client.createJson(PAGE, options), true);
  });

  it('a user verified by finger', async () => {
    const { client, person, key } = oneKey({
      verification: 'succeed',
      config: { builtInUv: { modality: 'fingerprint', maxRetries: 5 }, presence: 'with-uv' },
    });
    const registered = await register(await client.createJson(PAGE, creation()), true);
    await signIn(await client.getJson(PAGE, request(allow(registered.credential.id))), registered, true);
    expect(person.pins).toEqual([]);
    expect(key.failures).toEqual([]);
  });

  it('a user whose finger fails and who then types the PIN', async () => {
    const { client, clock, key, person } = oneKey({
      verification: 'fail',
      config: {
        builtInUv: { modality: 'fingerprint', maxRetries: 3, preferredPlatformAttempts: 2 },
        presence: 'with-uv',
      },
    });
    await setPin(key, clock, '1234');
    person.pins = ['1234'];
    await register(await client.createJson(PAGE, creation()), true);
  });

  it('a user who takes some seconds to touch the key', async () => {
    const { client, clock } = oneKey({ touch: { kind: 'after', milliseconds: 20_000 } });
    const start = clock.now();
    await register(await client.createJson(PAGE, creation()));
    expect(clock.now() - start).toBe(20_000);
  });
});

describe('a page is refused', () => {
  it('when the key holds an excluded credential, in however long a list', async () => {
    const { client } = oneKey();
    const { id } = await client.createJson(PAGE, creation());
    const strangers = Array.from({ length: 20 }, (_, at) => toBase64url(new Uint8Array(40).fill(at)));
    for (const ids of [[id], [...strangers, id]]) {
      const excludeCredentials = ids.map((one) => ({ type: 'public-key', id: one }));
      await expect(client.createJson(PAGE, creation({ excludeCredentials }))).rejects.toThrow(
        named('InvalidStateError'),
      );
    }
    const excludeCredentials = strangers.map((one) => ({ type: 'public-key', id: one }));
    const { id: next } = await client.createJson(PAGE, creation({ excludeCredentials }));
    expect(next).not.toBe(id);
  });

  it.each([
    ['the user refuses', { touch: { kind: 'deny' } }, 'NotAllowedError'],
    ['nobody touches the key', { touch: { kind: 'never' } }, 'NotAllowedError'],
    ['the key has none of the algorithms', { config: { algorithms: [-8] } }, 'NotSupportedError'],
    ['the key stores no credentials', { config: { options: { clientPin: true } } }, 'ConstraintError'],
  ] as const)('when %s', async (_, options, name) => {
    const { client } = oneKey(options);
    const required = creation({
      authenticatorSelection: { residentKey: 'required', userVerification: 'discouraged' },
    });
    await expect(client.createJson(PAGE, required)).rejects.toThrow(named(name));
  });

  it('when the PIN was wrong three times; a power cycle helps', async () => {
    const { client, clock, key, person } = oneKey();
    await setPin(key, clock, '1234');
    const verified = creation({ authenticatorSelection: { userVerification: 'required' } });
    person.pins = ['1', '2', '3', '1234'];
    await expect(client.createJson(PAGE, verified)).rejects.toThrow(named('NotAllowedError'));
    expect(person.notices).toEqual(['pin-blocked']);
    expect(person.pins).toEqual(['1234']);
    key.authenticator.powerCycle();
    await register(await client.createJson(PAGE, verified), true);
  });

  it('when no credential matches', async () => {
    const { client, person } = oneKey();
    await expect(client.getJson(PAGE, request())).rejects.toThrow(named('NotAllowedError'));
    expect(person.notices).toEqual(['no-credentials']);
  });
});

describe('credentials of one key', () => {
  it('are offered by name to a verified user, newest first', async () => {
    const { client, clock, key, person } = oneKey();
    await setPin(key, clock, '1234');
    person.pins = Array(4).fill('1234');
    const rk = { authenticatorSelection: { residentKey: 'required' } } as const;
    const made = [];
    for (const name of ['ada', 'bob', 'cyd'])
      made.push(await client.createJson(PAGE, creation({ ...rk, ...user(name) })));
    person.account = 1;
    const used = await client.getJson(PAGE, request());
    expect(person.accounts).toEqual([['cyd', 'bob', 'ada']]);
    expect(used.id).toBe(made[1]?.id);
  });

  it('that are protected hide from a list until the user is verified', async () => {
    const { client, clock, key, person } = oneKey();
    await setPin(key, clock, '1234');
    person.pins = Array(3).fill('1234');
    const extensions = {
      credentialProtectionPolicy: 'userVerificationRequired',
      enforceCredentialProtectionPolicy: true,
    };
    const { id } = await client.createJson(PAGE, creation({ extensions }));
    const hidden = request({ ...allow(id), userVerification: 'discouraged' });
    await expect(client.getJson(PAGE, hidden)).rejects.toThrow(named('NotAllowedError'));
    await expect(client.getJson(PAGE, request(allow(id)))).resolves.toMatchObject({ id });
  });

  it('say whether they are discoverable', async () => {
    const { client } = oneKey();
    for (const residentKey of ['required', 'discouraged'] as const) {
      const made = await client.createJson(
        PAGE,
        creation({ authenticatorSelection: { residentKey }, extensions: { credProps: true } }),
      );
      expect(made.clientExtensionResults).toEqual({ credProps: { rk: residentKey === 'required' } });
    }
  });
});

describe('prf', () => {
  const SEED = utf8('WebAuthn PRF test vectors');
  const byte = (value: number) => Uint8Array.of(value);
  const first = toBase64url(new Uint8Array([...SEED, 2]));
  const second = toBase64url(new Uint8Array([...SEED, 3]));

  it('gives the results of the W3C vectors for the secret of the W3C vectors', async () => {
    const { client, clock, key, person } = oneKey();
    await setPin(key, clock, '1234');
    person.pins = ['1234'];
    const keyPair = await crypto.generateKeyPair(-7);
    await key.store.write((writer) =>
      writer.putCredential({
        id: SEED,
        rpId: RP_ID,
        userId: byte(1),
        keyPair,
        algorithm: -7,
        credProtect: 1,
        credRandomWithUv: crypto.sha256(SEED, byte(6)),
        credRandomWithoutUv: crypto.sha256(SEED, byte(0)),
        hmacSecret: true,
      }),
    );
    const used = await client.getJson(PAGE, request({ extensions: { prf: { eval: { first, second } } } }));
    const expected = {
      first: '3c33e07d202c3b029cc21f1722767021bf27d595933b3d2b6a1b9d5dddc77fae',
      second: 'a62a8773b19cda90d7ed4ef72a80a804320dbd3997e2f663805ad1fd3293d50b',
    };
    const { prf } = used.clientExtensionResults as { prf: { results: { first: string; second: string } } };
    const hex = (text: string) => toHex(new Uint8Array(Buffer.from(text, 'base64url')));
    expect({ first: hex(prf.results.first), second: hex(prf.results.second) }).toEqual(expected);
  });

  it('is the same each time for one credential, and another for another', async () => {
    const { client, clock, key, person } = oneKey();
    await setPin(key, clock, '1234');
    person.pins = Array(5).fill('1234');
    const extensions = { prf: { eval: { first } } };
    const made = await client.createJson(PAGE, creation({ extensions }));
    const other = await client.createJson(PAGE, creation({ ...user('bob'), extensions }));
    expect(made.clientExtensionResults).toEqual({ prf: { enabled: true } });
    const results = [];
    for (const id of [made.id, made.id, other.id]) {
      const evalByCredential = { [id]: { first: second } };
      const used = await client.getJson(
        PAGE,
        request({ ...allow(made.id, other.id), ...allow(id), extensions: { prf: { evalByCredential } } }),
      );
      results.push(JSON.stringify(used.clientExtensionResults));
    }
    expect(results[0]).toMatch(/"results":\{"first":"[\w-]{43}"\}/);
    expect(results[1]).toBe(results[0]);
    expect(results[2]).not.toBe(results[0]);
  });
});

describe('two keys', () => {
  const settle = async () => {
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  };

  it('blink together, and the touched one answers', async () => {
    const clock = new VirtualClock();
    const manual = { touch: { kind: 'manual' } } as const;
    const left = plugIn(clock, { id: 'left', ...manual });
    const right = plugIn(clock, { id: 'right', ...manual });
    const { client, person } = machine(clock, left, right);
    person.choice = { kind: 'all' };
    const result = client.createJson(PAGE, creation());
    await settle();
    expect([left.person.waiting?.reason, right.person.waiting?.reason]).toEqual([
      'make-credential',
      'make-credential',
    ]);
    expect(right.person.touch()).toBe(true);
    await register(await result);
    expect(left.person.waiting).toBeUndefined();
  });

  it('are told apart by a touch when one of them wants its PIN', async () => {
    const clock = new VirtualClock();
    const left = plugIn(clock, { id: 'left' });
    const right = plugIn(clock, { id: 'right' });
    await setPin(left, clock, '1111');
    await setPin(right, clock, '2222');
    for (const key of [left, right]) key.person.setTouch({ kind: 'manual' });
    const { client, person } = machine(clock, left, right);
    person.choice = { kind: 'all' };
    person.pins = ['2222'];
    const result = client.createJson(PAGE, creation());
    await settle();
    expect(right.person.waiting?.reason).toBe('pin-probe');
    right.person.touch();
    await settle();
    expect(right.person.waiting?.reason).toBe('make-credential');
    right.person.touch();
    await register(await result, true);
  });

  it('go on when one is pulled', async () => {
    const clock = new VirtualClock();
    const left = plugIn(clock, { id: 'left', touch: { kind: 'manual' } });
    const right = plugIn(clock, { id: 'right', touch: { kind: 'manual' } });
    const { client, person } = machine(clock, left, right);
    person.choice = { kind: 'all' };
    const result = client.createJson(PAGE, creation());
    await settle();
    left.port.unplug();
    await settle();
    right.person.touch();
    await register(await result);
  });
});

it('an aborted ceremony leaves the key ready for the next one', async () => {
  const { client, key } = oneKey({ touch: { kind: 'never' } });
  const abort = new AbortController();
  const reason = { why: 'another page' };
  const result = client.createJson(PAGE, creation(), { signal: abort.signal });
  abort.abort(reason);
  await expect(result).rejects.toBe(reason);
  key.person.setTouch({ kind: 'at-once' });
  await register(await client.createJson(PAGE, creation()));
});
