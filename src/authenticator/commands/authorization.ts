/**
 * The steps that MakeCredential and GetAssertion share: the platform's proof, built-in verification, presence
 * (CTAP 2.1 §6.1.2 and §6.2.2).
 */
import type { PinUvAuthProtocolVersion } from '../../crypto/pin-uv-auth-protocol.js';
import type { AuthenticatorConfig } from '../config.js';
import type { CommandContext } from '../context.js';
import { isVerificationConfigured, type OptionValues, pinServes } from '../options.js';
import type { AuthenticatorState } from '../ports.js';
import { chooseProtocol } from '../protocol-choice.js';
import { done, type Refusal, type Result, refuse } from '../result.js';
import { requireState } from '../state.js';
import { askForPresence, type PresenceResult, type Reason } from '../user-interaction.js';
import { performBuiltInUv } from '../user-verification.js';

/** What both requests carry for authorisation. */
export interface AuthorizedRequest {
  readonly clientDataHash: Uint8Array;
  readonly pinUvAuthParam?: Uint8Array;
  readonly pinUvAuthProtocol?: number;
}

/** The platform's proof that it holds a token. */
export interface Proof {
  readonly version: PinUvAuthProtocolVersion;
  readonly param: Uint8Array;
}

/** The key as the command finds it. */
export interface Standing {
  readonly options: OptionValues;
  readonly state: AuthenticatorState;
}

/** Reads the key's options and state. */
export function readStanding(context: CommandContext): Promise<Standing> {
  const { options, store } = context;
  return store.read((reader) => {
    const state = requireState(reader);
    const verificationConfigured = isVerificationConfigured(context, reader);
    const pin = reader.pin();
    return { state, options: options({ pin, state, verificationConfigured }) };
  });
}

/** Bytes of a SHA-256. */
const HASH = 32;

/** A client data hash of another length is none. */
export function checkClientDataHash(context: CommandContext, hash: Uint8Array): Result<void> {
  if (hash.length === HASH) return done(undefined);
  return context.quirks.clientDataHashLength === 'invalid-parameter'
    ? refuse('CTAP1_ERR_INVALID_PARAMETER')
    : refuse('CTAP1_ERR_INVALID_LENGTH');
}

/** Step 2: which protocol the proof, if there is one, was made with. */
export function readProof(
  config: AuthenticatorConfig,
  request: AuthorizedRequest,
): Result<Proof | undefined> {
  const { pinUvAuthParam: param, pinUvAuthProtocol } = request;
  if (param === undefined) return done(undefined);
  const version = chooseProtocol(config, pinUvAuthProtocol);
  return version.ok ? done({ version: version.value, param }) : version;
}

/** Step 11.1 of MakeCredential, 6.1 of GetAssertion: the proof holds for this hash, command and relying party. */
export function verifyProof(
  context: CommandContext,
  proof: Proof,
  clientDataHash: Uint8Array,
  use: { readonly permission: 'mc' | 'ga'; readonly rpId: string },
): Result<void> {
  const { tokens } = context.session;
  const authorised =
    tokens.verify(proof.version, proof.param, clientDataHash) &&
    tokens.has(use.permission) &&
    (tokens.rpId === undefined || tokens.rpId === use.rpId) &&
    tokens.userVerified;
  if (!authorised) return refuse('CTAP2_ERR_PIN_AUTH_INVALID');
  if (tokens.rpId === undefined) tokens.bind(use.rpId);
  return done(undefined);
}

/** Step 11.2 of MakeCredential, 6.2 of GetAssertion. */
export async function verifyUser(
  context: CommandContext,
  options: OptionValues,
  why: Reason,
): Promise<Result<void>> {
  const result = await performBuiltInUv(context, why, true);
  if (result === 'verified') return done(undefined);
  if (result === 'timeout') return refuse('CTAP2_ERR_USER_ACTION_TIMEOUT');
  if (result === 'cancelled') return refuse('CTAP2_ERR_KEEPALIVE_CANCEL');
  const strict =
    why.reason === 'make-credential' && context.quirks.failedUvAtRegistration === 'operation-denied';
  if (pinServes(options) && !strict) return refuse('CTAP2_ERR_PUAT_REQUIRED');
  return result === 'blocked' ? refuse('CTAP2_ERR_PIN_BLOCKED') : refuse('CTAP2_ERR_OPERATION_DENIED');
}

/** Step 14 of MakeCredential, 9 of GetAssertion: a touch, if the command has none yet, that uses up whatever was cached. */
export async function ensurePresence(
  context: CommandContext,
  why: Reason,
  proven: boolean,
): Promise<Result<void>> {
  const { tokens } = context.session;
  if (!proven || !tokens.userPresent) {
    const touched = await requirePresence(context, why);
    if (!touched.ok) return touched;
  }
  tokens.consume();
  return done(undefined);
}

/** A touch, or the status that its absence means inside of MakeCredential and GetAssertion. */
export async function requirePresence(context: CommandContext, why: Reason): Promise<Result<void>> {
  const outcome = await askForPresence(context, why);
  return outcome === 'touched' ? done(undefined) : presenceRefusal(context, outcome);
}

function presenceRefusal(context: CommandContext, outcome: Exclude<PresenceResult, 'touched'>): Refusal {
  if (outcome === 'cancelled') return refuse('CTAP2_ERR_KEEPALIVE_CANCEL');
  const late = outcome === 'timeout' && context.quirks.presenceTimeout === 'user-action-timeout';
  return late ? refuse('CTAP2_ERR_USER_ACTION_TIMEOUT') : refuse('CTAP2_ERR_OPERATION_DENIED');
}
