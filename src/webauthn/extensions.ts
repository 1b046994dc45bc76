/**
 * The extensions that keyrig's client processes, between JSON and bytes (WebAuthn L3 §10, CTAP 2.1 §12).
 *
 * Other identifiers are ignored, as a client does with extensions that it doesn't know (§9.4).
 */
import { toBase64url } from '../data/bytes.js';
import { compact } from './compact.js';
import { WebAuthnError } from './errors.js';
import type {
  ClientExtensionResults,
  CreationExtensions,
  LargeBlobInputs,
  PrfValues,
  RequestExtensions,
} from './types.js';
import { CREDENTIAL_PROTECTION_POLICIES, knownWord, LARGE_BLOB_SUPPORT } from './vocabulary.js';
import {
  base64url,
  boolean,
  type Conversion,
  dictionary,
  domString,
  optional,
  record,
  required,
} from './web-idl.js';

/** Inputs of `create()`. */
export const creationExtensions: Conversion<CreationExtensions> = (value, path) => {
  const from = dictionary(value, path);
  return compact({
    credProps: optional(from, 'credProps', boolean),
    prf: optional(from, 'prf', prfInputs),
    credentialProtectionPolicy: optional(from, 'credentialProtectionPolicy', protectionPolicy),
    enforceCredentialProtectionPolicy: optional(from, 'enforceCredentialProtectionPolicy', boolean),
    minPinLength: optional(from, 'minPinLength', boolean),
    largeBlob: optional(from, 'largeBlob', largeBlobInputs),
    credBlob: optional(from, 'credBlob', base64url),
  });
};

/** Inputs of `get()`. */
export const requestExtensions: Conversion<RequestExtensions> = (value, path) => {
  const from = dictionary(value, path);
  return compact({
    prf: optional(from, 'prf', prfInputs),
    largeBlob: optional(from, 'largeBlob', largeBlobInputs),
    getCredBlob: optional(from, 'getCredBlob', boolean),
  });
};

/** A word for `support` that nobody knows yet asks for it without insisting, as the usual value does (WebAuthn L3 §10.1.5). */
const largeBlobInputs: Conversion<LargeBlobInputs> = (value, path) => {
  const from = dictionary(value, path);
  const support = optional(from, 'support', domString);
  return compact({
    support: support === undefined ? undefined : (knownWord(LARGE_BLOB_SUPPORT, support) ?? 'preferred'),
    read: optional(from, 'read', boolean),
    write: optional(from, 'write', base64url),
  });
};

type PrfInputs = NonNullable<RequestExtensions['prf']>;

const prfInputs: Conversion<PrfInputs> = (value, path) => {
  const from = dictionary(value, path);
  return compact({
    eval: optional(from, 'eval', prfValues),
    evalByCredential: optional(from, 'evalByCredential', record(prfValues)),
  });
};

const prfValues: Conversion<PrfValues> = (value, path) => {
  const from = dictionary(value, path);
  return compact({ first: required(from, 'first', base64url), second: optional(from, 'second', base64url) });
};

/** Here an unknown word must not be ignored: the credential would be less protected than was asked. Browsers have an enum. */
const protectionPolicy: Conversion<NonNullable<CreationExtensions['credentialProtectionPolicy']>> = (
  value,
  path,
) => {
  const policy = knownWord(CREDENTIAL_PROTECTION_POLICIES, domString(value, path));
  if (policy === undefined)
    throw new WebAuthnError('TypeError', `${path} is not a credential protection policy`);
  return policy;
};

/** Outputs as `toJSON()` gives them: byte strings in base64url. */
export function extensionResultsToJSON(results: ClientExtensionResults): Readonly<Record<string, unknown>> {
  const { credProps, prf, largeBlob, credBlob, getCredBlob } = results;
  return compact({
    credProps: credProps && { ...credProps },
    prf: prf && compact({ enabled: prf.enabled, results: prf.results && prfValuesToJSON(prf.results) }),
    largeBlob: largeBlob && { ...largeBlob, ...(largeBlob.blob && { blob: toBase64url(largeBlob.blob) }) },
    credBlob,
    getCredBlob: getCredBlob && toBase64url(getCredBlob),
  });
}

function prfValuesToJSON(values: PrfValues) {
  return compact({
    first: toBase64url(values.first),
    second: values.second && toBase64url(values.second),
  });
}
