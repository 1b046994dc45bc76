/**
 * `navigator.credentials` over CTAP devices: WebAuthn Level 3 without a browser (WebAuthn L3 §5.1).
 */
import type { Crypto } from '../crypto/crypto.js';
import type { Clock } from '../ports.js';
import type { TraceSink, WebAuthnEvent } from '../trace/events.js';
import type { ExtraClientData } from '../webauthn/client-data.js';
import { compact } from '../webauthn/compact.js';
import {
  authenticationToJSON,
  parseCreationOptionsFromJSON,
  parseRequestOptionsFromJSON,
  registrationToJSON,
} from '../webauthn/json.js';
import type {
  AuthenticationCredential,
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptions,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptions,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationCredential,
  RegistrationResponseJSON,
} from '../webauthn/types.js';
import type { CallerContext } from './caller.js';
import { Ceremony, type CeremonyLifetimes, lifetimeOf, RECOMMENDED_LIFETIMES } from './ceremony.js';
import { type CreationPlan, planCreation } from './creation-plan.js';
import { useDevices } from './device-loop.js';
import { getAssertionOperation } from './get-assertion.js';
import { type EnterprisePolicy, makeCredentialOperation } from './make-credential.js';
import type { DeviceOperation } from './operation.js';
import type { PlanRequest } from './plan.js';
import type { CeremonyRequest, ClientDevice, UserInterface } from './ports.js';
import { Prompts } from './prompts.js';
import type { RelatedOriginsFetcher } from './related-origins.js';
import { planRequest, type RequestPlan } from './request-plan.js';
import { snapshot } from './snapshot.js';
import { describeError, plainJson } from './trace-fields.js';

/** What a client is made of. */
export interface WebAuthnClientOptions {
  /** The devices of this machine, asked again whenever the client looks. */
  readonly devices: () => readonly ClientDevice[];
  readonly ui: UserInterface;
  readonly clock: Clock;
  readonly crypto: Crypto;
  readonly trace?: TraceSink;
  /** How long ceremonies last; by default {@link RECOMMENDED_LIFETIMES}. Tests shrink them. */
  readonly lifetimes?: CeremonyLifetimes;
  /** Lets RP IDs list further origins (§5.11); without it no other origin is related. */
  readonly fetchRelatedOrigins?: RelatedOriginsFetcher;
  /** Which relying parties may have an enterprise attestation; by default none. */
  readonly enterprisePolicy?: EnterprisePolicy;
  /** Members that this client appends to its client data, as browsers do now and then. */
  readonly extraClientData?: ExtraClientData;
}

/** What a page may add to a call. */
export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly mediation?: PlanRequest['mediation'];
}

/**
 * The calls of one machine's pages.
 *
 * All of them reject with a WebAuthnError, with the abort reason of `signal` whatever that is, or with a KeyrigError when keyrig
 * itself or the user interface failed. When they settle, no device is being talked to any more.
 */
export interface WebAuthnClient {
  create(
    context: CallerContext,
    options: PublicKeyCredentialCreationOptions,
    call?: CallOptions,
  ): Promise<RegistrationCredential>;
  get(
    context: CallerContext,
    options: PublicKeyCredentialRequestOptions,
    call?: CallOptions,
  ): Promise<AuthenticationCredential>;
  /** `parseCreationOptionsFromJSON`, `create`, `toJSON` in one. */
  createJson(
    context: CallerContext,
    options: PublicKeyCredentialCreationOptionsJSON,
    call?: CallOptions,
  ): Promise<RegistrationResponseJSON>;
  /** `parseRequestOptionsFromJSON`, `get`, `toJSON` in one. */
  getJson(
    context: CallerContext,
    options: PublicKeyCredentialRequestOptionsJSON,
    call?: CallOptions,
  ): Promise<AuthenticationResponseJSON>;
}

/**
 * Makes a client.
 *
 * @example
 * ```ts
 * const client = createWebAuthnClient({ devices: () => [key], ui, clock: systemClock, crypto: createNodeCrypto() });
 * const response = await client.createJson({ origin: 'https://example.org' }, optionsFromServer);
 * ```
 */
export function createWebAuthnClient(options: WebAuthnClientOptions): WebAuthnClient {
  const creation = (plan: CreationPlan, mediation: Mediation): Endeavour<RegistrationCredential> => ({
    request: creationRequest(plan, mediation),
    operation: makeCredentialOperation(plan, options.enterprisePolicy ?? (() => undefined)),
  });
  const assertion = (plan: RequestPlan, mediation: Mediation): Endeavour<AuthenticationCredential> => ({
    request: assertionRequest(plan, mediation),
    operation: getAssertionOperation(plan),
  });
  const create = conductor('create', options, async (request, given: PublicKeyCredentialCreationOptions) =>
    creation(await planCreation(options, request, given), request.mediation),
  );
  const get = conductor('get', options, async (request, given: PublicKeyCredentialRequestOptions) =>
    assertion(await planRequest(options, request, given), request.mediation),
  );
  return {
    create: (context, given, call) => create(context, () => snapshot(given), call),
    get: (context, given, call) => get(context, () => snapshot(given), call),
    createJson: async (context, json, call) =>
      registrationToJSON(await create(context, () => parseCreationOptionsFromJSON(json), call)),
    getJson: async (context, json, call) =>
      authenticationToJSON(await get(context, () => parseRequestOptionsFromJSON(json), call)),
  };
}

type Mediation = PlanRequest['mediation'];

/** What a judged call asks of person and devices. */
interface Endeavour<T> {
  readonly request: CeremonyRequest;
  readonly operation: DeviceOperation<T>;
}

/** A call from its options to its result, with its place on the timeline. */
function conductor<O extends { readonly timeout?: number }, T extends { readonly rawId: Uint8Array }>(
  kind: 'create' | 'get',
  client: WebAuthnClientOptions,
  plan: (request: PlanRequest, options: O) => Promise<Endeavour<T>>,
): (context: CallerContext, read: () => O, call?: CallOptions) => Promise<T> {
  return async (context, read, call = {}) => {
    // Told only when somebody listens: everything in JSON takes its time.
    const note = (tell: () => Pick<WebAuthnEvent, 'kind' | 'name' | 'fields'>) =>
      client.trace?.emit({ layer: 'webauthn', origin: context.origin, ...tell() });
    try {
      const options = read();
      note(() => ({ kind, name: `navigator.credentials.${kind}`, fields: plainJson(options) }));
      // Credential Management §2.5.1 and §2.5.3: before anything else is looked at.
      call.signal?.throwIfAborted();
      const result = await conduct(client, context, options, call, plan);
      note(() => ({ kind: 'result', name: 'public-key', fields: plainJson(result) }));
      return result;
    } catch (error) {
      note(() => ({ kind: 'error', ...describeError(error) }));
      throw error;
    }
  };
}

async function conduct<O extends { readonly timeout?: number }, T>(
  client: WebAuthnClientOptions,
  context: CallerContext,
  options: O,
  call: CallOptions,
  plan: (request: PlanRequest, options: O) => Promise<Endeavour<T>>,
): Promise<T> {
  const { clock, crypto, trace, devices, ui } = client;
  const lifetime = lifetimeOf(options.timeout, client.lifetimes ?? RECOMMENDED_LIFETIMES);
  const ceremony = new Ceremony(clock, lifetime, call.signal);
  try {
    const prompts = new Prompts(ui, ceremony);
    const endeavour = await plan({ context, ceremony, mediation: call.mediation ?? 'optional' }, options);
    const ports = { clock, crypto, prompts, ...(trace && { trace }) };
    return await useDevices({ ceremony, ports, devices, ...endeavour });
  } finally {
    ceremony.finish();
  }
}

function creationRequest(plan: CreationPlan, mediation: Mediation): CeremonyRequest {
  const { origin, attachment, residentKey, userVerification, hints } = plan;
  return compact({
    operation: 'create' as const,
    rpId: plan.rp.id,
    origin,
    allowCredentials: [],
    excludeCredentials: plan.exclude,
    attachment,
    residentKey,
    userVerification,
    hints,
    mediation,
    userName: plan.user.name,
  });
}

function assertionRequest(plan: RequestPlan, mediation: Mediation): CeremonyRequest {
  const { origin, rpId, userVerification, hints } = plan;
  return {
    operation: 'get',
    rpId,
    origin,
    allowCredentials: plan.allow,
    excludeCredentials: [],
    // Without a list only discoverable credentials can answer.
    residentKey: plan.allow.length === 0 ? 'required' : 'discouraged',
    userVerification,
    hints,
    mediation,
  };
}
