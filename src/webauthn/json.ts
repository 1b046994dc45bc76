/**
 * Options from JSON and results to JSON: what a relying party's server and a page say to each other.
 *
 * `PublicKeyCredential.parse…OptionsFromJSON()` and `toJSON()` of WebAuthn L3 §5.1.6 to §5.1.9.
 */
import { toBase64url } from '../data/bytes.js';
import { compact } from './compact.js';
import { creationExtensions, extensionResultsToJSON, requestExtensions } from './extensions.js';
import type {
  AuthenticationCredential,
  AuthenticationResponseJSON,
  AuthenticatorSelectionCriteria,
  PublicKeyCredentialCreationOptions,
  PublicKeyCredentialDescriptor,
  PublicKeyCredentialParameters,
  PublicKeyCredentialRequestOptions,
  PublicKeyCredentialRpEntity,
  PublicKeyCredentialUserEntity,
  RegistrationCredential,
  RegistrationResponseJSON,
} from './types.js';
import {
  ATTACHMENTS,
  ATTESTATION_PREFERENCES,
  knownWord,
  RESIDENT_KEY_REQUIREMENTS,
  USER_VERIFICATION_REQUIREMENTS,
} from './vocabulary.js';
import {
  base64url,
  boolean,
  type Conversion,
  dictionary,
  domString,
  long,
  optional,
  required,
  sequence,
  unsignedLong,
} from './web-idl.js';

/**
 * Options for `create()`. Members that WebAuthn doesn't know are ignored, words that it doesn't know too.
 *
 * @throws WebAuthnError `TypeError` where a required member is missing or a value has no Web IDL conversion, `EncodingError` for a
 *   byte string that is not base64url
 * @example
 * ```ts
 * const options = parseCreationOptionsFromJSON(await response.json());
 * ```
 */
export function parseCreationOptionsFromJSON(json: unknown): PublicKeyCredentialCreationOptions {
  const from = dictionary(json, '');
  const attestation = knownWord(ATTESTATION_PREFERENCES, optional(from, 'attestation', domString));
  return compact({
    rp: required(from, 'rp', rpEntity),
    user: required(from, 'user', userEntity),
    challenge: required(from, 'challenge', base64url),
    pubKeyCredParams: required(from, 'pubKeyCredParams', sequence(credentialParameters)),
    timeout: optional(from, 'timeout', unsignedLong),
    excludeCredentials: optional(from, 'excludeCredentials', sequence(descriptor)),
    authenticatorSelection: optional(from, 'authenticatorSelection', selectionCriteria),
    hints: optional(from, 'hints', sequence(domString)),
    attestation,
    attestationFormats: optional(from, 'attestationFormats', sequence(domString)),
    extensions: optional(from, 'extensions', creationExtensions),
  });
}

/**
 * Options for `get()`.
 *
 * @throws WebAuthnError like {@link parseCreationOptionsFromJSON}
 */
export function parseRequestOptionsFromJSON(json: unknown): PublicKeyCredentialRequestOptions {
  const from = dictionary(json, '');
  const verification = optional(from, 'userVerification', domString);
  return compact({
    challenge: required(from, 'challenge', base64url),
    timeout: optional(from, 'timeout', unsignedLong),
    rpId: optional(from, 'rpId', domString),
    allowCredentials: optional(from, 'allowCredentials', sequence(descriptor)),
    userVerification: knownWord(USER_VERIFICATION_REQUIREMENTS, verification),
    hints: optional(from, 'hints', sequence(domString)),
    extensions: optional(from, 'extensions', requestExtensions),
  });
}

const rpEntity: Conversion<PublicKeyCredentialRpEntity> = (value, path) => {
  const from = dictionary(value, path);
  return compact({ id: optional(from, 'id', domString), name: required(from, 'name', domString) });
};

const userEntity: Conversion<PublicKeyCredentialUserEntity> = (value, path) => {
  const from = dictionary(value, path);
  return {
    id: required(from, 'id', base64url),
    name: required(from, 'name', domString),
    displayName: required(from, 'displayName', domString),
  };
};

const credentialParameters: Conversion<PublicKeyCredentialParameters> = (value, path) => {
  const from = dictionary(value, path);
  return { type: required(from, 'type', domString), alg: required(from, 'alg', long) };
};

const descriptor: Conversion<PublicKeyCredentialDescriptor> = (value, path) => {
  const from = dictionary(value, path);
  return compact({
    type: required(from, 'type', domString),
    id: required(from, 'id', base64url),
    transports: optional(from, 'transports', sequence(domString)),
  });
};

const selectionCriteria: Conversion<AuthenticatorSelectionCriteria> = (value, path) => {
  const from = dictionary(value, path);
  const word = <T extends string>(words: readonly T[], name: string) =>
    knownWord(words, optional(from, name, domString));
  return compact({
    authenticatorAttachment: word(ATTACHMENTS, 'authenticatorAttachment'),
    residentKey: word(RESIDENT_KEY_REQUIREMENTS, 'residentKey'),
    requireResidentKey: optional(from, 'requireResidentKey', boolean),
    userVerification: word(USER_VERIFICATION_REQUIREMENTS, 'userVerification'),
  });
};

/** A new credential, ready for the relying party's server. */
export function registrationToJSON(credential: RegistrationCredential): RegistrationResponseJSON {
  return {
    ...common(credential),
    response: compact({
      clientDataJSON: toBase64url(credential.clientDataJSON),
      authenticatorData: toBase64url(credential.authenticatorData),
      transports: [...credential.transports],
      publicKey: credential.publicKey && toBase64url(credential.publicKey),
      publicKeyAlgorithm: credential.publicKeyAlgorithm,
      attestationObject: toBase64url(credential.attestationObject),
    }),
  };
}

/** An assertion, ready for the relying party's server. */
export function authenticationToJSON(credential: AuthenticationCredential): AuthenticationResponseJSON {
  return {
    ...common(credential),
    response: compact({
      clientDataJSON: toBase64url(credential.clientDataJSON),
      authenticatorData: toBase64url(credential.authenticatorData),
      signature: toBase64url(credential.signature),
      userHandle: credential.userHandle && toBase64url(credential.userHandle),
    }),
  };
}

function common(credential: RegistrationCredential | AuthenticationCredential) {
  const id = toBase64url(credential.rawId);
  return compact({
    id,
    rawId: id,
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: extensionResultsToJSON(credential.clientExtensionResults),
  });
}
