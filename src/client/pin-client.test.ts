import { describe, expect, it } from 'vitest';
import type { Crypto } from '../crypto/crypto.js';
import { createNodeCrypto } from '../crypto/node.js';
import { decode } from '../ctap/cbor.js';
import { agreementKeyToCbor } from '../ctap/cose.js';
import {
  CLIENT_PIN_SUBCOMMANDS,
  clientPinRequest,
  clientPinResponse,
  PERMISSIONS,
} from '../ctap/messages/client-pin.js';
import type { GetInfoResponse } from '../ctap/messages/get-info.js';
import { encodeResponse } from '../ctap/messages/message.js';
import type { Value } from '../ctap/messages/shape.js';
import { STATUS } from '../ctap/status.js';
import { fromHex, toHex } from '../data/bytes.js';
import { VirtualClock } from '../ports.js';
import type { Transport } from '../transport/transport.js';
import { createCtapClient } from './ctap-client.js';
import { FakeKey, type FakeKeyOptions } from './fake-key.suite.js';
import { createPinClient, newPinProblem, type PinClient } from './pin-client.js';

const hex = (text: string) => fromHex(text) ?? new Uint8Array(0);
const node = createNodeCrypto();

/** Keys of the W3C PRF vectors (WebAuthn L3 §10.1.4), and what a PIN of 1234 becomes with them. */
const PLATFORM_PRIVATE = hex('0971bc7fb1be48270adcd3d9a5fc15d5fb0f335b3071ff36a54c007fa6c76514');
const AUTHENTICATOR = {
  x: hex('a30522c2de402b561965c3cf949a1cab020c6f6ea36fcf7e911ac1a0f1515300'),
  y: hex('9961a929abdb2f42e6566771887d41484d889e735e3248518a53112d2b915f00'),
};
const VECTORS = {
  1: {
    newPinEnc:
      '784340ec9c7b309d4b1384d20f50f23a1633af1d1f0d783dffecc257d63c12b69c32f991928a7d8057cc9f54a28dca37ddefca3081c8f606ae64affae2f97c08',
    setPinParam: '32d87748976d50575d5544869b5f4c68',
    pinHashEnc: '9b2a1b26fa18ceaf19375c27a8ef981c',
  },
  2: {
    newPinEnc:
      '000102030405060708090a0b0c0d0e0f64cb5eb28859447b3acce793bab8061979e1f6a442858ce8488c1bffb5e569a8ff634ce46daf388940356cf24aa6069191915937267bee6f83306432f637c7dd',
    setPinParam: '60cbd1d0bf636480e83b3dd66ea03d8d3f7377493d076197b9c8fd718a4de49f',
    pinHashEnc: '000102030405060708090a0b0c0d0e0f9f940d3278da8b149775a5426939d3bb',
    changePinParam: '4a9d08812cfdf33f9d9ceb5c5d6883dd4508b95ca561f738899b5b7db4be8536',
  },
} as const;

/** Agreement key and IVs of the vectors. */
const FIXED: Crypto = {
  ...createNodeCrypto({ random: { bytes: (length) => Uint8Array.from({ length }, (_, at) => at) } }),
  createAgreementKey: () => node.createAgreementKey(PLATFORM_PRIVATE),
};

type Request = Value<typeof clientPinRequest>;

/** An authenticator of which only the agreement key and the requests matter. */
function recorder(protocols: readonly number[], answer: Partial<Value<typeof clientPinResponse>> = {}) {
  const requests: Request[] = [];
  const transport: Transport = {
    name: 'usb',
    device: 'key',
    async send(message) {
      const read = clientPinRequest.read(decode(message.subarray(1)));
      if (read.ok) requests.push(read.value);
      const agrees = read.ok && read.value.subCommand === CLIENT_PIN_SUBCOMMANDS.getKeyAgreement;
      const members = agrees ? { keyAgreement: agreementKeyToCbor(AUTHENTICATOR), ...answer } : answer;
      return encodeResponse(STATUS.CTAP1_ERR_SUCCESS, clientPinResponse.write(members));
    },
    close: async () => {},
  };
  const info: GetInfoResponse = {
    versions: ['FIDO_2_1'],
    aaguid: new Uint8Array(16),
    pinUvAuthProtocols: protocols,
    options: new Map([['pinUvAuthToken', true]]),
  };
  const pin = createPinClient(createCtapClient(transport, { clock: new VirtualClock() }), info, FIXED);
  return { pin: present(pin), requests };
}

function present(pin: PinClient | undefined): PinClient {
  expect(pin).toBeDefined();
  return pin as PinClient;
}

/** A client over a fake key. */
async function over(options: FakeKeyOptions) {
  const key = new FakeKey(options);
  const ctap = createCtapClient(await key.client.connect(), { clock: new VirtualClock() });
  const info = await ctap.getInfo();
  expect(info.ok).toBe(true);
  return { key, pin: present(info.ok ? createPinClient(ctap, info.value, node) : undefined) };
}

describe('PINs on their way to a key', () => {
  it.each([1, 2] as const)('are encrypted as in the vectors of protocol %s', async (protocol) => {
    const vector = VECTORS[protocol];
    const { pin, requests } = recorder([protocol]);
    await pin.setPin('1234');
    await pin.tokenByPin('1234', { permissions: PERMISSIONS.mc }).catch(() => {});
    expect(requests.map(({ pinUvAuthProtocol }) => pinUvAuthProtocol)).toEqual([
      protocol,
      protocol,
      protocol,
      protocol,
    ]);
    expect(toHex(requests[1]?.newPinEnc ?? node.random.bytes(1))).toBe(vector.newPinEnc);
    expect(toHex(requests[1]?.pinUvAuthParam ?? node.random.bytes(1))).toBe(vector.setPinParam);
    expect(toHex(requests[3]?.pinHashEnc ?? node.random.bytes(1))).toBe(vector.pinHashEnc);
  });

  it('are changed with proof of the old one, as in the vector of protocol 2', async () => {
    const { pin, requests } = recorder([2]);
    await pin.changePin('1234', '1234');
    expect(toHex(requests[1]?.pinUvAuthParam ?? node.random.bytes(1))).toBe(VECTORS[2].changePinParam);
  });

  it('are brought to normal form C', async () => {
    const composed = recorder([1]);
    const decomposed = recorder([1]);
    await composed.pin.setPin('caf\u00e9');
    await decomposed.pin.setPin('cafe\u0301');
    expect(decomposed.requests[1]).toEqual(composed.requests[1]);
  });

  const info = (change: Partial<GetInfoResponse> = {}): GetInfoResponse => ({
    versions: [],
    aaguid: new Uint8Array(16),
    ...change,
  });

  it.each([
    ['four code points', '1234', info(), undefined],
    ['three', '123', info(), 'too-short'],
    ['four outside of the first plane', '\u{1f511}'.repeat(4), info(), undefined],
    ['three letters of which one is decomposed', 'cafe\u0301'.slice(1), info(), 'too-short'],
    ['63 bytes', 'a'.repeat(63), info(), undefined],
    ['64 bytes', 'a'.repeat(64), info(), 'too-long'],
    ['63 code points of 64 bytes', `${'a'.repeat(62)}é`, info(), 'too-long'],
    ['less than the key asks for', '12345', info({ minPINLength: 6 }), 'too-short'],
    ['more than the key takes', '123456789', info({ maxPINLength: 8 }), 'too-long'],
    ['more than any key takes', 'a'.repeat(64), info({ maxPINLength: 100 }), 'too-long'],
  ])('of %s are judged before they are sent', (_, pin, description, problem) => {
    expect(newPinProblem(pin, description)).toBe(problem);
  });

  it('that a key would refuse are not sent to it', async () => {
    const { pin, requests } = recorder([2]);
    const violation = { ok: false, status: STATUS.CTAP2_ERR_PIN_POLICY_VIOLATION };
    await expect(pin.setPin('123')).resolves.toEqual(violation);
    await expect(pin.changePin('1234', 'a'.repeat(64))).resolves.toEqual(violation);
    expect(requests).toEqual([]);
  });
});

describe('the protocol', () => {
  it.each([
    ['the first in the list', [2, 1], 2],
    ['the first that is known', [3, 1, 2], 1],
    ['one for keys that list none', undefined, 1],
  ])('is %s', async (_, protocols, expected) => {
    const { pinUvAuthProtocols: __, ...rest } = new FakeKey().info;
    const info = protocols === undefined ? rest : { ...rest, pinUvAuthProtocols: protocols };
    const ctap = createCtapClient(await new FakeKey().client.connect(), { clock: new VirtualClock() });
    expect(createPinClient(ctap, info, node)?.protocol).toBe(expected);
  });

  it('is missing when the key knows other ones only', async () => {
    const ctap = createCtapClient(await new FakeKey().client.connect(), { clock: new VirtualClock() });
    expect(createPinClient(ctap, { ...new FakeKey().info, pinUvAuthProtocols: [3] }, node)).toBeUndefined();
  });
});

describe('a token', () => {
  const GRANT = { permissions: PERMISSIONS.mc | PERMISSIONS.ga, rpId: 'example.org' };
  const subCommands = (key: FakeKey) =>
    key.log.flatMap(({ command, request }) =>
      command === 'authenticatorClientPIN' ? [request as Request] : [],
    );

  it.each([1, 2])('proves requests with protocol %s', async (protocol) => {
    const { key, pin } = await over({ pin: '1234', info: { pinUvAuthProtocols: [protocol] } });
    const token = await pin.tokenByPin('1234', GRANT);
    const hash = new Uint8Array(32).fill(1);
    const param = token.ok ? token.value.authenticate(hash) : new Uint8Array(1);
    const ctap = createCtapClient(await key.client.connect(), { clock: new VirtualClock() });
    const answer = await ctap.makeCredential({
      clientDataHash: hash,
      rp: { id: 'example.org' },
      user: { id: Uint8Array.of(1) },
      pubKeyCredParams: [{ alg: -7, type: 'public-key' }],
      pinUvAuthParam: param,
      pinUvAuthProtocol: protocol,
    });
    expect(answer).toMatchObject({ ok: true });
    expect(param.length).toBe(protocol === 1 ? 16 : 32);
  });

  it('comes with permissions from keys that know them', async () => {
    const { key, pin } = await over({ pin: '1234' });
    await expect(pin.tokenByPin('1234', GRANT)).resolves.toMatchObject({ ok: true });
    expect(subCommands(key).at(-1)).toMatchObject({
      subCommand: CLIENT_PIN_SUBCOMMANDS.getPinUvAuthTokenUsingPinWithPermissions,
      ...GRANT,
    });
  });

  it('comes the old way, without permissions, from others', async () => {
    const { key, pin } = await over({ pin: '1234', options: { pinUvAuthToken: false } });
    await expect(pin.tokenByPin('1234', GRANT)).resolves.toMatchObject({ ok: true });
    const last = subCommands(key).at(-1);
    expect(last).toMatchObject({ subCommand: CLIENT_PIN_SUBCOMMANDS.getPinToken });
    expect(Object.keys(last ?? {})).not.toContain('permissions');
    expect(Object.keys(last ?? {})).not.toContain('rpId');
  });

  it('comes by built-in verification without a PIN', async () => {
    const { key, pin } = await over({ options: { uv: true } });
    await expect(pin.tokenByUv(GRANT)).resolves.toMatchObject({ ok: true });
    expect(subCommands(key).at(-1)).toMatchObject({
      subCommand: CLIENT_PIN_SUBCOMMANDS.getPinUvAuthTokenUsingUvWithPermissions,
      ...GRANT,
    });
    expect(Object.keys(subCommands(key).at(-1) ?? {})).not.toContain('pinHashEnc');
  });

  it('does not come for a wrong PIN, which the retries show', async () => {
    const { pin } = await over({ pin: '1234' });
    await expect(pin.tokenByPin('0000', GRANT)).resolves.toEqual({
      ok: false,
      status: STATUS.CTAP2_ERR_PIN_INVALID,
    });
    await expect(pin.pinRetries()).resolves.toEqual({
      ok: true,
      value: { retries: 7, untilPowerCycle: false },
    });
    await expect(pin.uvRetries()).resolves.toEqual({ ok: true, value: 3 });
    // The key regenerated its agreement key: the client agrees anew each time.
    await expect(pin.tokenByPin('1234', GRANT)).resolves.toMatchObject({ ok: true });
  });

  it.each([
    ['no token', {}],
    ['a token of an impossible length', { pinUvAuthToken: new Uint8Array(17) }],
    ['a token of 16 bytes in protocol 2', { pinUvAuthToken: new Uint8Array(32) }],
    [
      'a key that is not on the curve',
      { keyAgreement: agreementKeyToCbor({ x: AUTHENTICATOR.y, y: AUTHENTICATOR.x }) },
    ],
    ['a key of another kind', { keyAgreement: new Map() }],
  ])('is not made of an answer with %s', async (_, answer) => {
    const { pin } = recorder([2], answer);
    await expect(pin.tokenByPin('1234', GRANT)).rejects.toThrow(
      expect.objectContaining({ code: 'message-malformed' }),
    );
  });

  it('may have 16 bytes in protocol 1', async () => {
    const { pin } = recorder([1], { pinUvAuthToken: new Uint8Array(16) });
    await expect(pin.tokenByPin('1234', GRANT)).resolves.toMatchObject({ ok: true });
  });
});

describe('a PIN', () => {
  it('is set on a key, changed, and told from a wrong one', async () => {
    const { key, pin } = await over({});
    await expect(pin.setPin('1234')).resolves.toEqual({ ok: true, value: {} });
    expect(key.pin).toBe('1234');
    await expect(pin.changePin('0000', 'abcdef')).resolves.toMatchObject({ ok: false });
    await expect(pin.changePin('1234', 'abcdef')).resolves.toMatchObject({ ok: true });
    expect(key.pin).toBe('abcdef');
  });
});
