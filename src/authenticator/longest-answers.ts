/**
 * How long answers get. A message of the key is never longer than its maxMsgSize (CTAP 2.1 §6.4), so a configuration with which one
 * would be is refused, and what nobody could foresee is measured before anything is kept of it.
 *
 * Nothing here estimates: the longest values go through the same writers as the real ones. ClientPIN is left out, because its answers
 * stay below a hundred bytes, whatever the configuration.
 */
import { attestersOf, formatsOf, type Voucher } from '../attestation/attestation.js';
import { encodeAuthenticatorData } from '../ctap/authenticator-data.js';
import type { CborMap, CborValue } from '../ctap/cbor.js';
import type { CommandName } from '../ctap/commands.js';
import {
  COSE_CURVES,
  type CoseAlgorithm,
  type CoseAlgorithmId,
  type CoseKey,
  coseAlgorithm,
  coseKeyToCbor,
} from '../ctap/cose.js';
import { bioEnrollmentResponse } from '../ctap/messages/bio-enrollment.js';
import { credentialManagementResponse } from '../ctap/messages/credential-management.js';
import { PUBLIC_KEY_TYPE, type UserEntity } from '../ctap/messages/entities.js';
import { CRED_PROTECT, EXTENSIONS, largeBlobAssertionOutput } from '../ctap/messages/extensions.js';
import { type GetAssertionResponse, getAssertionResponse } from '../ctap/messages/get-assertion.js';
import { getInfoResponse } from '../ctap/messages/get-info.js';
import { makeCredentialResponse } from '../ctap/messages/make-credential.js';
import { encodeResponse } from '../ctap/messages/message.js';
import { STATUS } from '../ctap/status.js';
import { type AuthenticatorConfig, type Limits, MAX_PIN_LENGTH } from './config.js';
import { largeBlobSupport, MOST_BEFORE_COMPRESSION } from './extensions/large-blob.js';
import { LARGE_BLOB_KEY } from './extensions/large-blob-key.js';
import { authenticatorInfo } from './info.js';
import { LENGTHS, longestSignature } from './lengths.js';
import { optionsOf } from './options.js';
import { wrappedCredentialLength } from './wrapped-credential.js';

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
      ...(config.options.credMgmt === true || config.options.credentialMgmtPreview === true
        ? [
            {
              command: 'authenticatorCredentialManagement',
              algorithm,
              length: longestDescription(config, algorithm),
            } as const,
          ]
        : []),
    ];
  });
  return [info, ...longestEnumeration(config), ...others];
}

/** All templates with names as long as they can be. */
function longestEnumeration({ bio }: AuthenticatorConfig): readonly LongAnswer[] {
  if (bio === undefined) return [];
  const templateFriendlyName = 'x'.repeat(bio.friendlyNameBytes);
  const template = { templateId: blank(LENGTHS.templateId), templateFriendlyName };
  const templateInfos = Array.from({ length: bio.templates }, () => template);
  const length = lengthOf(bioEnrollmentResponse.write({ templateInfos }));
  return [{ command: 'authenticatorBioEnrollment', length }];
}

/** Whether an answer with these members fits into a message of the key. */
export function fits(config: AuthenticatorConfig, members: CborMap): boolean {
  return lengthOf(members) <= config.limits.maxMsgSize;
}

function lengthOf(members: CborMap): number {
  return encodeResponse(STATUS.CTAP1_ERR_SUCCESS, members).length;
}

const blank = (length: number) => new Uint8Array(length);

function longestInfo(config: AuthenticatorConfig, voucher: Voucher): number {
  // Booleans are all of one length, so only the numbers matter.
  const state = {
    wrappingKey: blank(0),
    forcePinChange: false,
    minPinLength: MAX_PIN_LENGTH,
    minPinLengthRpIds: [],
    alwaysUv: false,
    enterpriseAttestation: false,
    longTouchForReset: false,
    pinComplexityPolicy: false,
  };
  const pin = { codePoints: 0, pinRetries: 0, uvRetries: 0, complex: false, uvCount: 0xffff_ffff };
  const told = config.options.perCredMgmtRO === true;
  const encrypted = told ? { encIdentifier: blank(32), encCredStoreState: blank(32) } : {};
  const sources = { pin, state, encrypted, verificationConfigured: false, credentialCount: 0 };
  const info = authenticatorInfo(config, optionsOf(config), {
    ...sources,
    attestationFormats: formatsOf(voucher),
  });
  return lengthOf(getInfoResponse.write(info));
}

/** Bytes of the longest answer to MakeCredential, whichever format it is in; `undefined` when nobody can say. */
export function longestRegistration(
  { extensions }: Pick<AuthenticatorConfig, 'extensions'>,
  algorithm: CoseAlgorithmId,
  voucher: Voucher,
): number | undefined {
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
      // Two outputs behind the initialization vector of protocol two.
      [EXTENSIONS.hmacSecretMc, blank(80)],
      [EXTENSIONS.minPinLength, MAX_PIN_LENGTH],
      [EXTENSIONS.pinComplexityPolicy, true],
      [EXTENSIONS.credBlob, true],
    ]),
  });
  // A stored credential has a key for large blobs too, but an ID that is shorter by more than that.
  const beside = besideRegistration(extensions);
  const note = voucher.enterprise === undefined ? {} : { epAtt: true };
  const lengths = longestStatements({ algorithm, authData }, voucher).map((statement) =>
    lengthOf(makeCredentialResponse.write({ ...statement, authData, ...note, ...beside })),
  );
  return lengths.length === 0 ? undefined : Math.max(...lengths);
}

function besideRegistration(extensions: readonly string[]) {
  const supported = extensions.includes(EXTENSIONS.largeBlob)
    ? largeBlobSupport({ support: '' }, true)
    : undefined;
  return supported === undefined ? {} : { unsignedExtensionOutputs: supported };
}

/** The longest statement of each attester that can vouch for this credential and can say how long it gets. */
function longestStatements(
  { algorithm, authData }: { readonly algorithm: CoseAlgorithmId; readonly authData: Uint8Array },
  voucher: Voucher,
) {
  const credential = { algorithm, sign: () => blank(longestSignature(algorithm)) };
  const input = { authData, clientDataHash: blank(32), credential };
  const all = [...attestersOf(voucher), ...(voucher.enterprise === undefined ? [] : [voucher.enterprise])];
  return all
    .filter(({ vouchesFor }) => vouchesFor?.(algorithm) ?? true)
    .flatMap(({ longest }) => longest?.(input) ?? []);
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

/** What the length of assertions follows from, but for the algorithm. */
type AssertionLengths = Pick<AuthenticatorConfig, 'extensions'> & {
  readonly limits: Pick<Limits, 'discoverableCredentials' | 'maxCredBlobLength' | 'maxLargeBlobLength'>;
};

/** Bytes of the longest answer to GetAssertion: of a credential that is its own ID, or of one that is stored with its user. */
export function longestAssertion(config: AssertionLengths, algorithm: CoseAlgorithmId): number {
  const answer = (id: number, credBlob: number, more: Partial<GetAssertionResponse>) =>
    lengthOf(
      getAssertionResponse.write({
        credential: { id: blank(id), type: PUBLIC_KEY_TYPE },
        authData: longestAssertedData(config.extensions, credBlob),
        signature: blank(longestSignature(algorithm)),
        ...more,
      }),
    );
  const numberOfCredentials = config.limits.discoverableCredentials;
  return Math.max(
    answer(wrappedCredentialLength(algorithm), 0, {}),
    answer(LENGTHS.discoverableId, config.limits.maxCredBlobLength ?? 0, {
      user: longestUser(),
      numberOfCredentials,
      ...besideAssertion(config),
    }),
  );
}

function longestAssertedData(extensions: readonly string[], credBlob: number): Uint8Array {
  return encodeAuthenticatorData({
    rpIdHash: blank(32),
    flags: 0,
    signCount: 0,
    extensions: offered(extensions, [
      [EXTENSIONS.credBlob, blank(credBlob)],
      // Two outputs behind the initialization vector of protocol two.
      [EXTENSIONS.hmacSecret, blank(80)],
      [EXTENSIONS.thirdPartyPayment, true],
    ]),
  });
}

function longestUser(): UserEntity {
  const name = 'x'.repeat(LENGTHS.userName);
  return { id: blank(LENGTHS.userHandle), name, displayName: name };
}

function besideAssertion({ extensions, limits }: AssertionLengths): Partial<GetAssertionResponse> {
  const blob = blank(limits.maxLargeBlobLength ?? 0);
  const output = largeBlobAssertionOutput.write({ blob, originalSize: MOST_BEFORE_COMPRESSION });
  return {
    ...(extensions.includes(EXTENSIONS.largeBlobKey) ? { largeBlobKey: blank(LARGE_BLOB_KEY) } : {}),
    ...(extensions.includes(EXTENSIONS.largeBlob)
      ? { unsignedExtensionOutputs: new Map([[EXTENSIONS.largeBlob, output]]) }
      : {}),
  };
}

/** The first of all credentials of a relying party, as CredentialManagement tells of it. */
function longestDescription(config: AuthenticatorConfig, algorithm: CoseAlgorithmId): number {
  return lengthOf(
    credentialManagementResponse.write({
      user: longestUser(),
      credentialID: { id: blank(LENGTHS.discoverableId), type: PUBLIC_KEY_TYPE },
      publicKey: coseKeyToCbor(longestKey(algorithm)),
      totalCredentials: config.limits.discoverableCredentials,
      credProtect: CRED_PROTECT.userVerificationRequired,
      ...(config.extensions.includes(EXTENSIONS.largeBlobKey) ? { largeBlobKey: blank(LARGE_BLOB_KEY) } : {}),
      ...(config.extensions.includes(EXTENSIONS.thirdPartyPayment) ? { thirdPartyPayment: true } : {}),
    }),
  );
}

function offered(extensions: readonly string[], outputs: readonly (readonly [string, CborValue])[]): CborMap {
  return new Map(outputs.filter(([id]) => extensions.includes(id)));
}
