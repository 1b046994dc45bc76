import { createPublicKey, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { decodeAuthenticatorData } from '../ctap/authenticator-data.js';
import { type CborValue, decode } from '../ctap/cbor.js';
import { PERMISSIONS } from '../ctap/messages/client-pin.js';
import { type MakeCredentialRequest, makeCredentialResponse } from '../ctap/messages/make-credential.js';
import { encodeResponse } from '../ctap/messages/message.js';
import { STATUS } from '../ctap/status.js';
import type { PublicKeyCredentialCreationOptions } from '../webauthn/types.js';
import { FakeKey, type FakeKeyOptions } from './fake-key.suite.js';
import { fakeMachine, settle } from './fake-ui.suite.js';
import { CREATION, descriptors, PAGE, RP_ID, strangeId } from './good-options.suite.js';
import type { WebAuthnClientOptions } from './webauthn-client.js';

type Change = Partial<PublicKeyCredentialCreationOptions>;

/** One `create()` on one key. */
function create(
  change: Change = {},
  on: FakeKey | FakeKeyOptions = {},
  client: Partial<WebAuthnClientOptions> = {},
) {
  const key = on instanceof FakeKey ? on : new FakeKey(on);
  const machine = fakeMachine([key], client);
  return { key, ...machine, result: machine.client.create(PAGE, { ...CREATION, ...change }) };
}

const made = (key: FakeKey) =>
  key.log.flatMap(({ command, request }) =>
    command === 'authenticatorMakeCredential' ? [request as MakeCredentialRequest] : [],
  );
/** The request that a change leads to. */
async function requested(
  change: Change,
  on: FakeKey | FakeKeyOptions = {},
  client: Partial<WebAuthnClientOptions> = {},
) {
  const { key, result } = create(change, on, client);
  await result;
  return made(key).at(-1);
}
const named = (name: string) => expect.objectContaining({ name });

describe('a new credential', () => {
  it('has what the key answered, checked and put into WebAuthn words', async () => {
    const { key, result, ui } = create();
    const credential = await result;
    expect(key.commands()).toEqual(['GetInfo', 'MakeCredential']);
    expect(credential).toMatchObject({
      type: 'public-key',
      rawId: key.credentials[0]?.id,
      authenticatorAttachment: 'cross-platform',
      clientExtensionResults: {},
      transports: ['usb'],
      publicKeyAlgorithm: -7,
    });
    expect(new TextDecoder().decode(credential.clientDataJSON)).toBe(
      '{"type":"webauthn.create","challenge":"CQkJ","origin":"https://login.example.org","crossOrigin":false}',
    );
    expect(decode(credential.attestationObject)).toEqual(
      new Map<string, CborValue>([
        ['fmt', 'none'],
        ['attStmt', new Map()],
        ['authData', credential.authenticatorData],
      ]),
    );
    expect(ui.told()).toEqual(['done']);
    expect(key.open).toBe(0);
  });

  it('is asked for with the hash of its client data and no more than needed', async () => {
    const { key, result, client } = create();
    const { clientDataJSON } = await result;
    expect(client).toBeDefined();
    const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', clientDataJSON.slice()));
    expect(made(key)).toEqual([
      {
        clientDataHash: hash,
        rp: { id: RP_ID, name: 'Example' },
        user: CREATION.user,
        pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
      },
    ]);
  });

  it('has names that a device can be told', async () => {
    const user = { ...CREATION.user, name: '\ufeff\ud83d', displayName: 'a\udc00b' };
    expect(await requested({ user, rp: { id: RP_ID, name: '\ud800' } })).toMatchObject({
      rp: { name: '\ufffd' },
      user: { name: '\ufeff\ufffd', displayName: 'a\ufffdb' },
    });
  });

  it('has a public key that OpenSSL can use', async () => {
    const { result, key } = create({ attestation: 'direct' });
    const { publicKey, attestationObject, authenticatorData } = await result;
    const object = decode(attestationObject) as ReadonlyMap<string, CborValue>;
    const statement = object.get('attStmt') as ReadonlyMap<string, CborValue>;
    const spki = createPublicKey({ key: Buffer.from(publicKey ?? []), format: 'der', type: 'spki' });
    const signed = Buffer.concat([authenticatorData, made(key)[0]?.clientDataHash ?? new Uint8Array(0)]);
    expect(verify('sha256', signed, spki, statement.get('sig') as Uint8Array)).toBe(true);
  });

  it('says where the page stands', async () => {
    const { client } = fakeMachine([new FakeKey()], { extraClientData: { note: 1 } });
    const frame = { ...PAGE, sameOriginWithAncestors: false, topOrigin: 'https://top.example' };
    const { clientDataJSON } = await client.create(frame, CREATION);
    expect(new TextDecoder().decode(clientDataJSON)).toMatch(
      /"crossOrigin":true,"topOrigin":"https:\/\/top\.example","note":1}$/,
    );
    const own = await client.create({ ...PAGE, topOrigin: 'https://top.example' }, CREATION);
    expect(new TextDecoder().decode(own.clientDataJSON)).not.toContain('topOrigin');
  });

  it.each([
    ['sorted and once each, unknown words too', ['usb', 'zigbee', 'nfc', 'usb'], ['nfc', 'usb', 'zigbee']],
    ['the wire it came over when the key names none', undefined, ['usb']],
  ])('has transports: %s', async (_, transports, expected) => {
    const { transports: __, ...info } = new FakeKey().info;
    const key = new FakeKey();
    key.info = transports === undefined ? info : { ...info, transports };
    await expect(create({}, key).result).resolves.toMatchObject({ transports: expected });
  });
});

describe('algorithms', () => {
  it('are ES256 and RS256 when the page names none', async () => {
    expect(await requested({ pubKeyCredParams: [] })).toMatchObject({
      pubKeyCredParams: [{ alg: -7 }, { alg: -257 }],
    });
  });

  it('keep their order, without those of unknown types', async () => {
    const pubKeyCredParams = [-8, -7].map((alg) => ({ type: 'public-key', alg }));
    const asked = await requested({ pubKeyCredParams: [{ type: '?', alg: -1 }, ...pubKeyCredParams] });
    expect(asked?.pubKeyCredParams).toEqual(pubKeyCredParams);
  });
});

describe('resident keys', () => {
  it.each([
    ['required', true, { rk: true }],
    ['preferred', true, { rk: true }],
    ['preferred', false, undefined],
    ['discouraged', true, undefined],
  ] as const)('that are %s on a key with rk %s are asked for with %j', async (residentKey, rk, options) => {
    const { key, result } = create(
      { authenticatorSelection: { residentKey }, extensions: { credProps: true } },
      { options: { rk } },
    );
    await expect(result).resolves.toMatchObject({
      clientExtensionResults: { credProps: { rk: options !== undefined } },
    });
    expect(made(key)[0]?.options).toEqual(options);
  });

  it('that are required are not made elsewhere: ConstraintError once no other device is left', async () => {
    const { key, result, ui } = create(
      { authenticatorSelection: { residentKey: 'required' } },
      { options: { rk: false } },
    );
    await expect(result).rejects.toThrow(named('ConstraintError'));
    expect(key.commands()).toEqual(['GetInfo']);
    expect(ui.told()).toEqual(['device-unusable']);
  });
});

describe('excluded credentials', () => {
  it('end with InvalidStateError after the touch', async () => {
    const key = new FakeKey({ touch: 'by-hand' });
    const credential = await key.enroll(RP_ID);
    const { result } = create({ excludeCredentials: descriptors(strangeId(1), credential) }, key);
    const refused = expect(result).rejects.toThrow(named('InvalidStateError'));
    await settle();
    expect(key.waiting).toBe(1);
    key.press();
    await refused;
  });

  it('go along in one list when they fit, without transports', async () => {
    const excludeCredentials = [{ type: 'public-key', id: strangeId(1), transports: ['usb'] }];
    const { key, result } = create({ excludeCredentials });
    await result;
    expect(key.commands()).toEqual(['GetInfo', 'MakeCredential']);
    expect(made(key)[0]?.excludeList).toEqual(descriptors(strangeId(1)));
  });

  const nine = Array.from({ length: 9 }, (_, at) => strangeId(at));

  it('are probed silently when they are too many, and left out when none is there', async () => {
    const { key, result } = create({ excludeCredentials: descriptors(...nine) });
    await result;
    expect(key.commands()).toEqual(['GetInfo', 'GetAssertion', 'GetAssertion', 'MakeCredential']);
    expect(key.log[1]?.request).toMatchObject({
      options: { up: false },
      clientDataHash: new Uint8Array(32),
      allowList: descriptors(...nine.slice(0, 8)),
    });
    expect(made(key)[0]).not.toHaveProperty('excludeList');
  });

  it('are probed with a token that allows it, so that hidden ones are found', async () => {
    const key = new FakeKey({ pin: '1234' });
    const credential = await key.enroll(RP_ID, { hidden: true });
    const { result, ui } = create({ excludeCredentials: descriptors(...nine, credential) }, key);
    ui.pins.push('1234');
    await expect(result).rejects.toThrow(named('InvalidStateError'));
    const grant = key.log.find(({ request }) => Object.hasOwn(Object(request), 'permissions'))?.request;
    expect(grant).toMatchObject({ permissions: PERMISSIONS.mc | PERMISSIONS.ga, rpId: RP_ID });
    expect(made(key)[0]?.excludeList).toEqual(descriptors(credential));
  });

  it('are sent unprobed to a key that does not answer silent questions', async () => {
    const key = new FakeKey();
    key.script.authenticatorGetAssertion = [STATUS.CTAP2_ERR_UP_REQUIRED, STATUS.CTAP1_ERR_OTHER];
    const asked = await requested({ excludeCredentials: descriptors(...nine) }, key);
    expect(asked?.excludeList).toEqual(descriptors(...nine.slice(0, 8)));
  });

  it('that are longer than any of the key are left out', async () => {
    const asked = await requested({ excludeCredentials: descriptors(strangeId(1, 129), strangeId(2, 128)) });
    expect(asked?.excludeList).toEqual(descriptors(strangeId(2, 128)));
  });
});

describe('attestation', () => {
  const format = async (change: Change, on: FakeKey | FakeKeyOptions = {}) => {
    const { attestationObject } = await create(change, on).result;
    return (decode(attestationObject) as ReadonlyMap<string, CborValue>).get('fmt');
  };

  it.each([
    [undefined, 'none'],
    ['none', 'none'],
    ['indirect', 'packed'],
    ['direct', 'packed'],
    ['enterprise', 'packed'],
  ] as const)('of preference %s gives %s', async (attestation, expected) => {
    expect(await format(attestation === undefined ? {} : { attestation })).toBe(expected);
  });

  it('keeps a self attestation without AAGUID even for none, and every AAGUID', async () => {
    expect(await format({}, { info: { aaguid: new Uint8Array(16) } })).toBe('packed');
    const { authenticatorData } = await create({ attestation: 'none' }).result;
    const { attestedCredential } = decodeAuthenticatorData(authenticatorData);
    expect(attestedCredential?.aaguid).toEqual(new FakeKey().info.aaguid);
  });

  it.each<[string, string, CborValue]>([
    ['a certificate', 'packed', new Map([['x5c', [Uint8Array.of(2)]]])],
    ['a statement of another format', 'other', new Map([['sig', Uint8Array.of(1)]])],
    ['a statement that is a list', 'packed', [new Map()]],
  ])('does not keep %s for none', async (_, fmt, attStmt) => {
    const info = { aaguid: new Uint8Array(16) };
    const { authenticatorData: authData } = await create({}, { info }).result;
    const key = new FakeKey({ info });
    key.script.authenticatorMakeCredential = [
      encodeResponse(0, makeCredentialResponse.write({ fmt, authData, attStmt })),
    ];
    expect(await format({}, key)).toBe('none');
  });

  it('accepts a statement of none that is left out', async () => {
    const key = new FakeKey();
    const { authenticatorData: authData } = await create().result;
    key.script.authenticatorMakeCredential = [
      encodeResponse(0, makeCredentialResponse.write({ fmt: 'none', authData })),
    ];
    expect(await format({ attestation: 'direct' }, key)).toBe('none');
  });

  it('asks keys of CTAP 2.2 for the formats that the page prefers', async () => {
    const info = { attestationFormats: ['packed', 'tpm'] };
    const formats = async (change: Change, on: FakeKeyOptions) =>
      (await requested(change, on))?.attestationFormatsPreference;
    expect(await formats({}, { info })).toEqual(['none']);
    expect(await formats({ attestation: 'none', attestationFormats: ['tpm'] }, { info })).toEqual(['none']);
    expect(await formats({ attestation: 'direct', attestationFormats: ['tpm'] }, { info })).toEqual(['tpm']);
    expect(await formats({ attestation: 'direct' }, { info })).toBeUndefined();
    expect(await formats({}, {})).toBeUndefined();
  });

  it.each([
    ['vendor-facilitated', true, 1],
    ['platform-managed', true, 2],
    [undefined, true, undefined],
    ['platform-managed', false, undefined],
  ] as const)('for enterprises by policy %s, enabled %s, asks for %s', async (policy, ep, expected) => {
    const asked: string[] = [];
    const enterprisePolicy = (rpId: string) => {
      asked.push(rpId);
      return policy;
    };
    const request = await requested({ attestation: 'enterprise' }, { options: { ep } }, { enterprisePolicy });
    expect(request?.enterpriseAttestation).toBe(expected);
    expect(asked).toEqual(ep ? [RP_ID] : []);
  });

  it('for enterprises is not asked for otherwise', async () => {
    const enterprisePolicy = () => 'platform-managed' as const;
    const options = { ep: true };
    expect(await requested({ attestation: 'direct' }, { options }, { enterprisePolicy })).not.toHaveProperty(
      'enterpriseAttestation',
    );
    expect(await requested({ attestation: 'enterprise' }, { options })).not.toHaveProperty(
      'enterpriseAttestation',
    );
  });
});

describe('extensions', () => {
  const PLAIN = { info: { extensions: [] } };

  it('reach keys that know them', async () => {
    const asked = await requested({
      extensions: { credentialProtectionPolicy: 'userVerificationRequired', minPinLength: true, prf: {} },
    });
    expect(asked?.extensions).toEqual(
      new Map<string, CborValue>([
        ['credProtect', 3],
        ['hmac-secret', true],
        ['minPinLength', true],
      ]),
    );
  });

  it('do not reach keys that do not', async () => {
    const extensions = {
      credentialProtectionPolicy: 'userVerificationRequired',
      minPinLength: true,
      prf: {},
      credProps: true,
    } as const;
    expect(await requested({ extensions }, PLAIN)).not.toHaveProperty('extensions');
    expect(await requested({ extensions: { minPinLength: false } })).not.toHaveProperty('extensions');
  });

  it.each([
    ['userVerificationRequired', true, false],
    ['userVerificationOptionalWithCredentialIDList', true, false],
    ['userVerificationOptional', true, true],
    ['userVerificationRequired', false, true],
  ] as const)(
    'credProtect %s, enforced %s, works on a key without it: %s',
    async (policy, enforce, works) => {
      const extensions = { credentialProtectionPolicy: policy, enforceCredentialProtectionPolicy: enforce };
      const { result, ui, key } = create({ extensions }, PLAIN);
      ui.choices.push({ kind: 'device', device: 'key' }, { kind: 'cancel' });
      if (works) await expect(result).resolves.toMatchObject({ type: 'public-key' });
      else await expect(result).rejects.toThrow(named('NotAllowedError'));
      expect(made(key).length).toBe(works ? 1 : 0);
    },
  );

  it('credProps is silent unless asked', async () => {
    const { clientExtensionResults } = await create({ extensions: { credProps: false } }).result;
    expect(clientExtensionResults).toEqual({});
  });
});

describe('statuses of MakeCredential', () => {
  it.each<[string, number, string]>([
    ['a refusal of the user', STATUS.CTAP2_ERR_OPERATION_DENIED, 'NotAllowedError'],
    ['an excluded credential', STATUS.CTAP2_ERR_CREDENTIAL_EXCLUDED, 'InvalidStateError'],
    ['no algorithm, and no other device', STATUS.CTAP2_ERR_UNSUPPORTED_ALGORITHM, 'NotSupportedError'],
  ])('end the ceremony: %s', async (_, status, name) => {
    const key = new FakeKey();
    key.script.authenticatorMakeCredential = [status];
    await expect(create({}, key).result).rejects.toThrow(named(name));
  });

  it.each<[string, number]>([
    ['no room', STATUS.CTAP2_ERR_KEY_STORE_FULL],
    ['a limit', STATUS.CTAP2_ERR_LIMIT_EXCEEDED],
    ['another channel', STATUS.CTAP1_ERR_CHANNEL_BUSY],
    ["a vendor's own", 0xf1],
    ['a token that is not taken', STATUS.CTAP2_ERR_PIN_AUTH_INVALID],
  ])('drop the device and ask for another: %s', async (_, status) => {
    const bad = new FakeKey({ id: 'bad' });
    bad.script.authenticatorMakeCredential = [status];
    const good = new FakeKey({ id: 'good' });
    const { client, ui } = fakeMachine([bad, good]);
    await expect(client.create(PAGE, CREATION)).resolves.toMatchObject({ rawId: expect.any(Uint8Array) });
    expect(ui.offers).toEqual([['bad', 'good'], ['good']]);
    expect(ui.notices).toEqual([
      { kind: 'device-refused', device: 'bad', status },
      { kind: 'done', device: 'good' },
    ]);
  });

  it('of a touch that did not come may be tried again', async () => {
    const key = new FakeKey();
    key.script.authenticatorMakeCredential = [STATUS.CTAP2_ERR_USER_ACTION_TIMEOUT];
    const { result, ui } = create({}, key);
    await result;
    expect(ui.offers).toEqual([['key'], ['key']]);
  });
});

describe('answers that are none', () => {
  const rightData = async () => (await create().result).authenticatorData;
  const answer = (authData: Uint8Array) =>
    encodeResponse(0, makeCredentialResponse.write({ fmt: 'none', authData, attStmt: new Map() }));

  it.each<[string, () => Promise<Uint8Array>]>([
    ['empty', async () => new Uint8Array(0)],
    ['no CBOR', async () => Uint8Array.of(0, 0xff)],
    ['without authenticator data', async () => Uint8Array.of(0, 0xa1, 0x01, 0x64, 0x6e, 0x6f, 0x6e, 0x65)],
    ['cut short', async () => answer((await rightData()).slice(0, 60))],
    ['for another RP ID', async () => answer((await rightData()).with(0, 0))],
    ['without a credential', async () => answer((await rightData()).slice(0, 37).with(32, 1))],
  ])('drop the device: %s', async (_, make) => {
    const key = new FakeKey();
    key.script.authenticatorMakeCredential = [await make()];
    const { result, ui, events } = create({}, key);
    ui.choices.push({ kind: 'device', device: 'key' }, { kind: 'cancel' });
    await expect(result).rejects.toThrow(named('NotAllowedError'));
    expect(ui.told()).toEqual(['device-unusable']);
    expect(events).toContainEqual(
      expect.objectContaining({
        kind: 'device',
        name: 'faulty',
        fields: expect.objectContaining({ code: 'message-malformed' }),
      }),
    );
    expect(key.open).toBe(0);
  });
});
