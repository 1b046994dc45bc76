/**
 * The attestation object of a registration (WebAuthn L3 §6.5.4): a map with the members fmt, attStmt and authData.
 */
import { type CborMap, type CborValue, decode, encode } from '../ctap/cbor.js';
import { KeyrigError } from '../errors.js';
import type { AttestationStatement } from './statement.js';

/** Levels of arrays and maps: a compound statement holds whole ones, whose certificates are on the fifth (§8.9). */
const DEEPEST = 5;

/** An attestation object, decoded as far as all formats agree. */
export type AttestationObject = AttestationStatement & { readonly authData: Uint8Array };

/** The CBOR of an attestation object. */
export function encodeAttestationObject({ fmt, attStmt, authData }: AttestationObject): Uint8Array {
  return encode(
    new Map<string, CborValue>([
      ['fmt', fmt],
      ['attStmt', attStmt],
      ['authData', authData],
    ]),
    { maxDepth: DEEPEST },
  );
}

/**
 * Reads an attestation object strictly: canonical CBOR, three members of the right types, nothing else.
 *
 * @throws KeyrigError `message-malformed` for the shape, `cbor-decode` for the encoding
 */
export function decodeAttestationObject(bytes: Uint8Array): AttestationObject {
  const map = decode(bytes, { maxDepth: DEEPEST });
  if (!(map instanceof Map)) throw malformed('not a map');
  const object: CborMap = map;
  const fmt = object.get('fmt');
  const attStmt = object.get('attStmt');
  const authData = object.get('authData');
  if (typeof fmt !== 'string') throw malformed('fmt is not a text string');
  if (!(authData instanceof Uint8Array)) throw malformed('authData is not a byte string');
  if (object.size !== 3) throw malformed(`${object.size} members in place of three`);
  if (fmt === 'compound') return { fmt, attStmt: statementsOf(attStmt), authData };
  if (!(attStmt instanceof Map)) throw malformed('attStmt is not a map');
  return { fmt, attStmt, authData };
}

function statementsOf(attStmt: CborValue | undefined): readonly CborMap[] {
  if (!Array.isArray(attStmt)) throw malformed('attStmt is not an array');
  return attStmt.map((statement: CborValue) => {
    if (statement instanceof Map) return statement;
    throw malformed('attStmt has something that is not a map');
  });
}

function malformed(what: string): KeyrigError {
  return new KeyrigError('message-malformed', `attestation object: ${what}`);
}
