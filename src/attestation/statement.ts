/**
 * What every attestation format is made from and gives. Types only.
 */
import type { Signer } from '../crypto/crypto.js';
import type { CborMap } from '../ctap/cbor.js';
import type { CoseAlgorithmId } from '../ctap/cose.js';

/** What a statement is about, and what it may be signed with. */
export interface AttestationInput {
  /** As it goes out, attested credential data included. */
  readonly authData: Uint8Array;
  /** 32 bytes. */
  readonly clientDataHash: Uint8Array;
  /** The new credential, for formats that it vouches for itself in. */
  readonly credential: { readonly algorithm: CoseAlgorithmId; readonly sign: Signer };
}

/** An attestation statement with the name of its format (WebAuthn L3 §6.5.2). */
export interface AttestationStatement {
  readonly fmt: string;
  readonly attStmt: CborMap;
}
