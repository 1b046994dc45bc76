/**
 * Which PIN/UV auth protocol a request asks for.
 */
import { isPinUvAuthProtocol, type PinUvAuthProtocolVersion } from '../crypto/pin-uv-auth-protocol.js';
import type { AuthenticatorConfig } from './config.js';
import { done, type Result, refuse } from './result.js';

/** The protocol of this number if the key offers it (CTAP 2.1 §6.1.2 step 2, §6.5.5). */
export function chooseProtocol(
  config: AuthenticatorConfig,
  version: number | undefined,
): Result<PinUvAuthProtocolVersion> {
  if (version === undefined) return refuse('CTAP2_ERR_MISSING_PARAMETER');
  return isPinUvAuthProtocol(version) && config.pinUvAuthProtocols.includes(version)
    ? done(version)
    : refuse('CTAP1_ERR_INVALID_PARAMETER');
}
