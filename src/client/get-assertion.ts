/**
 * `get()` on one device: a GetAssertion that fits it, and the choice among accounts (WebAuthn L3 §5.1.4, the loop; CTAP 2.1 §6.2).
 */
import type { CborValue } from '../ctap/cbor.js';
import { PERMISSIONS } from '../ctap/messages/client-pin.js';
import { EXTENSIONS } from '../ctap/messages/extensions.js';
import type { GetAssertionRequest, GetAssertionResponse } from '../ctap/messages/get-assertion.js';
import type { GetInfoResponse } from '../ctap/messages/get-info.js';
import { STATUS } from '../ctap/status.js';
import { compact } from '../webauthn/compact.js';
import { WebAuthnError } from '../webauthn/errors.js';
import type { AuthenticationCredential, ClientExtensionResults } from '../webauthn/types.js';
import { faultyAnswer, readAuthData } from './answer-check.js';
import { canVerify, knowsExtension, planForAssertion, type VerificationPlan } from './capabilities.js';
import { type Batch, batchesOf, type Located, locate, named } from './credential-list.js';
import type { DeviceSession } from './device-session.js';
import { blobWay, exchangeBlob, requestBlobInput, writesArray } from './large-blob.js';
import type { DeviceOperation } from './operation.js';
import { done, ended, type Outcome, refused } from './outcome.js';
import { type PrfExchange, prfInputsFor, startPrf } from './prf.js';
import type { RequestPlan } from './request-plan.js';
import {
  asksFirst,
  needsPinAfterAll,
  userStatus,
  type Verification,
  verifyByPin,
  verifyUser,
} from './user-verification.js';

/** More accounts than that no device keeps for one relying party, and nobody would read the list. */
const MOST_ACCOUNTS = 1_000;

/** The operation of a plan. */
export function getAssertionOperation(plan: RequestPlan): DeviceOperation<AuthenticationCredential> {
  return {
    async prepare(session) {
      const verification = planFor(plan, session.info);
      if (verification === 'impossible') return refused('cannot-verify');
      const batches = batchesOf(plan.allow, plan.rpId, session.info);
      const located = await locate(session, plan.rpId, batches);
      const hidden = verification === 'verify' && batches.length > 0 && hidesCredentials(session.info);
      if (plan.allow.length > 0 && located.kind === 'absent' && !hidden) return refused('no-credentials');
      const assertion = new Assertion(plan, session, { verification, batches, located });
      return done({ asksFirst: asksFirst(session, verification), run: () => assertion.run() });
    },
  };
}

/**
 * prf is only ever evaluated for a verified user (§10.1.4), and a protected device lets nobody else write the array of large blobs
 * (CTAP 2.1 §6.10.2), so both ask for verification wherever that is possible.
 */
function planFor(plan: RequestPlan, info: GetInfoResponse): VerificationPlan {
  const evaluates = evaluatesPrf(plan) && knowsExtension(info, EXTENSIONS.hmacSecret);
  const overrides = (evaluates || writesArray(plan.extensions.largeBlob, info)) && canVerify(info);
  return planForAssertion(info, overrides ? 'required' : plan.userVerification);
}

function evaluatesPrf({ extensions: { prf } }: RequestPlan): boolean {
  return prf?.eval !== undefined || Object.keys(prf?.evalByCredential ?? {}).length > 0;
}

/** credProtect level 3 hides a credential from silent questions (CTAP 2.1 §12.1). */
function hidesCredentials(info: GetInfoResponse): boolean {
  return knowsExtension(info, EXTENSIONS.credProtect);
}

/** One GetAssertion on one device, repeated at most once with a PIN. */
class Assertion {
  readonly #plan: RequestPlan;
  readonly #session: DeviceSession;
  readonly #verification: VerificationPlan;
  readonly #batches: readonly Batch[];
  #located: Located;

  constructor(
    plan: RequestPlan,
    session: DeviceSession,
    found: {
      readonly verification: VerificationPlan;
      readonly batches: readonly Batch[];
      readonly located: Located;
    },
  ) {
    this.#plan = plan;
    this.#session = session;
    this.#verification = found.verification;
    this.#batches = found.batches;
    this.#located = found.located;
  }

  async run(): Promise<Outcome<AuthenticationCredential>> {
    const writes = writesArray(this.#plan.extensions.largeBlob, this.#session.info);
    const permissions = PERMISSIONS.ga | (writes ? PERMISSIONS.lbw : 0);
    const grant = { permissions, rpId: this.#plan.rpId };
    const verified = await verifyUser(this.#session, this.#verification, grant);
    if (verified.kind !== 'done') return verified;
    const first = await this.#assert(verified.value);
    if (!needsPinAfterAll(this.#session, verified.value, first)) return first;
    const byPin = await verifyByPin(this.#session, 'verify', grant);
    return byPin.kind === 'done' ? this.#assert(byPin.value) : byPin;
  }

  /** Everything that depends on how the user was verified, hence what a second attempt does anew. */
  async #assert(verification: Verification): Promise<Outcome<AuthenticationCredential>> {
    const allowList = await this.#allowList(verification);
    if (allowList?.length === 0) return refused('no-credentials');
    const prf = await this.#prf(verification, allowList);
    if (prf.kind !== 'done') return prf;
    const answer = await this.#session.ctap.getAssertion(this.#request(verification, allowList, prf.value));
    if (answer.ok) return this.#finish(answer.value, verification, allowList, prf.value);
    if (answer.status === STATUS.CTAP2_ERR_NO_CREDENTIALS) return refused('no-credentials');
    return userStatus(answer.status);
  }

  /**
   * The list to send: `undefined` for a request that allows all, empty when nothing is left. Credentials that hide are looked for
   * again with the token, where a list is too long to be sent whole or its members have inputs of their own.
   */
  async #allowList(verification: Verification): Promise<Batch | undefined> {
    if (this.#plan.allow.length === 0) return undefined;
    const [first = []] = this.#batches;
    const matters = this.#batches.length > 1 || this.#plan.extensions.prf?.evalByCredential !== undefined;
    if (this.#located.kind !== 'here' && matters && verification.kind === 'token') {
      this.#located = await locate(this.#session, this.#plan.rpId, this.#batches, verification.token);
      if (this.#located.kind === 'absent') return [];
    }
    if (this.#located.kind === 'here') return [this.#located.credential];
    return this.#located.kind === 'unknown' ? this.#located.batch : first;
  }

  /** The salts to send. Without a list, or with one that was not narrowed down, only the inputs for all credentials fit. */
  #prf(verification: Verification, allowList: Batch | undefined): Promise<Outcome<PrfExchange | undefined>> {
    const only = allowList?.length === 1 ? allowList[0] : undefined;
    const possible =
      knowsExtension(this.#session.info, EXTENSIONS.hmacSecret) && verification.kind !== 'none';
    const values = prfInputsFor(this.#plan.extensions.prf, only?.id);
    return startPrf(this.#session, possible ? values : undefined);
  }

  #request(
    verification: Verification,
    allowList: Batch | undefined,
    prf: PrfExchange | undefined,
  ): GetAssertionRequest {
    const { rpId, clientDataHash } = this.#plan;
    const token = verification.kind === 'token' ? verification.token : undefined;
    return compact({
      rpId,
      clientDataHash,
      allowList,
      extensions: this.#extensions(prf),
      options: verification.kind === 'with-command' ? { uv: true } : undefined,
      pinUvAuthParam: token?.authenticate(clientDataHash),
      pinUvAuthProtocol: token?.protocol,
    });
  }

  /** Authenticator extension inputs, each only for devices that list it (CTAP 2.1 §12); `undefined` for none. */
  #extensions(prf: PrfExchange | undefined): ReadonlyMap<string, CborValue> | undefined {
    const { info } = this.#session;
    const { largeBlob, getCredBlob } = this.#plan.extensions;
    const blob = requestBlobInput(largeBlob, blobWay(info));
    const inputs = new Map<string, CborValue>();
    if (prf !== undefined) inputs.set(EXTENSIONS.hmacSecret, prf.input);
    if (blob !== undefined) inputs.set(...blob);
    if (getCredBlob === true && knowsExtension(info, EXTENSIONS.credBlob))
      inputs.set(EXTENSIONS.credBlob, true);
    return inputs.size === 0 ? undefined : inputs;
  }

  /** A device with a display has let its user choose; after a list there is nothing to choose (CTAP 2.1 §6.2.2 steps 11, 12). */
  async #finish(
    first: GetAssertionResponse,
    verification: Verification,
    allowList: Batch | undefined,
    prf: PrfExchange | undefined,
  ): Promise<Outcome<AuthenticationCredential>> {
    const more =
      allowList === undefined && first.userSelected !== true ? (first.numberOfCredentials ?? 1) : 1;
    const chosen = more > 1 ? await this.#choose(first, more) : done(first);
    if (chosen.kind !== 'done') return chosen;
    const credential = this.#credential(chosen.value, allowList, prf);
    const asked = this.#plan.extensions.largeBlob;
    const largeBlob = await exchangeBlob(this.#session, asked, chosen.value, verification);
    if (largeBlob === undefined) return done(credential);
    const { clientExtensionResults } = credential;
    return done({ ...credential, clientExtensionResults: { ...clientExtensionResults, largeBlob } });
  }

  /** Reads all accounts, since the device names them one by one, and asks which one. */
  async #choose(first: GetAssertionResponse, count: number): Promise<Outcome<GetAssertionResponse>> {
    if (count > MOST_ACCOUNTS) throw faultyAnswer(this.#session, `it claims ${count} accounts`);
    const all = [first];
    while (all.length < count) {
      const next = await this.#session.ctap.getNextAssertion();
      if (!next.ok) return refused('status', { status: next.status });
      all.push(next.value);
    }
    const accounts = all.map(({ user }) => {
      if (user === undefined) throw faultyAnswer(this.#session, 'one of several accounts has no user');
      return compact({ userId: user.id, name: user.name, displayName: user.displayName });
    });
    const index = await this.#session.prompts.chooseAccount(accounts);
    const chosen = index === undefined ? undefined : all[index];
    if (chosen === undefined) return ended(new WebAuthnError('NotAllowedError', 'the user chose no account'));
    return done(chosen);
  }

  /** The answer in WebAuthn's words. @throws KeyrigError `message-malformed` when it is none for this request */
  #credential(
    response: GetAssertionResponse,
    allowList: Batch | undefined,
    prf: PrfExchange | undefined,
  ): AuthenticationCredential {
    const data = readAuthData(this.#session, this.#plan.rpId, response.authData);
    const id =
      allowList === undefined ? response.credential?.id : named(response.credential?.id, allowList)?.id;
    if (id === undefined)
      throw faultyAnswer(this.#session, 'the assertion is by no credential that was asked for');
    const userHandle = response.user?.id;
    // A list-less request is for discoverable credentials, which have a user handle (§6.2.2).
    if (allowList === undefined && userHandle === undefined)
      throw faultyAnswer(this.#session, 'a discoverable credential has no user');
    return compact({
      type: 'public-key' as const,
      rawId: id,
      authenticatorAttachment: this.#session.device.attachment,
      clientExtensionResults: this.#results(data.extensions, prf),
      clientDataJSON: this.#plan.clientDataJSON,
      authenticatorData: response.authData,
      signature: response.signature,
      userHandle: userHandle?.length === 0 ? undefined : userHandle,
    });
  }

  /** Client extension outputs that authenticator data carries. */
  #results(
    outputs: ReadonlyMap<unknown, CborValue> | undefined,
    prf: PrfExchange | undefined,
  ): ClientExtensionResults {
    const asked = this.#plan.extensions;
    const kept = outputs?.get(EXTENSIONS.credBlob);
    return compact({
      prf: asked.prf && compact({ results: prf?.open(outputs?.get(EXTENSIONS.hmacSecret)) }),
      getCredBlob: asked.getCredBlob === true && kept instanceof Uint8Array ? kept : undefined,
    });
  }
}
