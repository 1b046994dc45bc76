/**
 * U2F, which is CTAP1: its messages as both ends write and read them (FIDO U2F Raw Message Formats 1.2). They travel in APDUs.
 */
import { concat, utf8 } from '../data/bytes.js';
import { writeCommandApdu } from './apdu.js';

/** Instructions (§3.1.1). */
export const U2F_INSTRUCTIONS = {
  /** §4 */
  register: 0x01,
  /** §5 */
  authenticate: 0x02,
  /** §6 */
  version: 0x03,
} as const;

/** What an authentication is for: P1 of its command (§5.1). */
export const U2F_CONTROL = {
  /** Sign, with somebody there. */
  enforcePresence: 0x03,
  /** Say whether the key handle is this key's, and sign nothing. */
  checkOnly: 0x07,
  /** Sign, whoever is there. */
  skipPresence: 0x08,
} as const;

/** Status words (§3.3, CTAP 2.1 §7.2 for the last but one). */
export const U2F_STATUS = {
  SW_NO_ERROR: 0x9000,
  /** A touch is needed, or only a touch would be missing. */
  SW_CONDITIONS_NOT_SATISFIED: 0x6985,
  /** The key handle is not one of this key for this application. */
  SW_WRONG_DATA: 0x6a80,
  SW_WRONG_LENGTH: 0x6700,
  SW_CLA_NOT_SUPPORTED: 0x6e00,
  SW_INS_NOT_SUPPORTED: 0x6d00,
  /** The key verifies its user always, which U2F can't. */
  SW_COMMAND_NOT_ALLOWED: 0x6986,
  /** The key itself failed (ISO/IEC 7816-4 §5.6: no precise diagnosis). */
  SW_UNKNOWN: 0x6f00,
} as const;

export type U2fStatusName = keyof typeof U2F_STATUS;

/** The one version that there is (§6.1), also how getInfo names it (CTAP 2.1 §6.4). */
export const U2F_VERSION = 'U2F_V2';

/** Lengths in bytes. */
export const U2F_LENGTHS = {
  /** The challenge parameter: the SHA-256 of the client data. */
  challenge: 32,
  /** The application parameter: the SHA-256 of the AppID, or of the RP ID. */
  application: 32,
  /** Uncompressed, on P-256. */
  publicKey: 65,
  /** Its length is written in one byte. */
  longestKeyHandle: 255,
} as const;

const PARAMETERS = U2F_LENGTHS.challenge + U2F_LENGTHS.application;

/** What a registration is for. */
export interface U2fRegisterRequest {
  /** 32 bytes. */
  readonly challenge: Uint8Array;
  /** 32 bytes. */
  readonly application: Uint8Array;
}

/** What an authentication is for. */
export interface U2fAuthenticateRequest extends U2fRegisterRequest {
  /** Up to 255 bytes. */
  readonly keyHandle: Uint8Array;
}

/** Reads the data of a registration command (§4.1); `undefined` for another length. */
export function readU2fRegisterRequest(data: Uint8Array): U2fRegisterRequest | undefined {
  return data.length === PARAMETERS ? parametersOf(data) : undefined;
}

/** Reads the data of an authentication command (§5.1); `undefined` for a length that its parts don't add up to. */
export function readU2fAuthenticateRequest(data: Uint8Array): U2fAuthenticateRequest | undefined {
  const length = data[PARAMETERS];
  if (length === undefined || data.length !== PARAMETERS + 1 + length) return undefined;
  return { ...parametersOf(data), keyHandle: data.slice(PARAMETERS + 1) };
}

function parametersOf(data: Uint8Array): U2fRegisterRequest {
  return {
    challenge: data.slice(0, U2F_LENGTHS.challenge),
    application: data.slice(U2F_LENGTHS.challenge, PARAMETERS),
  };
}

/** A registration command. */
export function u2fRegisterCommand({ challenge, application }: U2fRegisterRequest): Uint8Array {
  return writeCommandApdu({ ins: U2F_INSTRUCTIONS.register, data: concat(challenge, application) });
}

/** An authentication command. */
export function u2fAuthenticateCommand(
  control: keyof typeof U2F_CONTROL,
  { challenge, application, keyHandle }: U2fAuthenticateRequest,
): Uint8Array {
  const data = concat(challenge, application, Uint8Array.of(keyHandle.length), keyHandle);
  return writeCommandApdu({ ins: U2F_INSTRUCTIONS.authenticate, p1: U2F_CONTROL[control], data });
}

/** A version command. */
export function u2fVersionCommand(): Uint8Array {
  return writeCommandApdu({ ins: U2F_INSTRUCTIONS.version });
}

/** The answer to a version command. */
export const U2F_VERSION_RESPONSE: Uint8Array = utf8(U2F_VERSION);

/** A new credential. */
export interface U2fRegistration {
  /** 65 bytes. */
  readonly publicKey: Uint8Array;
  readonly keyHandle: Uint8Array;
  /** DER. */
  readonly certificate: Uint8Array;
  /** DER, by the certificate's key over what `attestation/fido-u2f.ts` says. */
  readonly signature: Uint8Array;
}

/** In front of a registration, for reasons of history (§4.3). */
const RESERVED = 0x05;

/** Writes the answer to a registration (§4.3). */
export function writeU2fRegistration(registration: U2fRegistration): Uint8Array {
  const { publicKey, keyHandle, certificate, signature } = registration;
  const head = Uint8Array.of(RESERVED);
  return concat(head, publicKey, Uint8Array.of(keyHandle.length), keyHandle, certificate, signature);
}

/** Reads the answer to a registration; `undefined` when its parts don't fill it. The certificate is not looked into. */
export function readU2fRegistration(data: Uint8Array): U2fRegistration | undefined {
  const handleAt = 1 + U2F_LENGTHS.publicKey + 1;
  const handleLength = data[handleAt - 1];
  if (data[0] !== RESERVED || handleLength === undefined) return undefined;
  const certificateAt = handleAt + handleLength;
  const certificateLength = derLength(data.subarray(certificateAt));
  const signatureAt = certificateAt + (certificateLength ?? 0);
  if (certificateLength === undefined || signatureAt >= data.length) return undefined;
  return {
    publicKey: data.slice(1, handleAt - 1),
    keyHandle: data.slice(handleAt, certificateAt),
    certificate: data.slice(certificateAt, signatureAt),
    signature: data.slice(signatureAt),
  };
}

const SEQUENCE = 0x30;
/** The length of a certificate is written in two bytes, this one says (X.690 §8.1.3.5). */
const TWO_BYTES = 0x82;

/** Bytes of a certificate, header included: they have between 256 and 65535 of content. */
function derLength(bytes: Uint8Array): number | undefined {
  const [tag, form, high, low] = bytes;
  if (tag !== SEQUENCE || form !== TWO_BYTES || high === undefined || low === undefined) return undefined;
  return 4 + ((high << 8) | low);
}

/** An assertion. */
export interface U2fAssertion {
  /** Bit 0: somebody was there. */
  readonly presence: number;
  readonly counter: number;
  /** DER, by the credential's key over {@link u2fAssertedBytes}. */
  readonly signature: Uint8Array;
}

/** Bytes of presence and counter. */
const ASSERTION_HEAD = 5;

/** Writes the answer to an authentication (§5.4). */
export function writeU2fAssertion(assertion: U2fAssertion): Uint8Array {
  return concat(assertionHead(assertion), assertion.signature);
}

/** Reads the answer to an authentication; `undefined` when it is too short for a signature. */
export function readU2fAssertion(data: Uint8Array): U2fAssertion | undefined {
  const [presence] = data;
  if (presence === undefined || data.length <= ASSERTION_HEAD) return undefined;
  const counter = new DataView(data.buffer, data.byteOffset).getUint32(1);
  return { presence, counter, signature: data.slice(ASSERTION_HEAD) };
}

/** What a credential signs (§5.4): the same bytes as in CTAP2, as if they were authenticator data and client data hash. */
export function u2fAssertedBytes(
  { application, challenge }: U2fRegisterRequest,
  answer: Pick<U2fAssertion, 'presence' | 'counter'>,
): Uint8Array {
  return concat(application, assertionHead(answer), challenge);
}

function assertionHead({ presence, counter }: Pick<U2fAssertion, 'presence' | 'counter'>): Uint8Array {
  const head = new Uint8Array(ASSERTION_HEAD);
  head[0] = presence;
  new DataView(head.buffer).setUint32(1, counter);
  return head;
}
