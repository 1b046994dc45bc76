import { describe, expect, it } from 'vitest';
import type { CborMap, CborValue } from '../../ctap/cbor.js';
import {
  CLIENT_PIN_SUBCOMMANDS,
  clientPinRequest,
  clientPinResponse,
} from '../../ctap/messages/client-pin.js';
import { utf8 } from '../../data/bytes.js';
import type { AuthenticatorConfig } from '../config.js';
import {
  agree,
  call,
  changePin,
  clientPin,
  createKeyWithPin,
  createTestKey,
  FINGERPRINT,
  mustSucceed,
  padded,
  pinHash,
  pinToken,
  setPin,
  type TestKey,
  uvToken,
} from '../test-platform.suite.js';

const OK = 'CTAP1_ERR_SUCCESS';
const VERSIONS = [1, 2] as const;

const retries = async (key: TestKey) => mustSucceed(await clientPin(key, 'getPINRetries'));

/** setPIN with one of its members changed. */
async function setPinWith(
  key: TestKey,
  block: Uint8Array,
  change: Readonly<Record<string, CborValue | undefined>> = {},
  version: 1 | 2 = 2,
): Promise<string> {
  const exchange = await agree(key, version);
  const newPinEnc = exchange.encrypt(block);
  const members = { ...exchange.members, newPinEnc, pinUvAuthParam: exchange.authenticate(newPinEnc) };
  return (await clientPin(key, 'setPIN', Object.assign(members, change))).status;
}

describe('ClientPIN', () => {
  it.each([0x00, 0x08, 0x0a, 0xff])('answers INVALID_SUBCOMMAND to sub-command %i', async (subCommand) => {
    const request = clientPinRequest.write({ subCommand });
    expect((await call(createTestKey(), 'authenticatorClientPIN', request)).status).toBe(
      'CTAP2_ERR_INVALID_SUBCOMMAND',
    );
    const old = createTestKey({ config: { quirks: { unknownSubcommand: 'invalid-parameter' } } });
    expect((await call(old, 'authenticatorClientPIN', request)).status).toBe('CTAP1_ERR_INVALID_PARAMETER');
  });

  it('does not exist on a key without PIN and tokens', async () => {
    const config = { extensions: [], options: { clientPin: false, pinUvAuthToken: false } };
    const { status } = await clientPin(createTestKey({ config }), 'getPINRetries');
    expect(status).toBe('CTAP1_ERR_INVALID_COMMAND');
  });

  const withoutPin: Partial<AuthenticatorConfig> = { ...FINGERPRINT, options: { clientPin: false } };
  const withoutTokens: Partial<AuthenticatorConfig> = { ...FINGERPRINT, options: { pinUvAuthToken: false } };
  it.each([
    ['getPINRetries', withoutPin],
    ['setPIN', withoutPin],
    ['changePIN', withoutPin],
    ['getPinToken', withoutPin],
    ['getPinUvAuthTokenUsingPinWithPermissions', withoutPin],
    ['getPinUvAuthTokenUsingPinWithPermissions', withoutTokens],
    ['getPinUvAuthTokenUsingUvWithPermissions', withoutTokens],
    ['getPinUvAuthTokenUsingUvWithPermissions', {}],
    ['getUVRetries', {}],
  ] as const)('%s is unknown to a key that has no use for it', async (name, config) => {
    const { status } = await clientPin(createTestKey({ config }), name, { pinUvAuthProtocol: 2 });
    expect(status).toBe('CTAP2_ERR_INVALID_SUBCOMMAND');
  });

  /** Every mandatory member of every sub-command. */
  const mandatory = {
    getKeyAgreement: ['pinUvAuthProtocol'],
    setPIN: ['pinUvAuthProtocol', 'keyAgreement', 'pinUvAuthParam', 'newPinEnc'],
    changePIN: ['pinUvAuthProtocol', 'keyAgreement', 'pinUvAuthParam', 'newPinEnc', 'pinHashEnc'],
    getPinToken: ['pinUvAuthProtocol', 'keyAgreement', 'pinHashEnc'],
    getPinUvAuthTokenUsingUvWithPermissions: ['pinUvAuthProtocol', 'keyAgreement', 'permissions'],
    getPinUvAuthTokenUsingPinWithPermissions: [
      'pinUvAuthProtocol',
      'keyAgreement',
      'pinHashEnc',
      'permissions',
    ],
  } as const;

  it.each(
    Object.entries(mandatory).flatMap(([name, members]) => members.map((member) => [name, member] as const)),
  )('%s without %s is MISSING_PARAMETER', async (name, member) => {
    const key = await createKeyWithPin({ config: FINGERPRINT, verification: 'succeed' });
    const exchange = await agree(key);
    const all: Readonly<Record<string, unknown>> = {
      subCommand: CLIENT_PIN_SUBCOMMANDS[name as keyof typeof mandatory],
      ...exchange.members,
      pinUvAuthParam: new Uint8Array(32),
      newPinEnc: new Uint8Array(80),
      pinHashEnc: new Uint8Array(32),
      permissions: 3,
      rpId: 'example.org',
    };
    const keys: CborMap = new Map(
      Object.entries(clientPinRequest.members)
        .filter(([known]) => known !== member)
        .map(([known, { key: at }]) => [at, all[known] as CborValue]),
    );
    const { status } = await call(key, 'authenticatorClientPIN', keys);
    expect(status).toBe('CTAP2_ERR_MISSING_PARAMETER');
  });

  it.each([0, 3, 1_000])('refuses protocol %i everywhere', async (pinUvAuthProtocol) => {
    const key = await createKeyWithPin({ config: FINGERPRINT, verification: 'succeed' });
    const members = {
      ...(await agree(key)).members,
      pinUvAuthParam: new Uint8Array(32),
      newPinEnc: new Uint8Array(80),
      pinHashEnc: new Uint8Array(32),
      permissions: 3,
      rpId: 'example.org',
      pinUvAuthProtocol,
    };
    for (const name of Object.keys(mandatory) as (keyof typeof mandatory)[]) {
      expect((await clientPin(key, name, members)).status, name).toBe('CTAP1_ERR_INVALID_PARAMETER');
    }
    expect((await retries(key)).pinRetries).toBe(8);
  });

  it('refuses a protocol that the configuration does not offer', async () => {
    const key = createTestKey({ config: { pinUvAuthProtocols: [2] } });
    expect((await clientPin(key, 'getKeyAgreement', { pinUvAuthProtocol: 1 })).status).toBe(
      'CTAP1_ERR_INVALID_PARAMETER',
    );
  });
});

describe('getPINRetries', () => {
  it('tells the retries and that no power cycle is needed, with or without a PIN and a protocol', async () => {
    const key = createTestKey();
    expect(await retries(key)).toEqual({ pinRetries: 8, powerCycleState: false });
    await setPin(key, '1234');
    const { value } = await clientPin(key, 'getPINRetries', { pinUvAuthProtocol: 2 });
    expect(value).toEqual({ pinRetries: 8, powerCycleState: false });
  });

  it('begins with what the configuration says', async () => {
    const key = createTestKey({ config: { limits: { maxPinRetries: 3 } } });
    expect((await retries(key)).pinRetries).toBe(3);
  });
});

describe('getKeyAgreement', () => {
  it.each(VERSIONS)('of protocol %i is a P-256 key with exactly the five members', async (version) => {
    const key = createTestKey();
    const { keyAgreement } = mustSucceed(
      await clientPin(key, 'getKeyAgreement', { pinUvAuthProtocol: version }),
    );
    expect([...(keyAgreement ?? [])].map(([label]) => label)).toEqual([1, 3, -1, -2, -3]);
    expect([1, 3, -1].map((label) => keyAgreement?.get(label))).toEqual([2, -25, 1]);
  });

  it('gives the same key until the power goes', async () => {
    const key = createTestKey();
    const ask = () => clientPin(key, 'getKeyAgreement', { pinUvAuthProtocol: 2 });
    const first = await ask();
    expect(await ask()).toEqual(first);
    key.machine.powerCycle();
    expect(await ask()).not.toEqual(first);
  });
});

describe('getUVRetries', () => {
  it('tells the retries of built-in verification', async () => {
    const key = createTestKey({ config: FINGERPRINT, verification: 'fail' });
    const ask = async () => mustSucceed(await clientPin(key, 'getUVRetries'));
    expect(await ask()).toEqual({ uvRetries: 5 });
    await uvToken(key);
    expect(await ask()).toEqual({ uvRetries: 4 });
  });
});

describe.each(VERSIONS)('setPIN with protocol %i', (version) => {
  it('sets the first PIN, which then opens the key', async () => {
    const key = createTestKey();
    expect(await setPin(key, '1234', version)).toBe(OK);
    expect((await pinToken(key, { pin: '1234', version })).status).toBe(OK);
  });

  it('answers without members', async () => {
    const key = createTestKey();
    const exchange = await agree(key, version);
    const newPinEnc = exchange.encrypt(padded('1234'));
    const members = { ...exchange.members, newPinEnc, pinUvAuthParam: exchange.authenticate(newPinEnc) };
    const { value } = await clientPin(key, 'setPIN', members);
    expect(value).toEqual({});
  });

  it('refuses another parameter than its own', async () => {
    const change = { pinUvAuthParam: new Uint8Array(version === 1 ? 16 : 32) };
    expect(await setPinWith(createTestKey(), padded('1234'), change, version)).toBe(
      'CTAP2_ERR_PIN_AUTH_INVALID',
    );
  });

  it('refuses a parameter of another length', async () => {
    const key = createTestKey();
    const exchange = await agree(key, version);
    const newPinEnc = exchange.encrypt(padded('1234'));
    const param = exchange.authenticate(newPinEnc);
    for (const wrong of [param.slice(0, -1), new Uint8Array([...param, 0]), new Uint8Array(0)]) {
      const { status } = await clientPin(key, 'setPIN', {
        ...exchange.members,
        newPinEnc,
        pinUvAuthParam: wrong,
      });
      expect(status).toBe('CTAP2_ERR_PIN_AUTH_INVALID');
    }
  });

  it('refuses a ciphertext that can not be decrypted', async () => {
    const exchange = await agree(createTestKey(), version);
    const newPinEnc = exchange.encrypt(padded('1234')).slice(0, -1);
    const key = createTestKey();
    const own = await agree(key, version);
    const members = { ...own.members, newPinEnc, pinUvAuthParam: own.authenticate(newPinEnc) };
    expect((await clientPin(key, 'setPIN', members)).status).toBe('CTAP2_ERR_PIN_AUTH_INVALID');
  });

  it.each([16, 48, 80])('refuses a block of %i bytes', async (length) => {
    const block = new Uint8Array(length);
    block.set(utf8('1234'));
    expect(await setPinWith(createTestKey(), block, {}, version)).toBe('CTAP1_ERR_INVALID_PARAMETER');
    const old = createTestKey({ config: { quirks: { newPinBlockLength: 'pin-policy-violation' } } });
    expect(await setPinWith(old, block, {}, version)).toBe('CTAP2_ERR_PIN_POLICY_VIOLATION');
  });
});

describe('setPIN', () => {
  it('is refused when a PIN is set', async () => {
    const key = await createKeyWithPin();
    expect(await setPin(key, '5678')).toBe('CTAP2_ERR_PIN_AUTH_INVALID');
    const old = await createKeyWithPin({ config: { quirks: { setPinWhenSet: 'not-allowed' } } });
    expect(await setPin(old, '5678')).toBe('CTAP2_ERR_NOT_ALLOWED');
    expect((await pinToken(key, { pin: '1234' })).status).toBe(OK);
  });

  it.each<[string, (map: Map<number, CborValue>) => unknown]>([
    ['off the curve', (map) => map.set(-3, new Uint8Array(32).fill(1))],
    ['with a short coordinate', (map) => map.set(-2, new Uint8Array(31))],
    ['without y', (map) => map.delete(-3)],
    ['of another curve', (map) => map.set(-1, 2)],
    ['of another algorithm', (map) => map.set(3, -7)],
    ['of another type', (map) => map.set(1, 1)],
  ])('refuses a key-agreement key %s', async (_, change) => {
    const key = createTestKey();
    const { members } = await agree(key);
    const keyAgreement = new Map(members.keyAgreement as ReadonlyMap<number, CborValue>);
    change(keyAgreement);
    expect(await setPinWith(key, padded('1234'), { keyAgreement })).toBe('CTAP1_ERR_INVALID_PARAMETER');
  });

  const AXE = '\u{1fa93}';
  it.each([
    ['4 digits', '1234', OK],
    ['3 digits', '123', 'CTAP2_ERR_PIN_POLICY_VIOLATION'],
    ['4 code points in 16 bytes', AXE.repeat(4), OK],
    ['3 code points in 12 bytes', AXE.repeat(3), 'CTAP2_ERR_PIN_POLICY_VIOLATION'],
    ['2 code points in 4 UTF-16 units', AXE.repeat(2), 'CTAP2_ERR_PIN_POLICY_VIOLATION'],
    ['63 bytes', 'a'.repeat(63), OK],
    ['64 bytes', 'a'.repeat(64), 'CTAP2_ERR_PIN_POLICY_VIOLATION'],
    ['a zero in the middle', '12\u{0}4', OK],
    ['a byte order mark as a character', '\u{feff}123', OK],
    ['nothing', '', 'CTAP2_ERR_PIN_POLICY_VIOLATION'],
  ])('judges a PIN of %s', async (_, pin, status) => {
    const key = createTestKey();
    expect(await setPin(key, pin)).toBe(status);
    if (status === OK) expect((await pinToken(key, { pin })).status).toBe(OK);
    else expect((await pinToken(key, { pin })).status).toBe('CTAP2_ERR_PIN_NOT_SET');
  });

  it('cuts zeros off the end only', async () => {
    const key = createTestKey();
    expect(await setPin(key, '1234')).toBe(OK);
    expect((await pinToken(key, { pin: '1234\u{0}' })).status).toBe('CTAP2_ERR_PIN_INVALID');
  });

  it('refuses a PIN that is no UTF-8, or counts it leniently', async () => {
    const bytes = Uint8Array.of(0x31, 0x32, 0x33, 0x34, 0xff);
    expect(await setPinWith(createTestKey(), padded(bytes))).toBe('CTAP2_ERR_PIN_POLICY_VIOLATION');
    const lenient = { config: { quirks: { malformedPin: 'count-leniently' } } } as const;
    expect(await setPinWith(createTestKey(lenient), padded(bytes))).toBe(OK);
    expect(await setPinWith(createTestKey(lenient), padded(Uint8Array.of(0x31, 0x32, 0x33)))).toBe(
      'CTAP2_ERR_PIN_POLICY_VIOLATION',
    );
    expect(await setPin(createTestKey(lenient), AXE.repeat(3))).toBe('CTAP2_ERR_PIN_POLICY_VIOLATION');
  });

  it('holds a PIN to a longer minimum', async () => {
    const config = { limits: { minPinLength: 6 } };
    expect(await setPin(createTestKey({ config }), '12345')).toBe('CTAP2_ERR_PIN_POLICY_VIOLATION');
    expect(await setPin(createTestKey({ config }), '123456')).toBe(OK);
  });

  it('leaves nothing behind when it is refused', async () => {
    const key = createTestKey();
    await setPin(key, '123');
    expect(await key.store.read((reader) => reader.pin())).toBeUndefined();
  });

  it('remembers the hash and the code points of the PIN and what it is worth, never the PIN', async () => {
    const key = await createKeyWithPin({}, AXE.repeat(5));
    expect(await key.store.read((reader) => reader.pin())).toEqual({
      hash: pinHash(AXE.repeat(5)),
      codePoints: 5,
      pinRetries: 8,
      uvRetries: 0,
      complex: false,
      uvCount: 0,
    });
  });
});

describe.each(VERSIONS)('changePIN with protocol %i', (version) => {
  it('takes the new PIN and forgets the old one', async () => {
    const key = await createKeyWithPin();
    expect(await changePin(key, '1234', '567890', version)).toBe(OK);
    expect((await pinToken(key, { pin: '1234', version })).status).toBe('CTAP2_ERR_PIN_INVALID');
    expect((await pinToken(key, { pin: '567890', version })).status).toBe(OK);
  });

  it('is refused with the wrong PIN, which costs a retry', async () => {
    const key = await createKeyWithPin();
    expect(await changePin(key, '0000', '5678', version)).toBe('CTAP2_ERR_PIN_INVALID');
    expect((await retries(key)).pinRetries).toBe(7);
    expect((await pinToken(key)).status).toBe(OK);
  });

  it('is refused with a wrong parameter, which costs nothing', async () => {
    const key = await createKeyWithPin();
    const exchange = await agree(key, version);
    const newPinEnc = exchange.encrypt(padded('5678'));
    const pinHashEnc = exchange.encrypt(pinHash('1234'));
    // The parameter of setPIN: it doesn't cover the present PIN.
    const pinUvAuthParam = exchange.authenticate(newPinEnc);
    const members = { ...exchange.members, newPinEnc, pinHashEnc, pinUvAuthParam };
    expect((await clientPin(key, 'changePIN', members)).status).toBe('CTAP2_ERR_PIN_AUTH_INVALID');
    expect((await retries(key)).pinRetries).toBe(8);
  });

  it('is refused for a PIN against the policy, after the right one has restored the retries', async () => {
    const key = await createKeyWithPin();
    await pinToken(key, { pin: '0000' });
    expect(await changePin(key, '1234', '567', version)).toBe('CTAP2_ERR_PIN_POLICY_VIOLATION');
    expect((await retries(key)).pinRetries).toBe(8);
    expect((await pinToken(key)).status).toBe(OK);
  });
});

describe('changePIN', () => {
  it('is refused without a PIN', async () => {
    expect(await changePin(createTestKey(), '1234', '5678')).toBe('CTAP2_ERR_PIN_NOT_SET');
  });

  it('is refused with a key-agreement key that is no point', async () => {
    const key = await createKeyWithPin();
    const exchange = await agree(key);
    const keyAgreement = new Map(exchange.members.keyAgreement).set(-3, new Uint8Array(32));
    const newPinEnc = exchange.encrypt(padded('5678'));
    const pinHashEnc = exchange.encrypt(pinHash('1234'));
    const pinUvAuthParam = exchange.authenticate(newPinEnc, pinHashEnc);
    const members = { ...exchange.members, keyAgreement, newPinEnc, pinHashEnc, pinUvAuthParam };
    expect((await clientPin(key, 'changePIN', members)).status).toBe('CTAP1_ERR_INVALID_PARAMETER');
  });

  it('refuses a new PIN that can not be decrypted', async () => {
    const key = await createKeyWithPin();
    const exchange = await agree(key);
    const newPinEnc = exchange.encrypt(padded('5678')).slice(0, -1);
    const pinHashEnc = exchange.encrypt(pinHash('1234'));
    const pinUvAuthParam = exchange.authenticate(newPinEnc, pinHashEnc);
    const members = { ...exchange.members, newPinEnc, pinHashEnc, pinUvAuthParam };
    expect((await clientPin(key, 'changePIN', members)).status).toBe('CTAP2_ERR_PIN_AUTH_INVALID');
  });

  it('ends the tokens that were obtained with the old PIN', async () => {
    const key = await createKeyWithPin();
    const token = mustSucceed(await pinToken(key));
    expect(await changePin(key, '1234', '5678')).toBe(OK);
    const { tokens } = key.machine.session;
    expect(tokens.verify(2, token.proof.pinUvAuthParam, utf8('x'))).toBe(false);
    expect(tokens.identity).toBeUndefined();
  });

  it('accepts the same PIN again, unless a change was demanded', async () => {
    const key = await createKeyWithPin();
    expect(await changePin(key, '1234', '1234')).toBe(OK);
    await key.store.write((writer) => {
      const state = writer.state();
      if (state !== undefined) writer.setState({ ...state, forcePinChange: true });
    });
    expect(await changePin(key, '1234', '1234')).toBe('CTAP2_ERR_PIN_POLICY_VIOLATION');
    expect(await changePin(key, '1234', '12345')).toBe(OK);
    expect(await changePin(key, '12345', '12345')).toBe(OK);
  });
});

describe('answers', () => {
  it('have only the members of their sub-command', async () => {
    const key = await createKeyWithPin();
    const exchange = await agree(key);
    const members = { ...exchange.members, pinHashEnc: exchange.encrypt(pinHash('1234')) };
    const answer = await call(
      key,
      'authenticatorClientPIN',
      clientPinRequest.write({ subCommand: CLIENT_PIN_SUBCOMMANDS.getPinToken, ...members }),
      clientPinResponse,
    );
    expect(Object.keys(mustSucceed(answer))).toEqual(['pinUvAuthToken']);
  });
});
