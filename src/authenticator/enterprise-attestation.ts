/**
 * Who gets an attestation that tells one device from all others (CTAP 2.1 §6.1.2 step 9, §7.1).
 */
import type { AuthenticatorConfig } from './config.js';
import type { OptionValues } from './options.js';
import { done, type Result, refuse } from './result.js';

/** What the platform asks for. */
const ENTERPRISE_ATTESTATION = {
  /** For relying parties that the vendor has put into the device. */
  vendorFacilitated: 1,
  /** For relying parties that the platform has been told of by whoever manages it. */
  platformManaged: 2,
} as const;

/** Whether it is granted; not granted, the request goes on as if it had not asked. */
export function grantsEnterprise(
  { enterprise }: AuthenticatorConfig,
  options: OptionValues,
  asked: number | undefined,
  rpId: string,
): Result<boolean> {
  if (asked === undefined) return done(false);
  // Not capable, or not enabled: whatever the value is
  if (options.ep !== true) return refuse('CTAP1_ERR_INVALID_PARAMETER');
  const { vendorFacilitated, platformManaged } = ENTERPRISE_ATTESTATION;
  if (asked !== vendorFacilitated && asked !== platformManaged) return refuse('CTAP2_ERR_INVALID_OPTION');
  const vetted = asked === platformManaged && enterprise?.platformManaged === true;
  return done(vetted || (enterprise?.rpIds.includes(rpId) ?? false));
}
