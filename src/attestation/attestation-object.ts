/**
 * The attestation object of a registration (WebAuthn L3 §6.5.4): a map with the members fmt, attStmt and authData.
 */
import { type CborMap, decode, encode } from '../ctap/cbor.js';
import { KeyrigError } from '../errors.js';
import type { AttestationStatement } from './statement.js';

/** An attestation object, decoded as far as all formats agree. */
export interface AttestationObject extends AttestationStatement {
  readonly authData: Uint8Array;
}

/** The CBOR of an attestation object. */
export function encodeAttestationObject({ fmt, attStmt, authData }: AttestationObject): Uint8Array {
  return encode(
    new Map<string, string | CborMap | Uint8Array>([
      ['fmt', fmt],
      ['attStmt', attStmt],
      ['authData', authData],
    ]),
  );
}

/**
 * Reads an attestation object strictly: canonical CBOR, three members of the right types, nothing else.
 *
 * @throws KeyrigError `message-malformed` for the shape, `cbor-decode` for the encoding
 */
export function decodeAttestationObject(bytes: Uint8Array): AttestationObject {
  const map = decode(bytes);
  if (!(map instanceof Map)) throw malformed('not a map');
  const object: CborMap = map;
  const fmt = object.get('fmt');
  const attStmt = object.get('attStmt');
  const authData = object.get('authData');
  if (typeof fmt !== 'string') throw malformed('fmt is not a text string');
  if (!(attStmt instanceof Map)) throw malformed('attStmt is not a map');
  if (!(authData instanceof Uint8Array)) throw malformed('authData is not a byte string');
  if (object.size !== 3) throw malformed(`${object.size} members in place of three`);
  return { fmt, attStmt, authData };
}

function malformed(what: string): KeyrigError {
  return new KeyrigError('message-malformed', `attestation object: ${what}`);
}
