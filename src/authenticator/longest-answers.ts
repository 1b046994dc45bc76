/**
 * How long answers get. A message of the key is never longer than its maxMsgSize (CTAP 2.1 §6.4), so a configuration with which one
 * would be is refused, and what nobody could foresee is measured before anything is kept of it.
 *
 * Nothing here estimates: the longest values go through the same writers as the real ones. ClientPIN is left out, because its answers
 * stay below a hundred bytes, whatever the configuration.
 */
import type { AttestationFormatName, AttestationType } from '../attestation/attestation.js';
import { noneStatement } from '../attestation/none.js';
import { packedSelfStatement, packedStatement } from '../attestation/packed.js';
import type { AttestationStatement } from '../attestation/statement.js';
import { encodeAuthenticatorData } from '../ctap/authenticator-data.js';
import type { CborMap, CborValue } from '../ctap/cbor.js';
import type { CommandName } from '../ctap/commands.js';
import {
  COSE_CURVES,
  type CoseAlgorithm,
  type CoseAlgorithmId,
  type CoseKey,
  coseAlgorithm,
} from '../ctap/cose.js';
import { PUBLIC_KEY_TYPE, type UserEntity } from '../ctap/messages/entities.js';
import { CRED_PROTECT, EXTENSIONS } from '../ctap/messages/extensions.js';
import { getAssertionResponse } from '../ctap/messages/get-assertion.js';
import { getInfoResponse } from '../ctap/messages/get-info.js';
import { makeCredentialResponse } from '../ctap/messages/make-credential.js';
import { encodeResponse } from '../ctap/messages/message.js';
import { STATUS } from '../ctap/status.js';
import { type AuthenticatorConfig, MAX_PIN_LENGTH } from './config.js';
import { authenticatorInfo } from './info.js';
import { LENGTHS, longestSignature } from './lengths.js';
import { optionsOf } from './options.js';
import { wrappedCredentialLength } from './wrapped-credential.js';

/** What the length of an attester's statements follows from. Every Attester is one; basic statements have a length only with `key`. */
export interface Voucher {
  readonly type: AttestationType;
  readonly format: AttestationFormatName;
  readonly key?: {
    readonly keyPair: { readonly algorithm: CoseAlgorithmId };
    /** DER. */
    readonly certificate: Uint8Array;
  };
}

/** The longest answer to a command. */
export interface LongAnswer {
  readonly command: CommandName;
  /** The algorithm of the credential, where there is one. */
  readonly algorithm?: CoseAlgorithmId;
  /** Bytes, the status included. */
  readonly length: number;
}

/** The longest answer of each command, by algorithm. Registrations with statements of unknown length are left out. */
export function longestAnswers(config: AuthenticatorConfig, voucher: Voucher): readonly LongAnswer[] {
  const info = { command: 'authenticatorGetInfo', length: longestInfo(config, voucher) } as const;
  const others = config.algorithms.flatMap((algorithm): readonly LongAnswer[] => {
    const registration = longestRegistration(config, algorithm, voucher);
    const assertion = longestAssertion(config, algorithm);
    return [
      ...(registration === undefined
        ? []
        : [{ command: 'authenticatorMakeCredential', algorithm, length: registration } as const]),
      { command: 'authenticatorGetAssertion', algorithm, length: assertion },
    ];
  });
  return [info, ...others];
}

/** Whether an answer with these members fits into a message of the key. */
export function fits(config: AuthenticatorConfig, members: CborMap): boolean {
  return lengthOf(members) <= config.limits.maxMsgSize;
}

function lengthOf(members: CborMap): number {
    longTouchForReset: false,
    pinComplexityPolicy: false,
  return encodeResponse(STATUS.CTAP1_ERR_SUCCESS, members).length;
}

const blank = (length: number) => new Uint8Array(length);

function longestInfo(config: AuthenticatorConfig, { format }: Voucher): number {
  // Booleans are all of one length, so only the numbers matter.
  const state = {
    wrappingKey: blank(0),
    forcePinChange: false,
    minPinLength: MAX_PIN_LENGTH,
    minPinLengthRpIds: [],
    alwaysUv: false,
    enterpriseAttestation: false,
  };
  const sources = { pin: undefined, state, verificationConfigured: false, credentialCount: 0 };
  const info = authenticatorInfo(config, optionsOf(config), { ...sources, attestationFormat: format });
  return lengthOf(getInfoResponse.write(info));
}

/** Bytes of the longest answer to MakeCredential; `undefined` when nobody can say. */
export function longestRegistration(
  { extensions }: Pick<AuthenticatorConfig, 'extensions'>,
  algorithm: CoseAlgorithmId,
  voucher: Voucher,
): number | undefined {
  const statement = longestStatement(algorithm, voucher);
  if (statement === undefined) return undefined;
  const authData = encodeAuthenticatorData({
    rpIdHash: blank(32),
    flags: 0,
    signCount: 0,
    attestedCredential: {
      aaguid: blank(16),
      // Longer than those of discoverable credentials, whatever the algorithm.
      credentialId: blank(wrappedCredentialLength(algorithm)),
      publicKey: longestKey(algorithm),
    },
    extensions: offered(extensions, [
      [EXTENSIONS.credProtect, CRED_PROTECT.userVerificationRequired],
      [EXTENSIONS.hmacSecret, true],
      [EXTENSIONS.minPinLength, MAX_PIN_LENGTH],
    ]),
  });
  return lengthOf(makeCredentialResponse.write({ ...statement, authData }));
}

function longestStatement(
  algorithm: CoseAlgorithmId,
  { type, key }: Voucher,
): AttestationStatement | undefined {
  const signed = { authData: blank(0), clientDataHash: blank(0) };
  const signer = (id: CoseAlgorithmId) => ({ algorithm: id, sign: () => blank(longestSignature(id)) });
  const input = { ...signed, credential: signer(algorithm) };
  if (type === 'none') return noneStatement();
  if (type === 'self') return packedSelfStatement(input);
  return key && packedStatement(input, { ...signer(key.keyPair.algorithm), x5c: [key.certificate] });
}

function longestKey(alg: CoseAlgorithmId): CoseKey {
  const algorithm: CoseAlgorithm | undefined = coseAlgorithm(alg);
  if (algorithm?.kind === 'ecdsa') {
    const coordinate = blank(COSE_CURVES[algorithm.curve].bytes);
    return { kty: 'EC2', alg, crv: algorithm.curve, x: coordinate, y: coordinate };
  }
  if (algorithm?.kind === 'eddsa') {
    return { kty: 'OKP', alg, crv: algorithm.curve, x: blank(COSE_CURVES[algorithm.curve].bytes) };
  }
  if (algorithm?.kind === 'ml-dsa') return { kty: 'AKP', alg, pub: blank(algorithm.publicKeyBytes) };
  return { kty: 'RSA', alg, n: blank(LENGTHS.rsaModulus), e: blank(3) };
}

/** The longer one of two: a credential that is its own ID, and one that is stored with its user. */
function longestAssertion(config: AuthenticatorConfig, algorithm: CoseAlgorithmId): number {
  const authData = encodeAuthenticatorData({
    rpIdHash: blank(32),
    flags: 0,
    signCount: 0,
    // Two outputs behind the initialization vector of protocol two.
    extensions: offered(config.extensions, [[EXTENSIONS.hmacSecret, blank(80)]]),
  });
  const name = 'x'.repeat(LENGTHS.userName);
  const user = { id: blank(LENGTHS.userHandle), name, displayName: name };
  const answer = (id: number, more: { readonly user?: UserEntity; readonly numberOfCredentials?: number }) =>
    lengthOf(
      getAssertionResponse.write({
        credential: { id: blank(id), type: PUBLIC_KEY_TYPE },
        authData,
        signature: blank(longestSignature(algorithm)),
        ...more,
      }),
    );
  const numberOfCredentials = config.limits.discoverableCredentials;
  return Math.max(
    answer(wrappedCredentialLength(algorithm), {}),
    answer(LENGTHS.discoverableId, { user, numberOfCredentials }),
  );
}

function offered(extensions: readonly string[], outputs: readonly (readonly [string, CborValue])[]): CborMap {
  return new Map(outputs.filter(([id]) => extensions.includes(id)));
}
