import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CborMap, type CborValue, decode, encode } from '../cbor.js';
import { STATUS } from '../status.js';
import { bioEnrollmentRequest } from './bio-enrollment.js';
import { clientPinRequest } from './client-pin.js';
import { configRequest } from './config.js';
import { describeRequest, describeResponse } from './describe.js';
import { hmacSecretInput } from './extensions.js';
import { getAssertionRequest } from './get-assertion.js';
import { getInfoResponse } from './get-info.js';
import { makeCredentialRequest } from './make-credential.js';
import { decodeResponse, encodeRequest, encodeResponse, exchangeName } from './message.js';
import type { Malformed } from './shape.js';

/** A good MakeCredential request as it is on the wire; each test changes one thing. */
function goodRequest(): Map<number, CborValue> {
  return new Map<number, CborValue>([
    [0x01, new Uint8Array(32)],
    [0x02, new Map([['id', 'example.org']])],
    [0x03, new Map<string, CborValue>([['id', Uint8Array.of(1)]])],
    [
      0x04,
      [
        new Map<string, CborValue>([
          ['alg', -7],
          ['type', 'public-key'],
        ]),
      ],
    ],
  ]);
}

function fault(change: (request: Map<number, CborValue>) => void): Malformed {
  const request = goodRequest();
  change(request);
  const read = makeCredentialRequest.read(request);
  if (read.ok) throw new TypeError('the request was accepted');
  return read;
}

describe('reading a request', () => {
  it('names every member', () => {
    const read = makeCredentialRequest.read(goodRequest());
    expect(read).toEqual({
      ok: true,
      value: {
        clientDataHash: new Uint8Array(32),
        rp: { id: 'example.org' },
        user: { id: Uint8Array.of(1) },
        pubKeyCredParams: [{ alg: -7, type: 'public-key' }],
      },
    });
  });

  it('ignores unknown members at every level', () => {
    const request = goodRequest().set(0x63, 'new');
    request.set(
      0x02,
      new Map([
        ['id', 'example.org'],
        ['icon', 'x'],
      ]),
    );
    request.set(
      0x07,
      new Map<string, CborValue>([
        ['rk', true],
        ['future', 7],
      ]),
    );
    const read = makeCredentialRequest.read(request);
    expect(read.ok && read.value.options).toEqual({ rk: true });
    expect(read.ok && read.value.rp).toEqual({ id: 'example.org' });
  });

  it.each([
    ['clientDataHash', 0x01, 'text'],
    ['rp', 0x02, []],
    ['user', 0x03, 1],
    ['pubKeyCredParams', 0x04, new Map()],
    ['excludeList', 0x05, true],
    ['extensions', 0x06, [1]],
    ['options', 0x07, 'rk'],
    ['pinUvAuthParam', 0x08, 3],
    ['pinUvAuthProtocol', 0x09, -1],
  ] as const)('answers UNEXPECTED_TYPE when %s has another type', (path, key, value) => {
    const read = fault((request) => request.set(key, value as CborValue));
    expect(read).toMatchObject({ status: STATUS.CTAP2_ERR_CBOR_UNEXPECTED_TYPE, path });
  });

  it('says where a nested type is wrong', () => {
    const read = fault((request) => request.set(0x05, [new Map([['id', 'text']])]));
    expect(read).toMatchObject({ status: STATUS.CTAP2_ERR_CBOR_UNEXPECTED_TYPE, path: 'excludeList[0].id' });
  });

  it.each([0x01, 0x02, 0x03, 0x04])('answers MISSING_PARAMETER without member %i', (key) => {
    expect(fault((request) => request.delete(key)).status).toBe(STATUS.CTAP2_ERR_MISSING_PARAMETER);
  });

  it('answers INVALID_CBOR when a pubKeyCredParams element lacks a member', () => {
    const read = fault((request) => request.set(0x04, [new Map([['type', 'public-key']])]));
    expect(read).toMatchObject({ status: STATUS.CTAP2_ERR_INVALID_CBOR, path: 'pubKeyCredParams[0].alg' });
  });

  it('judges types before missing members', () => {
    const read = fault((request) => {
      request.delete(0x01);
      request.set(0x09, 'one');
    });
    expect(read.status).toBe(STATUS.CTAP2_ERR_CBOR_UNEXPECTED_TYPE);
  });

  it('keeps GetAssertion proofs at 6 and 7, unlike MakeCredential', () => {
    expect(getAssertionRequest.members.pinUvAuthParam.key).toBe(0x06);
    expect(getAssertionRequest.members.pinUvAuthProtocol.key).toBe(0x07);
  });

  it('takes integers beyond 2^53 as integers', () => {
    const read = clientPinRequest.read(new Map<number, CborValue>([[0x02, 2n ** 63n]]));
    expect(read.ok && read.value.subCommand).toBeGreaterThan(2 ** 53);
  });
});

describe('writing', () => {
  it('gives back what was read, for any mix of members', () => {
    const value = fc.record(
      {
        keyAgreement: fc.constant(new Map<number, CborValue>([[1, 2]]) as CborMap),
        saltEnc: fc.uint8Array({ maxLength: 80 }),
        saltAuth: fc.uint8Array({ maxLength: 32 }),
        pinUvAuthProtocol: fc.nat(),
      },
      { requiredKeys: ['keyAgreement', 'saltEnc', 'saltAuth'] },
    );
    fc.assert(
      fc.property(value, (input) => {
        const wire = decode(encode(hmacSecretInput.write(input)));
        expect(hmacSecretInput.read(wire)).toEqual({ ok: true, value: input });
      }),
    );
  });
});

describe('the envelope', () => {
  const info = { versions: ['FIDO_2_0'], aaguid: new Uint8Array(16) };

  it('has the command byte alone for a request without parameters', () => {
    expect(encodeRequest('authenticatorGetInfo')).toEqual(Uint8Array.of(0x04));
  });

  it('never has a payload behind an error', () => {
    expect(encodeResponse(STATUS.CTAP2_ERR_NO_CREDENTIALS, new Map([[1, 2]]))).toEqual(Uint8Array.of(0x2e));
  });

  it('reads a good answer', () => {
    const message = encodeResponse(0, getInfoResponse.write(info) as CborMap);
    expect(decodeResponse('authenticatorGetInfo', message, getInfoResponse)).toEqual({
      ok: true,
      value: info,
    });
  });

  it('gives an error status as a value, unknown ones too', () => {
    expect(decodeResponse('authenticatorGetInfo', Uint8Array.of(0xf3), getInfoResponse)).toEqual({
      ok: false,
      status: 0xf3,
    });
  });

  it.each([
    ['an empty message', []],
    ['no members where some are needed', [0x00]],
    ['CBOR that is cut off', [0x00, 0xa1]],
    ['CBOR that is not canonical', [0x00, 0xb8, 0x00]],
    ['another type', [0x00, 0x80]],
  ])('refuses %s', (_, message) => {
    const read = () => decodeResponse('authenticatorGetInfo', Uint8Array.from(message), getInfoResponse);
    expect(read).toThrow(expect.objectContaining({ code: 'message-malformed' }));
  });
});

describe('descriptions', () => {
  it('name members and print bytes as hex', () => {
    const request = encodeRequest('authenticatorMakeCredential', goodRequest());
    expect(describeRequest(request)).toEqual({
      name: 'authenticatorMakeCredential',
      fields: {
        clientDataHash: '00'.repeat(32),
        rp: { id: 'example.org' },
        user: { id: '01' },
        pubKeyCredParams: [{ alg: -7, type: 'public-key' }],
      },
    });
  });

  it('name the sub-command of ClientPIN', () => {
    const request = encodeRequest('authenticatorClientPIN', new Map([[0x02, 0x01]]));
    expect(describeRequest(request).name).toBe('authenticatorClientPIN getPINRetries');
  });
  it('name the sub-commands of BioEnrollment, its preview, and Config, with their members', () => {
    const members = bioEnrollmentRequest.write({ modality: 1, subCommand: 6 });
    expect(describeRequest(encodeRequest('authenticatorBioEnrollment', members))).toEqual({
      name: 'authenticatorBioEnrollment removeEnrollment',
      fields: { modality: 1, subCommand: 6 },
    });
    expect(describeRequest(encodeRequest('authenticatorBioEnrollmentPreview', members)).name).toBe(
      'authenticatorBioEnrollmentPreview removeEnrollment',
    );
    const config = configRequest.write({ subCommand: 2 });
    expect(describeRequest(encodeRequest('authenticatorConfig', config)).name).toBe(
      'authenticatorConfig toggleAlwaysUv',
    );
  });

  it('read an answer in the light of its request', () => {
    const answer = encodeResponse(0, new Map([[0x03, 8]]));
    expect(describeResponse(Uint8Array.of(0x06), answer)).toEqual({
      name: 'CTAP1_ERR_SUCCESS',
      fields: { pinRetries: 8 },
    });
    expect(exchangeName(Uint8Array.of(0x06), Uint8Array.of(0x31))).toBe(
      'authenticatorClientPIN: CTAP2_ERR_PIN_INVALID',
    );
  });

  it('show violations of what is still readable', () => {
    const padded = Uint8Array.of(0x00, 0xa1, 0x03, 0x18, 0x08);
    const fields = describeResponse(Uint8Array.of(0x06), padded).fields;
    expect(fields).toMatchObject({ message: { pinRetries: 8 } });
    expect(JSON.stringify(fields)).toContain('at 2');
  });

  it('take any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.uint8Array({ maxLength: 80 }), (request, answer) => {
        expect(describeRequest(request).name).toBeTypeOf('string');
        expect(describeResponse(request, answer).name).toBeTypeOf('string');
      }),
      { numRuns: 2_000 },
    );
  });
});
