/**
 * `create()` on one device: a MakeCredential that fits it (WebAuthn L3 §5.1.3, the loop; CTAP 2.1 §6.1).
 */

import { spkiFromCoseKey } from '../crypto/spki.js';
import type { CborValue } from '../ctap/cbor.js';
import { PERMISSIONS } from '../ctap/messages/client-pin.js';
import { CRED_PROTECT, EXTENSIONS } from '../ctap/messages/extensions.js';
import type { GetInfoResponse } from '../ctap/messages/get-info.js';
import type { MakeCredentialRequest, MakeCredentialResponse } from '../ctap/messages/make-credential.js';
import { STATUS } from '../ctap/status.js';
import { compact } from '../webauthn/compact.js';
import { WebAuthnError } from '../webauthn/errors.js';
import type { ClientExtensionResults, RegistrationCredential } from '../webauthn/types.js';
import { faultyAnswer, readAuthData } from './answer-check.js';
import { conveyAttestation } from './attestation-object.js';
import {
  attestsEnterprises,
  knowsExtension,
  planForCreation,
  storesCredentials,
  takesAttestationFormats,
  type VerificationPlan,
} from './capabilities.js';
import type { CreationPlan } from './creation-plan.js';
import { type Batch, batchesOf, locate } from './credential-list.js';
import type { DeviceSession } from './device-session.js';
import { blobWay, creationBlobInput, supportsBlob } from './large-blob.js';
import type { DeviceOperation } from './operation.js';
import { done, ended, type Outcome, type Refusal, refused } from './outcome.js';
import { type PrfExchange, startPrf } from './prf.js';
import {
  asksFirst,
  needsPinAfterAll,
  userStatus,
  type Verification,
  verifyByPin,
  verifyUser,
} from './user-verification.js';

/** Who decides whether a relying party may learn which very device this is (CTAP 2.1 §7.1). */
export type EnterprisePolicy = (rpId: string) => 'vendor-facilitated' | 'platform-managed' | undefined;

/** Values of the enterpriseAttestation member (CTAP 2.1 §6.1). */
const ENTERPRISE = { 'vendor-facilitated': 1, 'platform-managed': 2 } as const;

/** The operation of a plan. */
export function makeCredentialOperation(
  plan: CreationPlan,
  policy: EnterprisePolicy,
): DeviceOperation<RegistrationCredential> {
  return {
    async prepare(session) {
      const discoverable = wantsDiscoverable(plan, session.info);
      const verification = planForCreation(session.info, plan.userVerification, discoverable);
      const unfit = refusalBefore(plan, session.info, verification);
      if (unfit !== undefined) return unfit;
      const creation = new Creation(plan, policy, session, { discoverable, verification });
      return done({ asksFirst: asksFirst(session, verification), run: () => creation.run() });
    },
  };
}

/** What becomes of `preferred` depends on the device (§5.1.3, "requireResidentKey" of the loop). */
function wantsDiscoverable(plan: CreationPlan, info: GetInfoResponse): boolean {
  return plan.residentKey === 'required' || (plan.residentKey === 'preferred' && storesCredentials(info));
}

/** Why a device is not even asked. */
function refusalBefore(
  plan: CreationPlan,
  info: GetInfoResponse,
  verification: VerificationPlan,
): Refusal | undefined {
  if (plan.residentKey === 'required' && !storesCredentials(info)) return refused('cannot-store');
  if (verification === 'impossible') return refused('cannot-verify');
  const { credentialProtectionPolicy: policy, enforceCredentialProtectionPolicy: enforce } = plan.extensions;
  const { largeBlob } = plan.extensions;
  const canKeep = blobWay(info) !== undefined && wantsDiscoverable(plan, info);
  if (largeBlob?.support === 'required' && !canKeep) return refused('cannot-keep-blobs');
  const mustProtect = enforce === true && policy !== undefined && policy !== 'userVerificationOptional';
  return mustProtect && !knowsExtension(info, EXTENSIONS.credProtect) ? refused('cannot-protect') : undefined;
}

/** One MakeCredential on one device, repeated at most once with a PIN. */
class Creation {
  readonly #plan: CreationPlan;
  readonly #policy: EnterprisePolicy;
  readonly #session: DeviceSession;
  readonly #choices: { readonly discoverable: boolean; readonly verification: VerificationPlan };
  readonly #exclude: readonly Batch[];

  constructor(
    plan: CreationPlan,
    policy: EnterprisePolicy,
    session: DeviceSession,
    choices: { readonly discoverable: boolean; readonly verification: VerificationPlan },
  ) {
    this.#plan = plan;
    this.#policy = policy;
    this.#session = session;
    this.#choices = choices;
    this.#exclude = batchesOf(plan.exclude, plan.rp.id, session.info);
  }

  async run(): Promise<Outcome<RegistrationCredential>> {
    const verified = await verifyUser(this.#session, this.#choices.verification, this.#grant());
    if (verified.kind !== 'done') return verified;
    const first = await this.#create(verified.value);
    if (!needsPinAfterAll(this.#session, verified.value, first)) return first;
    const byPin = await verifyByPin(this.#session, 'verify', this.#grant());
    return byPin.kind === 'done' ? this.#create(byPin.value) : byPin;
  }

  #grant() {
    // Probing for excluded credentials is a GetAssertion.
    const probes = this.#exclude.length > 1;
    return { permissions: PERMISSIONS.mc | (probes ? PERMISSIONS.ga : 0), rpId: this.#plan.rp.id };
  }

  /** Everything that depends on how the user was verified, hence what a second attempt does anew. */
  async #create(verification: Verification): Promise<Outcome<RegistrationCredential>> {
    const prf = await this.#prf(verification);
    if (prf.kind !== 'done') return prf;
    const request = this.#request(verification, await this.#excludeList(verification), prf.value);
    const answer = await this.#session.ctap.makeCredential(request);
    if (answer.ok) return done(this.#credential(answer.value, prf.value));
    if (answer.status === STATUS.CTAP2_ERR_CREDENTIAL_EXCLUDED)
      return ended(
        new WebAuthnError('InvalidStateError', 'the device holds one of the excluded credentials'),
      );
    if (answer.status === STATUS.CTAP2_ERR_UNSUPPORTED_ALGORITHM)
      return refused('algorithm', { status: answer.status });
    return userStatus(answer.status);
  }

  /** A list that the device takes as it is goes along; of a longer one only what it is known to hold. */
  async #excludeList(verification: Verification): Promise<Batch | undefined> {
    if (this.#exclude.length <= 1) return this.#exclude[0];
    const token = verification.kind === 'token' ? verification.token : undefined;
    const located = await locate(this.#session, this.#plan.rp.id, this.#exclude, token);
    if (located.kind === 'here') return [located.credential];
    return located.kind === 'unknown' ? located.batch : undefined;
  }

  /** Inputs of prf at creation, where the device evaluates them (CTAP 2.2 hmac-secret-mc) and its user is verified (§10.1.4). */
  #prf(verification: Verification): Promise<Outcome<PrfExchange | undefined>> {
    const possible =
      knowsExtension(this.#session.info, EXTENSIONS.hmacSecretMc) && verification.kind !== 'none';
    return startPrf(this.#session, possible ? this.#plan.extensions.prf?.eval : undefined);
  }

  #request(
    verification: Verification,
    excludeList: Batch | undefined,
    prf: PrfExchange | undefined,
  ): MakeCredentialRequest {
    const { clientDataHash, rp, user, algorithms } = this.#plan;
    const options = compact({
      // Never sent as false: devices without the option refuse either value (CTAP 2.1 §6.1.2 step 5).
      rk: this.#choices.discoverable ? true : undefined,
      uv: verification.kind === 'with-command' ? true : undefined,
    });
    const extensions = this.#extensions(prf);
    const token = verification.kind === 'token' ? verification.token : undefined;
    return compact({
      clientDataHash,
      rp,
      user,
      pubKeyCredParams: algorithms,
      excludeList,
      extensions: extensions.size > 0 ? extensions : undefined,
      options: Object.keys(options).length > 0 ? options : undefined,
      pinUvAuthParam: token?.authenticate(clientDataHash),
      pinUvAuthProtocol: token?.protocol,
      enterpriseAttestation: this.#enterprise(),
      attestationFormatsPreference: this.#formats(),
    });
  }

  /** Authenticator extension inputs, each only for devices that list it (CTAP 2.1 §12). */
  #extensions(prf: PrfExchange | undefined): ReadonlyMap<string, CborValue> {
    const { info } = this.#session;
    const asked = this.#plan.extensions;
    const inputs = new Map<string, CborValue>();
    const policy = asked.credentialProtectionPolicy;
    if (policy !== undefined && knowsExtension(info, EXTENSIONS.credProtect))
      inputs.set(EXTENSIONS.credProtect, CRED_PROTECT[policy]);
    if (asked.prf !== undefined && knowsExtension(info, EXTENSIONS.hmacSecret))
      inputs.set(EXTENSIONS.hmacSecret, true);
    if (prf !== undefined) inputs.set(EXTENSIONS.hmacSecretMc, prf.input);
    if (asked.minPinLength === true && knowsExtension(info, EXTENSIONS.minPinLength))
      inputs.set(EXTENSIONS.minPinLength, true);
    if (this.#credBlobFits()) inputs.set(EXTENSIONS.credBlob, asked.credBlob ?? new Uint8Array(0));
    const way = blobWay(info);
    if (asked.largeBlob !== undefined && way !== undefined && this.#choices.discoverable)
      inputs.set(...creationBlobInput(asked.largeBlob, way));
    return inputs;
  }

  /** Whether there is something to keep that the device could keep; it keeps nothing else (CTAP 2.1 §12.2). */
  #credBlobFits(): boolean {
    const { info } = this.#session;
    const { credBlob } = this.#plan.extensions;
    const known = credBlob !== undefined && knowsExtension(info, EXTENSIONS.credBlob);
    return known && credBlob.length <= (info.maxCredBlobLength ?? 0);
  }

  /** Only for devices that have it switched on, and relying parties that the policy trusts (CTAP 2.1 §7.1.3). */
  #enterprise(): number | undefined {
    if (this.#plan.attestation !== 'enterprise' || !attestsEnterprises(this.#session.info)) return undefined;
    const kind = this.#policy(this.#plan.rp.id);
    return kind && ENTERPRISE[kind];
  }

  /** Members that a device of CTAP 2.1 doesn't know are best not sent to it, although it should ignore them. */
  #formats(): readonly string[] | undefined {
    const { attestationFormats } = this.#plan;
    const useful = attestationFormats.length > 0 && takesAttestationFormats(this.#session.info);
    return useful ? attestationFormats : undefined;
  }

  /** The answer in WebAuthn's words. @throws KeyrigError `message-malformed` when it is none for this request */
  #credential(response: MakeCredentialResponse, prf: PrfExchange | undefined): RegistrationCredential {
    const { device, info } = this.#session;
    const data = readAuthData(this.#session, this.#plan.rp.id, response.authData);
    const attested = data.attestedCredential;
    if (attested === undefined) throw faultyAnswer(this.#session, 'the registration holds no credential');
    return compact({
      type: 'public-key' as const,
      rawId: attested.credentialId,
      authenticatorAttachment: device.attachment,
      clientExtensionResults: this.#results(data.extensions, response, prf),
      clientDataJSON: this.#plan.clientDataJSON,
      attestationObject: conveyAttestation(this.#plan.attestation, response, data),
      authenticatorData: response.authData,
      // Unique and in lexicographical order (§5.2.1 [[transports]]); words that nobody knows yet stay.
      transports: [...new Set(info.transports ?? [this.#session.ctap.transport])].sort(),
      publicKey: spkiFromCoseKey(attested.publicKey),
      publicKeyAlgorithm: attested.publicKey.alg,
    });
  }

  /** Client extension outputs: of credProps what was asked for (§10.1.3), of prf what the device confirms (§10.1.4). */
  #results(
    outputs: ReadonlyMap<unknown, CborValue> | undefined,
    response: MakeCredentialResponse,
    prf: PrfExchange | undefined,
  ): ClientExtensionResults {
    const asked = this.#plan.extensions;
    const enabled = outputs?.get(EXTENSIONS.hmacSecret) === true;
    return compact({
      credProps: asked.credProps === true ? { rk: this.#choices.discoverable } : undefined,
      prf: asked.prf && compact({ enabled, results: prf?.open(outputs?.get(EXTENSIONS.hmacSecretMc)) }),
      largeBlob: asked.largeBlob && { supported: supportsBlob(response) },
      credBlob: asked.credBlob && outputs?.get(EXTENSIONS.credBlob) === true,
    });
  }
}
