/**
 * The largeBlob extension (WebAuthn L3 §10.1.5), over either of CTAP's two ways: an array that the platform reads and writes
 * (CTAP 2.1 §6.10, §12.3), or blobs that the authenticator keeps itself (CTAP 2.2 §12).
 */
import type { CborMap, CborValue } from '../ctap/cbor.js';
import {
  EXTENSIONS,
  largeBlobAssertionInput,
  largeBlobAssertionOutput,
  largeBlobRegistrationInput,
  largeBlobRegistrationOutput,
} from '../ctap/messages/extensions.js';
import type { GetAssertionResponse } from '../ctap/messages/get-assertion.js';
import type { GetInfoResponse } from '../ctap/messages/get-info.js';
import type { MakeCredentialResponse } from '../ctap/messages/make-credential.js';
import { compact } from '../webauthn/compact.js';
import { WebAuthnError } from '../webauthn/errors.js';
import type {
  ClientExtensionResults,
  LargeBlobInputs,
  PublicKeyCredentialDescriptor,
} from '../webauthn/types.js';
import { knowsExtension } from './capabilities.js';
import type { DeviceSession } from './device-session.js';
import { compressBlob, inflateBlob } from './large-blob-array.js';
import { createLargeBlobClient } from './large-blob-client.js';
import type { Verification } from './user-verification.js';

type Results = NonNullable<ClientExtensionResults['largeBlob']>;

/** Rules for `create()`. @throws WebAuthnError `NotSupportedError` */
export function checkCreationLargeBlob(asked: LargeBlobInputs | undefined): void {
  if (asked?.read === undefined && asked?.write === undefined) return;
  throw notSupported('largeBlob can be read and written once there is a credential');
}

/** Rules for `get()`. @throws WebAuthnError `NotSupportedError` */
export function checkRequestLargeBlob(
  asked: LargeBlobInputs | undefined,
  allowed: readonly PublicKeyCredentialDescriptor[],
): void {
  if (asked?.support !== undefined) throw notSupported('largeBlob.support is for new credentials');
  if (asked?.write === undefined) return;
  if (asked.read !== undefined) throw notSupported('largeBlob is either read or written');
  if (allowed.length !== 1) throw notSupported('largeBlob.write needs exactly one entry in allowCredentials');
}

function notSupported(why: string): WebAuthnError {
  return new WebAuthnError('NotSupportedError', why);
}

/** How a device keeps blobs: in the array of all, or each with its credential. */
export type BlobWay = 'array' | 'with-credential';

/** The way of a device; `undefined` when it keeps none. */
export function blobWay(info: GetInfoResponse): BlobWay | undefined {
  const array = info.options?.get('largeBlobs') === true && knowsExtension(info, EXTENSIONS.largeBlobKey);
  if (array) return 'array';
  return knowsExtension(info, EXTENSIONS.largeBlob) ? 'with-credential' : undefined;
}

/** The input of MakeCredential on a device that can, for a credential that is kept. */
export function creationBlobInput(
  asked: LargeBlobInputs,
  way: BlobWay,
): readonly [id: string, value: CborValue] {
  if (way === 'array') return [EXTENSIONS.largeBlobKey, true];
  const support = asked.support ?? 'preferred';
  return [EXTENSIONS.largeBlob, largeBlobRegistrationInput.write({ support })];
}

/** Whether the new credential can have a blob, by what the device answered. */
export function supportsBlob({ largeBlobKey, unsignedExtensionOutputs }: MakeCredentialResponse): boolean {
  if (largeBlobKey !== undefined) return true;
  const output = largeBlobRegistrationOutput.read(ownOutput(unsignedExtensionOutputs));
  return output.ok && output.value.supported;
}

/** The input of GetAssertion; `undefined` when nothing is asked of the device, or in vain. */
export function requestBlobInput(
  asked: LargeBlobInputs | undefined,
  way: BlobWay | undefined,
): readonly [id: string, value: CborValue] | undefined {
  if (way === undefined || !asksForBlob(asked)) return undefined;
  if (way === 'array') return [EXTENSIONS.largeBlobKey, true];
  const { write } = asked;
  const input =
    write === undefined ? { read: true } : { write: compressBlob(write), originalSize: write.length };
  return [EXTENSIONS.largeBlob, largeBlobAssertionInput.write(input)];
}

/** Whether a blob is to be read or written. */
export function asksForBlob(asked: LargeBlobInputs | undefined): asked is LargeBlobInputs {
  return asked?.read === true || asked?.write !== undefined;
}

/** Whether the array is to be written, which a protected device wants its user verified for. */
export function writesArray(asked: LargeBlobInputs | undefined, info: GetInfoResponse): boolean {
  return asked?.write !== undefined && blobWay(info) === 'array';
}

/**
 * What came of it, once the account is chosen: the blob if there is one, or whether it was written. Failures of the device to give or to
 * take a blob are no failures of the ceremony.
 */
export async function exchangeBlob(
  session: DeviceSession,
  asked: LargeBlobInputs | undefined,
  response: GetAssertionResponse,
  verification: Verification,
): Promise<Results | undefined> {
  if (!asksForBlob(asked)) return undefined;
  if (blobWay(session.info) === 'array') return throughArray(session, asked, response, verification);
  const output = largeBlobAssertionOutput.read(ownOutput(response.unsignedExtensionOutputs));
  const { written, blob, originalSize = 0 } = output.ok ? output.value : {};
  if (asked.write !== undefined) return { written: written === true };
  return compact({ blob: blob && inflateBlob(blob, originalSize) });
}

async function throughArray(
  { ctap, info, crypto }: DeviceSession,
  { write }: LargeBlobInputs,
  { largeBlobKey: key }: GetAssertionResponse,
  verification: Verification,
): Promise<Results> {
  const token = verification.kind === 'token' ? verification.token : undefined;
  const blobs = createLargeBlobClient(ctap, info, crypto, token);
  // A credential that was made without a key has no blob and can't get one
  if (blobs === undefined || key === undefined) return write === undefined ? {} : { written: false };
  if (write !== undefined) return { written: (await blobs.write(key, write)).ok };
  const found = await blobs.read(key);
  return compact({ blob: found.ok ? found.value : undefined });
}

function ownOutput(outputs: CborMap | undefined): CborValue {
  return outputs?.get(EXTENSIONS.largeBlob) ?? new Map();
}
