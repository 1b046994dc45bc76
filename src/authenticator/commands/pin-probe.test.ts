import { describe, expect, it } from 'vitest';
import { type CborKey, type CborValue, encode } from '../../ctap/cbor.js';
import { getAssertionRequest } from '../../ctap/messages/get-assertion.js';
import { makeCredentialRequest } from '../../ctap/messages/make-credential.js';
import { concat } from '../../data/bytes.js';
import {
  BYTE,
  CLIENT_DATA_HASH,
  createKeyWithPin,
  createTestKey,
  goodRegistration,
  RP_ID,
  rawRequest,
  readAnswer,
  type TestKey,
  untilWaiting,
} from '../test-platform.suite.js';

/** What both commands are about here: good members by their keys, and where the parameter is. */
const COMMANDS = [
  {
    command: 'authenticatorMakeCredential',
    byte: BYTE.makeCredential,
    good: makeCredentialRequest.write(goodRegistration()),
    ...keysOf(makeCredentialRequest),
    rp: makeCredentialRequest.members.rp.key,
  },
  {
    command: 'authenticatorGetAssertion',
    byte: BYTE.getAssertion,
    good: getAssertionRequest.write({ rpId: RP_ID, clientDataHash: CLIENT_DATA_HASH }),
    ...keysOf(getAssertionRequest),
    rp: getAssertionRequest.members.rpId.key,
  },
] as const;

function keysOf({ members }: typeof makeCredentialRequest | typeof getAssertionRequest) {
  const { clientDataHash, extensions, options, pinUvAuthParam, pinUvAuthProtocol } = members;
  return {
    hash: clientDataHash.key,
    extensions: extensions.key,
    options: options.key,
    param: pinUvAuthParam.key,
    protocol: pinUvAuthProtocol.key,
  };
}

const EMPTY = new Uint8Array(0);

describe.each(COMMANDS)('an empty pinUvAuthParam in $command', (about) => {
  const ask = async (key: TestKey, changes: Iterable<readonly [CborKey, CborValue | undefined]>) => {
    const members = new Map<CborKey, CborValue | undefined>([
      ...about.good,
      [about.param, EMPTY],
      ...changes,
    ]);
    const present = [...members].flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    );
    return readAnswer(await key.send(rawRequest(about.command, present))).status;
  };

  it('is answered with whether a PIN is set', async () => {
    expect(await ask(createTestKey(), [])).toBe('CTAP2_ERR_PIN_NOT_SET');
    expect(await ask(await createKeyWithPin(), [])).toBe('CTAP2_ERR_PIN_INVALID');
  });

  const wrong: readonly (readonly [string, CborKey, CborValue | undefined])[] = [
    ['an hmac-secret that is text', about.extensions, new Map([['hmac-secret', 'yes']])],
    ['extensions that are no map', about.extensions, []],
    ['options that are no booleans', about.options, new Map([['up', 1]])],
    ['a protocol that is text', about.protocol, 'two'],
    ['a clientDataHash that is text', about.hash, 'hash'],
    ['no clientDataHash', about.hash, undefined],
    ['a relying party that is a number', about.rp, 7],
    ['no relying party', about.rp, undefined],
  ];

  it.each(wrong)('goes before %s', async (_, member, value) => {
    const key = createTestKey();
    expect(await ask(key, [[member, value]])).toBe('CTAP2_ERR_PIN_NOT_SET');
    expect(key.events.map(({ kind }) => kind)).toEqual(['wait', 'touch']);
    // The same without the probe is what it was.
    const refused = await ask(key, [
      [member, value],
      [about.param, undefined],
    ]);
    expect(['CTAP2_ERR_CBOR_UNEXPECTED_TYPE', 'CTAP2_ERR_MISSING_PARAMETER']).toContain(refused);
  });

  it('goes behind CBOR and its map', async () => {
    const key = createTestKey();
    const broken = concat(rawRequest(about.command, [[about.param, EMPTY]]), Uint8Array.of(0));
    expect(readAnswer(await key.send(broken)).status).toBe('CTAP2_ERR_INVALID_CBOR');
    const list = concat(Uint8Array.of(about.byte), encode([about.param, EMPTY]));
    expect(readAnswer(await key.send(list)).status).toBe('CTAP2_ERR_CBOR_UNEXPECTED_TYPE');
    expect(key.events).toEqual([]);
  });

  it('is none when it is no byte string', async () => {
    expect(await ask(createTestKey(), [[about.param, '']])).toBe('CTAP2_ERR_CBOR_UNEXPECTED_TYPE');
  });

  it('shows the user for whom it is, where it says so', async () => {
    const key = createTestKey({ touch: { kind: 'manual' } });
    const asked = ask(key, []);
    await untilWaiting(key);
    expect(key.user.waiting).toMatchObject({ reason: 'pin-probe', rpId: RP_ID });
    key.user.touch();
    await asked;
  });

  it('asks nothing of a key that has neither PIN nor token', async () => {
    const config = { extensions: [], options: { clientPin: false, pinUvAuthToken: false } };
    const key = createTestKey({ config });
    expect(await ask(key, [[about.hash, 'hash']])).toBe('CTAP2_ERR_CBOR_UNEXPECTED_TYPE');
    expect(await ask(key, [])).toBe('CTAP2_ERR_MISSING_PARAMETER');
    expect(key.events).toEqual([]);
  });
});

it('an empty pinUvAuthParam goes before elements of pubKeyCredParams', async () => {
  const members = makeCredentialRequest.write({ ...goodRegistration(), pinUvAuthParam: EMPTY });
  const { key: params } = makeCredentialRequest.members.pubKeyCredParams;
  for (const element of [
    new Map([['type', 'public-key']]),
    new Map([['alg', '-7']]),
    7,
  ] satisfies CborValue[]) {
    const request = rawRequest('authenticatorMakeCredential', new Map([...members, [params, [element]]]));
    expect(readAnswer(await createTestKey().send(request)).status).toBe('CTAP2_ERR_PIN_NOT_SET');
  }
});
