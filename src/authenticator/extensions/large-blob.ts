/**
 * largeBlob: a blob that the key itself keeps with a discoverable credential, in place of the array of all credentials (CTAP 2.2 §12). The
 * platform compresses; the key keeps what it gets and how long that was before.
 *
 * Its outputs are unsigned, and no wish is refused because it can't be fulfilled: the output says so instead.
 */
import type { CborMap } from '../../ctap/cbor.js';
import {
  EXTENSIONS,
  type LargeBlobAssertionInput,
  type LargeBlobRegistrationInput,
  largeBlobAssertionOutput,
  largeBlobRegistrationOutput,
} from '../../ctap/messages/extensions.js';
import type { AuthenticatorConfig } from '../config.js';
import { type Credential, isStored } from '../credentials.js';
import type { CredentialBlob, StoreWriter } from '../ports.js';
import { done, type Result, refuse } from '../result.js';

/** Bytes that anything could have been before compression: what no key could keep is no size. */
export const MOST_BEFORE_COMPRESSION = 0xffff_ffff;

/** What GetAssertion was asked to do with the blob. */
export type LargeBlobWish =
  | { readonly kind: 'read' }
  | { readonly kind: 'write'; readonly blob: CredentialBlob };

/** What MakeCredential answers: whether the new credential can have a blob, which takes a place to keep it in. */
export function largeBlobSupport(
  input: LargeBlobRegistrationInput | undefined,
  discoverable: boolean,
): CborMap | undefined {
  if (input === undefined) return undefined;
  return output(largeBlobRegistrationOutput.write({ supported: discoverable }));
}

/** Either of the two wishes; both or neither make no sense. */
export function largeBlobWish(input: LargeBlobAssertionInput | undefined): Result<LargeBlobWish | undefined> {
  if (input === undefined) return done(undefined);
  const { read, write, originalSize } = input;
  if ((read === true) === (write !== undefined)) return refuse('CTAP2_ERR_INVALID_CBOR');
  if (write === undefined) return done({ kind: 'read' });
  if (originalSize === undefined) return refuse('CTAP2_ERR_MISSING_PARAMETER');
  if (originalSize > MOST_BEFORE_COMPRESSION) return refuse('CTAP1_ERR_INVALID_PARAMETER');
  return done({ kind: 'write', blob: { data: write, originalSize } });
}

/** Writes it, and says whether it is kept: not when there is nowhere to keep it, when it is too long, and when the credential is gone. */
export function writeBlob(
  writer: StoreWriter,
  { limits }: AuthenticatorConfig,
  credentialId: Uint8Array,
  blob: CredentialBlob,
): boolean {
  if (blob.data.length > (limits.maxLargeBlobLength ?? 0)) return false;
  const credential = writer.credential(credentialId);
  return credential !== undefined && writer.replaceCredential({ ...credential, largeBlob: blob });
}

/** The output of `write`. */
export function writtenOutput(written: boolean): CborMap {
  return output(largeBlobAssertionOutput.write({ written }));
}

/** The output of `read`: none while there is no blob. */
export function readOutput(credential: Credential): CborMap | undefined {
  const blob = isStored(credential) ? credential.largeBlob : undefined;
  if (blob === undefined) return undefined;
  return output(largeBlobAssertionOutput.write({ blob: blob.data, originalSize: blob.originalSize }));
}

function output(members: CborMap): CborMap {
  return new Map([[EXTENSIONS.largeBlob, members]]);
}
