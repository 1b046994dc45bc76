/**
 * The U2F codec against published examples. `authenticator/u2f/vectors.test.ts` looks at their signatures.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, fromHex, toHex } from '../data/bytes.js';
import { readCommandApdu } from './apdu.js';
import {
  readU2fAssertion,
  readU2fAuthenticateRequest,
  readU2fRegisterRequest,
  readU2fRegistration,
  U2F_CONTROL,
  u2fAuthenticateCommand,
  u2fRegisterCommand,
  u2fVersionCommand,
  writeU2fAssertion,
  writeU2fRegistration,
} from './u2f.js';
import { ASSERTION, AUTHENTICATE, KEY_HANDLE, REGISTER, REGISTRATION } from './u2f-vectors.suite.js';

const bytes = (hex: string) => fromHex(hex) ?? expect.unreachable('not hexadecimal');

describe('the published registration', () => {
  const registration = readU2fRegistration(REGISTRATION) ?? expect.unreachable('not read');

  it('is read part by part, and written as it was', () => {
    expect(toHex(registration.keyHandle)).toBe(KEY_HANDLE);
    expect(writeU2fRegistration(registration)).toEqual(REGISTRATION);
  });

  it('cut short at any place before its signature is none', () => {
    const end = REGISTRATION.length - registration.signature.length;
    for (let length = 0; length <= end; length++)
      expect(readU2fRegistration(REGISTRATION.slice(0, length))).toBeUndefined();
  });
});

describe('the published assertion', () => {
  const assertion = readU2fAssertion(ASSERTION) ?? expect.unreachable('not read');

  it('is read part by part, and written as it was', () => {
    expect(assertion).toMatchObject({ presence: 1, counter: 1 });
    expect(writeU2fAssertion(assertion)).toEqual(ASSERTION);
  });

  it('without a signature is none', () => {
    for (const length of [0, 1, 4, 5]) expect(readU2fAssertion(ASSERTION.slice(0, length))).toBeUndefined();
  });
});

describe('commands', () => {
  it('are written as python-fido2 and libfido2 have them, Le apart', () => {
    const { challenge, application } = REGISTER;
    expect(toHex(u2fRegisterCommand(REGISTER))).toBe(
      toHex(concat(bytes('00010000000040'), challenge, application, bytes('0000'))),
    );
    expect(toHex(u2fVersionCommand())).toBe('00030000000000');
    const command = u2fAuthenticateCommand('checkOnly', AUTHENTICATE);
    expect(toHex(command).slice(0, 14)).toBe('00020700000081');
  });

  it('come back as they were written', () => {
    const parameter = fc.uint8Array({ minLength: 32, maxLength: 32 });
    const request = fc.record({
      challenge: parameter,
      application: parameter,
      keyHandle: fc.uint8Array({ maxLength: 255 }),
    });
    const control = fc.constantFrom('enforcePresence', 'checkOnly', 'skipPresence');
    fc.assert(
      fc.property(request, control, (each, name) => {
        const { keyHandle: _, ...registration } = each;
        const register = readCommandApdu(u2fRegisterCommand(each));
        expect(readU2fRegisterRequest(register?.data ?? bytes(''))).toEqual(registration);
        const authenticate = readCommandApdu(u2fAuthenticateCommand(name, each));
        expect(readU2fAuthenticateRequest(authenticate?.data ?? bytes(''))).toEqual(each);
        expect(authenticate?.p1).toBe(U2F_CONTROL[name]);
      }),
    );
  });

  it.each([0, 32, 63, 65])('register takes 64 bytes, not %i', (length) => {
    expect(readU2fRegisterRequest(new Uint8Array(length))).toBeUndefined();
  });

  it('authenticate takes a key handle of the length that it says', () => {
    const good = readCommandApdu(u2fAuthenticateCommand('checkOnly', AUTHENTICATE))?.data ?? bytes('');
    expect(readU2fAuthenticateRequest(good)).toEqual(AUTHENTICATE);
    for (let length = 0; length < good.length; length++)
      expect(readU2fAuthenticateRequest(good.slice(0, length))).toBeUndefined();
    expect(readU2fAuthenticateRequest(concat(good, bytes('00')))).toBeUndefined();
  });
});

it('answers of any bytes are read or refused, never thrown at', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (any) => {
      readU2fAssertion(any);
      const registration = readU2fRegistration(concat(Uint8Array.of(5), any));
      if (registration !== undefined)
        expect(writeU2fRegistration(registration)).toEqual(concat(Uint8Array.of(5), any));
    }),
  );
});
