/**
 * The extensions that keyrig's client processes, between JSON and bytes (WebAuthn L3 §10, CTAP 2.1 §12).
 *
 * Other identifiers are ignored, as a client does with extensions that it doesn't know (§9.4).
 */
import { toBase64url } from '../data/bytes.js';
import { compact } from './compact.js';
import { WebAuthnError } from './errors.js';
import type { ClientExtensionResults, CreationExtensions, PrfValues, RequestExtensions } from './types.js';
import { CREDENTIAL_PROTECTION_POLICIES, knownWord } from './vocabulary.js';
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
  });
};

/** Inputs of `get()`. */
export const requestExtensions: Conversion<RequestExtensions> = (value, path) =>
  compact({ prf: optional(dictionary(value, path), 'prf', prfInputs) });

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
  const { credProps, prf } = results;
  return compact({
    credProps: credProps && { ...credProps },
    prf: prf && compact({ enabled: prf.enabled, results: prf.results && prfValuesToJSON(prf.results) }),
  });
}

function prfValuesToJSON(values: PrfValues) {
  return compact({
    first: toBase64url(values.first),
    second: values.second && toBase64url(values.second),
  });
}
