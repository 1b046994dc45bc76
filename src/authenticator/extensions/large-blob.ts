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
  largeBlobAssertionInput,
  largeBlobAssertionOutput,
  largeBlobRegistrationOutput,
} from '../../ctap/messages/extensions.js';
import type { Codec, Malformed, Read } from '../../ctap/messages/shape.js';
import { STATUS, type Status } from '../../ctap/status.js';
import type { AuthenticatorConfig } from '../config.js';
import { type Credential, isStored } from '../credentials.js';
import type { CredentialBlob, StoreWriter } from '../ports.js';

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

/** Either of the two wishes: both or neither make no sense, which is seen as the request is read. */
export const largeBlobWish: Codec<LargeBlobWish> = {
  read: (value) => {
    const read = largeBlobAssertionInput.read(value);
    return read.ok ? wishOf(read.value) : read;
  },
  write: (wish) =>
    largeBlobAssertionInput.write(
      wish.kind === 'read' ? { read: true } : { write: wish.blob.data, originalSize: wish.blob.originalSize },
    ),
};

function wishOf({ read, write, originalSize }: LargeBlobAssertionInput): Read<LargeBlobWish> {
  if ((read === true) === (write !== undefined)) {
    return malformed(STATUS.CTAP2_ERR_INVALID_CBOR, '', 'either read or write');
  }
  if (write === undefined) return { ok: true, value: { kind: 'read' } };
  if (originalSize === undefined) {
    return malformed(STATUS.CTAP2_ERR_MISSING_PARAMETER, 'originalSize', 'to be present');
  }
  if (originalSize > MOST_BEFORE_COMPRESSION) {
    return malformed(STATUS.CTAP1_ERR_INVALID_PARAMETER, 'originalSize', 'at most four gibibytes');
  }
  return { ok: true, value: { kind: 'write', blob: { data: write, originalSize } } };
}

function malformed(status: Status, path: string, expected: string): Malformed {
  return { ok: false, status, path, expected };
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
