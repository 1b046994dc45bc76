/**
 * Authenticator data: what an authenticator signs (WebAuthn L3 §6.1, §6.5.1).
 */
import { KeyrigError } from '../errors.js';
import { type CborMap, decodeFirst, encode } from './cbor.js';
import { type CoseKey, coseKeyFromCbor, coseKeyToCbor } from './cose.js';

/** The flag bits (§6.1). Bits 1 and 5 are reserved. */
export const FLAGS = {
  /** User present. */
  UP: 0x01,
  /** User verified. */
  UV: 0x04,
  /** Backup eligible; never changes for a credential. */
  BE: 0x08,
  /** Backed up; illegal without BE. */
  BS: 0x10,
  /** Attested credential data follows. */
  AT: 0x40,
  /** Extension outputs follow. */
  ED: 0x80,
} as const;

/** Bytes of the fixed part: RP ID hash, flags, counter. */
export const AUTHENTICATOR_DATA_HEAD = 37;

/** The longest credential ID that there may be (WebAuthn L3 §6.5.1). */
export const MAX_CREDENTIAL_ID_LENGTH = 1023;

/** The new credential, inside of a registration's authenticator data. */
export interface AttestedCredential {
  /** 16 bytes. */
  readonly aaguid: Uint8Array;
  readonly credentialId: Uint8Array;
  readonly publicKey: CoseKey;
}

/** Authenticator data, decoded. */
export interface AuthenticatorData {
  /** SHA-256 of the RP ID: 32 bytes. */
  readonly rpIdHash: Uint8Array;
  /** Bits of {@link FLAGS}; AT and ED follow from the members below when encoding. */
  readonly flags: number;
  readonly signCount: number;
  readonly attestedCredential?: AttestedCredential;
  /** Authenticator extension outputs. */
  readonly extensions?: CborMap;
}

/** The bytes of authenticator data. AT and ED are set exactly when there is something to say, whatever `flags` has there. */
export function encodeAuthenticatorData(data: AuthenticatorData): Uint8Array {
  const attested = data.attestedCredential === undefined ? NOTHING : encodeAttested(data.attestedCredential);
  const extensions =
    data.extensions === undefined || data.extensions.size === 0 ? NOTHING : encode(data.extensions);
  const out = new Uint8Array(AUTHENTICATOR_DATA_HEAD + attested.length + extensions.length);
  out.set(data.rpIdHash, 0);
  const plain = data.flags & ~(FLAGS.AT | FLAGS.ED);
  out[32] = plain | (attested.length > 0 ? FLAGS.AT : 0) | (extensions.length > 0 ? FLAGS.ED : 0);
  writeUint(out, 33, 4, data.signCount);
  out.set(attested, AUTHENTICATOR_DATA_HEAD);
  out.set(extensions, AUTHENTICATOR_DATA_HEAD + attested.length);
  return out;
}

const NOTHING = new Uint8Array(0);

/** Big-endian. By hand, because a DataView moves the memory of a small array first, which takes longer than everything else here. */
function writeUint(out: Uint8Array, at: number, width: number, value: number): void {
  for (let byte = 0; byte < width; byte++) out[at + byte] = value >>> (8 * (width - 1 - byte));
}

/** Big-endian. */
function readUint(bytes: Uint8Array, at: number, width: number): number {
  let value = 0;
  for (let byte = 0; byte < width; byte++) value = value * 0x100 + (bytes[at + byte] ?? 0);
  return value;
}

function encodeAttested(credential: AttestedCredential): Uint8Array {
  const key = encode(coseKeyToCbor(credential.publicKey));
  const idLength = credential.credentialId.length;
  const out = new Uint8Array(18 + idLength + key.length);
  out.set(credential.aaguid, 0);
  writeUint(out, 16, 2, idLength);
  out.set(credential.credentialId, 18);
  out.set(key, 18 + idLength);
  return out;
}

/**
 * Reads authenticator data strictly: exact length, flags that match what follows, canonical CBOR.
 *
 * @throws KeyrigError `message-malformed` with the offset
 */
export function decodeAuthenticatorData(bytes: Uint8Array): AuthenticatorData {
  if (bytes.length < AUTHENTICATOR_DATA_HEAD)
    throw malformed(bytes.length, 'shorter than its fixed part of 37 bytes');
  const flags = bytes[32] ?? 0;
  const signCount = readUint(bytes, 33, 4);
  const head = { rpIdHash: bytes.slice(0, 32), flags, signCount };
  let at = AUTHENTICATOR_DATA_HEAD;
  let attested: { readonly attestedCredential?: AttestedCredential } = {};
  if ((flags & FLAGS.AT) !== 0) {
    const { credential, length } = readAttested(bytes, at);
    attested = { attestedCredential: credential };
    at += length;
  }
  let outputs: { readonly extensions?: CborMap } = {};
  if ((flags & FLAGS.ED) !== 0) {
    const { extensions, length } = readExtensions(bytes, at);
    outputs = { extensions };
    at += length;
  }
  if (at !== bytes.length) throw malformed(at, `${bytes.length - at} bytes left over`);
  return { ...head, ...attested, ...outputs };
}

function readAttested(bytes: Uint8Array, at: number): { credential: AttestedCredential; length: number } {
  if (bytes.length < at + 18) throw malformed(bytes.length, 'the attested credential data is cut off');
  const idLength = readUint(bytes, at + 16, 2);
  const keyAt = at + 18 + idLength;
  if (idLength > MAX_CREDENTIAL_ID_LENGTH) throw malformed(at + 16, `a credential ID of ${idLength} bytes`);
  if (bytes.length < keyAt) throw malformed(bytes.length, 'the credential ID is cut off');
  const { value, length } = readItem(bytes, keyAt, 'the credential public key');
  const publicKey = coseKeyFromCbor(value);
  if (publicKey === undefined)
    throw malformed(keyAt, 'the credential public key is not a COSE key of a known type');
  const credential = {
    aaguid: bytes.slice(at, at + 16),
    credentialId: bytes.slice(at + 18, keyAt),
    publicKey,
  };
  return { credential, length: 18 + idLength + length };
}

function readExtensions(bytes: Uint8Array, at: number): { extensions: CborMap; length: number } {
  const { value, length } = readItem(bytes, at, 'the extension outputs');
  if (!(value instanceof Map)) throw malformed(at, 'the extension outputs are not a map');
  return { extensions: value, length };
}

function readItem(bytes: Uint8Array, at: number, what: string) {
  try {
    return decodeFirst(bytes.subarray(at));
  } catch (cause) {
    throw malformed(at, `${what}: not canonical CBOR`, cause);
  }
}

function malformed(offset: number, what: string, cause?: unknown): KeyrigError {
  return new KeyrigError('message-malformed', `authenticator data: ${what}`, {
    where: `offset ${offset}`,
    facts: { offset },
    cause,
  });
}
