/**
 * WebAuthn Level 3 options and results (§5), with byte members as Uint8Array. Types only.
 *
 * Dictionaries keep the specification's member names. Members that the specification leaves open to unknown strings are strings here.
 */
import type { TransportName } from '../transport/transport.js';

export type AuthenticatorAttachment = 'platform' | 'cross-platform';
export type UserVerificationRequirement = 'required' | 'preferred' | 'discouraged';
export type ResidentKeyRequirement = 'required' | 'preferred' | 'discouraged';
export type AttestationConveyancePreference = 'none' | 'indirect' | 'direct' | 'enterprise';
/** §5.8.7. */
export type PublicKeyCredentialHint = 'security-key' | 'client-device' | 'hybrid';
/** Known transports, and whatever else an authenticator said. */
export type AuthenticatorTransport = TransportName | (string & {});

export interface PublicKeyCredentialRpEntity {
  readonly id?: string;
  readonly name: string;
}

export interface PublicKeyCredentialUserEntity {
  readonly id: Uint8Array;
  readonly name: string;
  readonly displayName: string;
}

export interface PublicKeyCredentialParameters {
  readonly type: string;
  readonly alg: number;
}

export interface PublicKeyCredentialDescriptor {
  readonly type: string;
  readonly id: Uint8Array;
  readonly transports?: readonly AuthenticatorTransport[];
}

export interface AuthenticatorSelectionCriteria {
  readonly authenticatorAttachment?: AuthenticatorAttachment;
  readonly residentKey?: ResidentKeyRequirement;
  readonly requireResidentKey?: boolean;
  readonly userVerification?: UserVerificationRequirement;
}

/** §10.1.4 `prf`: one or two inputs. */
export interface PrfValues {
  readonly first: Uint8Array;
  readonly second?: Uint8Array;
}

/** Client extension inputs that keyrig's client knows; unknown ones are ignored at parsing. */
export interface CreationExtensions {
  readonly credProps?: boolean;
  readonly prf?: {
    readonly eval?: PrfValues;
    readonly evalByCredential?: Readonly<Record<string, PrfValues>>;
  };
  readonly credentialProtectionPolicy?:
    | 'userVerificationOptional'
    | 'userVerificationOptionalWithCredentialIDList'
    | 'userVerificationRequired';
  readonly enforceCredentialProtectionPolicy?: boolean;
  readonly minPinLength?: boolean;
  readonly largeBlob?: LargeBlobInputs;
  /** CTAP 2.1 §12.2: a few bytes to keep with the credential. */
  readonly credBlob?: Uint8Array;
}

/** §10.1.5 `largeBlob`. Which members make sense depends on the operation. */
export interface LargeBlobInputs {
  readonly support?: 'required' | 'preferred';
  readonly read?: boolean;
  readonly write?: Uint8Array;
}

export interface RequestExtensions {
  readonly prf?: {
    readonly eval?: PrfValues;
    readonly evalByCredential?: Readonly<Record<string, PrfValues>>;
  };
  readonly largeBlob?: LargeBlobInputs;
  /** CTAP 2.1 §12.2: gives back what `credBlob` kept. */
  readonly getCredBlob?: boolean;
}

export interface PublicKeyCredentialCreationOptions {
  readonly rp: PublicKeyCredentialRpEntity;
  readonly user: PublicKeyCredentialUserEntity;
  readonly challenge: Uint8Array;
  readonly pubKeyCredParams: readonly PublicKeyCredentialParameters[];
  readonly timeout?: number;
  readonly excludeCredentials?: readonly PublicKeyCredentialDescriptor[];
  readonly authenticatorSelection?: AuthenticatorSelectionCriteria;
  readonly hints?: readonly string[];
  readonly attestation?: AttestationConveyancePreference;
  readonly attestationFormats?: readonly string[];
  readonly extensions?: CreationExtensions;
}

export interface PublicKeyCredentialRequestOptions {
  readonly challenge: Uint8Array;
  readonly timeout?: number;
  readonly rpId?: string;
  readonly allowCredentials?: readonly PublicKeyCredentialDescriptor[];
  readonly userVerification?: UserVerificationRequirement;
  readonly hints?: readonly string[];
  readonly extensions?: RequestExtensions;
}

/** §5.5 client extension outputs. */
export interface ClientExtensionResults {
  readonly credProps?: { readonly rk?: boolean };
  readonly prf?: { readonly enabled?: boolean; readonly results?: PrfValues };
  readonly largeBlob?: {
    readonly supported?: boolean;
    readonly blob?: Uint8Array;
    readonly written?: boolean;
  };
  readonly credBlob?: boolean;
  readonly getCredBlob?: Uint8Array;
}

/** What `create()` resolves to. */
export interface RegistrationCredential {
  readonly type: 'public-key';
  readonly rawId: Uint8Array;
  readonly authenticatorAttachment?: AuthenticatorAttachment;
  readonly clientExtensionResults: ClientExtensionResults;
  readonly clientDataJSON: Uint8Array;
  readonly attestationObject: Uint8Array;
  readonly authenticatorData: Uint8Array;
  readonly transports: readonly AuthenticatorTransport[];
  /** SPKI DER, absent for algorithms without one (§5.2.1.1). */
  readonly publicKey?: Uint8Array;
  readonly publicKeyAlgorithm: number;
}

/** What `get()` resolves to. */
export interface AuthenticationCredential {
  readonly type: 'public-key';
  readonly rawId: Uint8Array;
  readonly authenticatorAttachment?: AuthenticatorAttachment;
  readonly clientExtensionResults: ClientExtensionResults;
  readonly clientDataJSON: Uint8Array;
  readonly authenticatorData: Uint8Array;
  readonly signature: Uint8Array;
  readonly userHandle?: Uint8Array;
}

/** The DOMException names that WebAuthn's algorithms end with; `TypeError` is the JavaScript one. */
export type DomExceptionName =
  | 'NotAllowedError'
  | 'InvalidStateError'
  | 'NotSupportedError'
  | 'SecurityError'
  | 'ConstraintError'
  | 'EncodingError'
  | 'SyntaxError'
  | 'AbortError'
  | 'UnknownError'
  | 'TypeError';

/** `publicKey` members over the wire: §5.1.8 and §5.1.9 dictionaries, and `toJSON()` results. Plain JSON. */
export interface PublicKeyCredentialDescriptorJSON {
  readonly type: string;
  readonly id: string;
  readonly transports?: readonly string[];
}

export interface PublicKeyCredentialCreationOptionsJSON {
  readonly rp: PublicKeyCredentialRpEntity;
  readonly user: { readonly id: string; readonly name: string; readonly displayName: string };
  readonly challenge: string;
  readonly pubKeyCredParams: readonly PublicKeyCredentialParameters[];
  readonly timeout?: number;
  readonly excludeCredentials?: readonly PublicKeyCredentialDescriptorJSON[];
  readonly authenticatorSelection?: AuthenticatorSelectionCriteria;
  readonly hints?: readonly string[];
  readonly attestation?: string;
  readonly attestationFormats?: readonly string[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

export interface PublicKeyCredentialRequestOptionsJSON {
  readonly challenge: string;
  readonly timeout?: number;
  readonly rpId?: string;
  readonly allowCredentials?: readonly PublicKeyCredentialDescriptorJSON[];
  readonly userVerification?: string;
  readonly hints?: readonly string[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

export interface RegistrationResponseJSON {
  readonly id: string;
  readonly rawId: string;
  readonly type: string;
  readonly authenticatorAttachment?: string;
  readonly clientExtensionResults: Readonly<Record<string, unknown>>;
  readonly response: {
    readonly clientDataJSON: string;
    readonly attestationObject: string;
    readonly authenticatorData?: string;
    readonly transports?: readonly string[];
    readonly publicKey?: string;
    readonly publicKeyAlgorithm?: number;
  };
}

export interface AuthenticationResponseJSON {
  readonly id: string;
  readonly rawId: string;
  readonly type: string;
  readonly authenticatorAttachment?: string;
  readonly clientExtensionResults: Readonly<Record<string, unknown>>;
  readonly response: {
    readonly clientDataJSON: string;
    readonly authenticatorData: string;
    readonly signature: string;
    readonly userHandle?: string;
  };
}
