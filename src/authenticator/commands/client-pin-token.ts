/**
 * Obtaining a pinUvAuthToken: with a PIN the old way, with a PIN and permissions, with built-in verification (CTAP 2.1 §6.5.5.7).
 */

import type { PinUvAuthProtocolVersion } from '../../crypto/pin-uv-auth-protocol.js';
import type { CborMap } from '../../ctap/cbor.js';
import { PERMISSIONS } from '../../ctap/messages/client-pin.js';
import type { CommandContext } from '../context.js';
import { isVerificationConfigured } from '../options.js';
import { grantable, MC_GA } from '../permissions.js';
import { comparePin } from '../pin.js';
import type { TokenGrant } from '../pin-uv-auth-token.js';
import { chooseProtocol } from '../protocol-choice.js';
import { type CommandResult, done, type Result, refuse } from '../result.js';
import { pinState, requirePersistent, requireState } from '../state.js';
import type { Reason } from '../user-interaction.js';
import { performBuiltInUv } from '../user-verification.js';
import {
  answer,
  EXCHANGE,
  must,
  openExchange,
  PIN_MEMBERS,
  type SharedSecret,
  subcommand,
} from './subcommand.js';

/** All bits that mean something; others are ignored. */
const KNOWN = Object.values(PERMISSIONS).reduce((all: number, bit) => all | bit, 0);

const { permissions, rpId } = PIN_MEMBERS;
const LEGACY = { ...EXCHANGE, pinHashEnc: must(PIN_MEMBERS.pinHashEnc), permissions, rpId } as const;
const USING_UV = { ...EXCHANGE, permissions: must(permissions), rpId } as const;
const USING_PIN = { ...USING_UV, pinHashEnc: must(PIN_MEMBERS.pinHashEnc) } as const;

/** getPinToken (§6.5.5.7.1): may do what CTAP 2.0 knew, for the relying party that it is first used with. */
export const getPinToken = subcommand(LEGACY, async (context, request) => {
  // Parameters; permissions belong to the newer sub-commands
  const version = chooseProtocol(context.config, request.pinUvAuthProtocol);
  if (!version.ok) return version;
  if (request.permissions !== undefined || request.rpId !== undefined) {
    return refuse('CTAP1_ERR_INVALID_PARAMETER');
  }
  // The PIN
  const shared = await openWithPin(context, version.value, request);
  if (!shared.ok) return shared;
  // A PIN that has to be changed serves nothing else
  if (await mustChangePin(context)) return refuse('CTAP2_ERR_PIN_INVALID');
  // The token
  const barred = context.config.options.noMcGaPermissionsWithClientPin === true;
  return hand(context, shared.value, { permissions: barred ? 0 : MC_GA, userIsPresent: false, legacy: true });
});

/** getPinUvAuthTokenUsingPinWithPermissions (§6.5.5.7.3). */
export const tokenUsingPin = subcommand(USING_PIN, async (context, request) => {
  // Parameters
  const version = chooseProtocol(context.config, request.pinUvAuthProtocol);
  if (!version.ok) return version;
  const grant = readGrant(request, grantable(context.config, 'pin'));
  if (!grant.ok) return grant;
  // The PIN
  const shared = await openWithPin(context, version.value, request);
  if (!shared.ok) return shared;
  // A PIN that has to be changed serves nothing else
  if (await mustChangePin(context)) return refuse('CTAP2_ERR_PIN_POLICY_VIOLATION');
  // The token
  return hand(context, shared.value, { ...grant.value, userIsPresent: false });
});

/** getPinUvAuthTokenUsingUvWithPermissions (§6.5.5.7.2). */
export const tokenUsingUv = subcommand(USING_UV, async (context, request) => {
  const { config, store } = context;
  // Parameters
  const version = chooseProtocol(config, request.pinUvAuthProtocol);
  if (!version.ok) return version;
  const grant = readGrant(request, grantable(config, 'uv'));
  if (!grant.ok) return grant;
  // Built-in verification is not set up
  const { configured, uvRetries } = await store.read((reader) => ({
    configured: isVerificationConfigured(context, reader),
    uvRetries: pinState(config, reader).uvRetries,
  }));
  if (!configured) return refuse('CTAP2_ERR_NOT_ALLOWED');
  // No retries left
  if (uvRetries === 0) return refuse('CTAP2_ERR_UV_BLOCKED');
  // Before the user is bothered: a key that can't be agreed with
  const shared = openExchange(context, version.value, request.keyAgreement);
  if (!shared.ok) return shared;
  // Verification; a platform that is told to try several times does so itself
  const internalRetry = (config.builtInUv?.preferredPlatformAttempts ?? 1) <= 1;
  const refused = await refuseUnverified(context, grant.value, internalRetry);
  if (refused !== undefined) return refused;
  // The token, present if the gesture was a touch
  return hand(context, shared.value, { ...grant.value, userIsPresent: config.presence === 'with-uv' });
});

/** What a platform asks for: permissions, and the one relying party that they are for, if it names one. */
interface AskedGrant {
  readonly permissions: number;
  readonly rpId?: string;
}

/** The permissions that are asked for, when the key can grant them all (`possible`) and knows for whom. */
function readGrant(
  request: { readonly permissions: number; readonly rpId?: string },
  possible: number,
): Result<AskedGrant> {
  const asked = request.permissions & KNOWN;
  if (asked === 0) return refuse('CTAP1_ERR_INVALID_PARAMETER');
  // Commands that don't exist here can't be permitted either
  if ((asked & ~possible) !== 0) return refuse('CTAP2_ERR_UNAUTHORIZED_PERMISSION');
  // The persistent token stands alone
  const persistent = (asked & PERMISSIONS.pcmr) !== 0;
  if (persistent && asked !== PERMISSIONS.pcmr) return refuse('CTAP2_ERR_UNAUTHORIZED_PERMISSION');
  // mc and ga are for one relying party
  const { rpId } = request;
  if (rpId === undefined) {
    return (asked & MC_GA) === 0 ? done({ permissions: asked }) : refuse('CTAP2_ERR_MISSING_PARAMETER');
  }
  return done({ permissions: asked, rpId });
}

/** From "no PIN" to "right PIN": the steps that both PIN sub-commands share. */
async function openWithPin(
  context: CommandContext,
  version: PinUvAuthProtocolVersion,
  request: { readonly keyAgreement: CborMap; readonly pinHashEnc: Uint8Array },
): Promise<Result<SharedSecret>> {
  const pin = await context.store.read((reader) => pinState(context.config, reader));
  if (pin.hash === undefined) return refuse('CTAP2_ERR_PIN_NOT_SET');
  if (pin.pinRetries === 0) return refuse('CTAP2_ERR_PIN_BLOCKED');
  const shared = openExchange(context, version, request.keyAgreement);
  if (!shared.ok) return shared;
  const compared = await comparePin(context, version, shared.value.secret, request.pinHashEnc);
  return compared.ok ? shared : compared;
}

async function mustChangePin({ store }: CommandContext): Promise<boolean> {
  return store.read((reader) => requireState(reader).forcePinChange);
}

/** What the user is told: what the token is for, as far as one word says it. */
function reasonOf({ permissions: asked, rpId }: AskedGrant): Reason {
  const reason =
    (asked & MC_GA) === 0
      ? 'management'
      : (asked & PERMISSIONS.mc) !== 0
        ? 'make-credential'
        : 'get-assertion';
  return { reason, ...(rpId === undefined ? {} : { rpId }) };
}

/** The statuses of this sub-command are its own: unlike MakeCredential it never points to the PIN. */
async function refuseUnverified(
  context: CommandContext,
  grant: AskedGrant,
  internalRetry: boolean,
): Promise<CommandResult | undefined> {
  const result = await performBuiltInUv(context, reasonOf(grant), internalRetry);
  if (result === 'verified') return undefined;
  if (result === 'timeout') return refuse('CTAP2_ERR_USER_ACTION_TIMEOUT');
  if (result === 'cancelled') return refuse('CTAP2_ERR_KEEPALIVE_CANCEL');
  return result === 'blocked' ? refuse('CTAP2_ERR_UV_BLOCKED') : refuse('CTAP2_ERR_UV_INVALID');
}

/** A new token, encrypted; all tokens before it are worthless. The persistent one is the same for everybody and ends nobody's. */
async function hand(
  { session, store }: CommandContext,
  { protocol, secret }: SharedSecret,
  grant: TokenGrant,
): Promise<CommandResult> {
  const persistent =
    (grant.permissions & PERMISSIONS.pcmr) === 0 ? undefined : await store.read(requirePersistent);
  const token = persistent?.token ?? session.tokens.issue(protocol.version, grant);
  return answer({ pinUvAuthToken: protocol.encrypt(secret, token) });
}
