/**
 * A key for tests of relying parties: makes ES256 responses with node:crypto and cborg, none of keyrig's own code, and with one thing
 * wrong if asked to.
 */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { encode } from 'cborg';
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '../../src/webauthn/types.js';

/** Authenticator data flags (WebAuthn L3 §6.1). */
const FLAG = { userPresent: 1, userVerified: 4, attestedData: 64 } as const;

/** What differs from a right response. */
export interface Change {
  readonly challenge?: string;
  readonly origin?: string;
  readonly rpId?: string;
  readonly userVerified?: boolean;
  readonly userHandle?: string | undefined;
  /** In the envelope only; the authenticator data keeps the real one. */
  readonly envelopeId?: string;
  readonly counter?: number;
  readonly clientData?: Readonly<Record<string, unknown>>;
  readonly badSignature?: boolean;
}

/** One credential and its private key. */
export class TestKey {
  readonly id: string;
  readonly #privateKey: KeyObject;
  readonly #coseKey: Uint8Array;
  /** Signatures so far; stays 0 with `countless`. */
  counter = 0;
  userHandle: string | undefined;
  readonly #countless: boolean;

  constructor(options: { id?: string; countless?: boolean } = {}) {
    this.id = options.id ?? randomBytes(32).toString('base64url');
    this.#countless = options.countless ?? false;
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    // The last 64 bytes of a P-256 SubjectPublicKeyInfo are x and y.
    const point = publicKey.export({ format: 'der', type: 'spki' }).subarray(-64);
    this.#privateKey = privateKey;
    const [kty, alg, crv] = [
      [1, 2],
      [3, -7],
      [-1, 1],
    ] as const;
    this.#coseKey = encode(
      new Map<number, number | Uint8Array>([
        kty,
        alg,
        crv,
        [-2, point.subarray(0, 32)],
        [-3, point.subarray(32)],
      ]),
    );
  }

  /** A registration with attestation "none". */
  create(
    options: PublicKeyCredentialCreationOptionsJSON,
    origin: string,
    change: Change = {},
  ): RegistrationResponseJSON {
    this.userHandle = options.user.id;
    const id = Buffer.from(this.id, 'base64url');
    const length = Buffer.from([id.length >> 8, id.length & 255]);
    const attested = Buffer.concat([Buffer.alloc(16), length, id, this.#coseKey]);
    const authData = this.#authenticatorData(options.rp.id ?? new URL(origin).hostname, change, attested);
    const envelopeId = change.envelopeId ?? this.id;
    return {
      id: envelopeId,
      rawId: envelopeId,
      type: 'public-key',
      clientExtensionResults: {},
      response: {
        clientDataJSON: clientData('webauthn.create', options.challenge, origin, change).toString(
          'base64url',
        ),
        attestationObject: Buffer.from(encode({ fmt: 'none', attStmt: {}, authData })).toString('base64url'),
        transports: ['usb'],
      },
    };
  }

  /** An assertion. */
  get(
    options: PublicKeyCredentialRequestOptionsJSON,
    origin: string,
    change: Change = {},
  ): AuthenticationResponseJSON {
    const authData = this.#authenticatorData(options.rpId ?? new URL(origin).hostname, change);
    const client = clientData('webauthn.get', options.challenge, origin, change);
    const signed = Buffer.concat([authData, createHash('sha256').update(client).digest()]);
    if (change.badSignature) signed[0] = (signed[0] ?? 0) ^ 1;
    const userHandle = 'userHandle' in change ? change.userHandle : this.userHandle;
    const envelopeId = change.envelopeId ?? this.id;
    return {
      id: envelopeId,
      rawId: envelopeId,
      type: 'public-key',
      clientExtensionResults: {},
      response: {
        clientDataJSON: client.toString('base64url'),
        authenticatorData: authData.toString('base64url'),
        signature: sign('sha256', signed, this.#privateKey).toString('base64url'),
        ...(userHandle === undefined ? {} : { userHandle }),
      },
    };
  }

  #authenticatorData(rpId: string, change: Change, attested = Buffer.alloc(0)): Buffer {
    const verified = (change.userVerified ?? true) ? FLAG.userVerified : 0;
    const flags = FLAG.userPresent | verified | (attested.length > 0 ? FLAG.attestedData : 0);
    const counter = Buffer.alloc(4);
    if (!this.#countless) this.counter += 1;
    counter.writeUInt32BE(change.counter ?? this.counter);
    const rpIdHash = createHash('sha256')
      .update(change.rpId ?? rpId)
      .digest();
    return Buffer.concat([rpIdHash, Buffer.from([flags]), counter, attested]);
  }
}

function clientData(type: string, challenge: string, origin: string, change: Change): Buffer {
  const members = {
    type,
    challenge: change.challenge ?? challenge,
    origin: change.origin ?? origin,
    crossOrigin: false,
  };
  return Buffer.from(JSON.stringify({ ...members, ...change.clientData }));
}
