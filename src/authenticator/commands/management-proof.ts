/**
 * How commands that manage the key are authorised: a token with the one permission, over the bytes of the sub-command
 * (CTAP 2.1 §6.7.4, §6.8, §6.11). They ask for no touch and use the token up for nothing else.
 */
import type { PermissionName } from '../../ctap/messages/client-pin.js';
import type { AuthenticatorConfig } from '../config.js';
import type { CommandContext } from '../context.js';
import { chooseProtocol } from '../protocol-choice.js';
import { done, type Result, refuse } from '../result.js';
import type { Proof } from './authorization.js';

/** Where the proof is in all of these requests. */
export interface ProvenRequest {
  readonly pinUvAuthParam?: Uint8Array;
  readonly pinUvAuthProtocol?: number;
}

/** The proof, which has to be there: PUAT_REQUIRED without it, MISSING_PARAMETER without its protocol. */
export function readManagementProof(config: AuthenticatorConfig, request: ProvenRequest): Result<Proof> {
  const { pinUvAuthParam: param, pinUvAuthProtocol } = request;
  if (param === undefined) return refuse('CTAP2_ERR_PUAT_REQUIRED');
  const version = chooseProtocol(config, pinUvAuthProtocol);
  return version.ok ? done({ version: version.value, param }) : version;
}

/**
 * Whether the token in use made the proof over this message, and is good for this. The previews of FIDO_2_1_PRE are older than permissions:
 * they also take what getPinToken gave (`with-legacy`). So does a key without permissions, for it has no other tokens.
 */
export function verifyManagementProof(
  { session, config }: CommandContext,
  { version, param }: Proof,
  message: Uint8Array,
  permission: PermissionName,
  tokensOf: 'permitted' | 'with-legacy' = 'permitted',
): Result<void> {
  const { tokens } = session;
  if (!tokens.verify(version, param, message)) return refuse('CTAP2_ERR_PIN_AUTH_INVALID');
  const legacy = tokensOf === 'with-legacy' || config.options.pinUvAuthToken !== true;
  const permitted = tokens.has(permission) || (legacy && tokens.legacy);
  return permitted ? done(undefined) : refuse('CTAP2_ERR_PIN_AUTH_INVALID');
}
