/**
 * Who vouches for a new credential: the formats that there are, and what an authenticator holds in order to attest. One file per format.
 */
import type { Attester, FormatVoucher, Voucher } from './statement.js';

export { createAndroidKeyAttester } from './android-key.js';
export { createAppleAttester } from './apple.js';
export { compoundAttester } from './compound.js';
export { createFidoU2fAttester, fidoU2fAttester } from './fido-u2f.js';
export { noneAttester } from './none.js';
export {
  type BasicAttester,
  type BasicAttesterOptions,
  basicAttester,
  createBasicAttester,
  createEnterpriseAttester,
  type EnterpriseAttesterOptions,
  selfAttester,
} from './packed.js';
export {
  ATTESTATION_FORMATS,
  type AttestationFormatName,
  type AttestationInput,
  type AttestationStatement,
  type AttestationType,
  type Attester,
  type FormatVoucher,
  type Voucher,
} from './statement.js';
export { createTestRoot, TEST_LEAF } from './test-root.js';
export { createTpmAttester } from './tpm.js';

/** What a device has besides its default. */
export interface MoreAttesters {
  /** Used when they are asked for by format, and for credentials that the default can't vouch for; most preferred first. */
  readonly others?: readonly Attester[];
  readonly enterprise?: Attester;
}

/**
 * All that one device attests with.
 *
 * @example
 * ```ts
 * const attester = deviceAttester(await createBasicAttester(options), { others: [selfAttester] });
 * ```
 */
export function deviceAttester(byDefault: Attester, more: MoreAttesters): Attester {
  return { ...byDefault, ...more };
}

/** A device's attesters, or what is known of them: its default, then the others. Enterprise attestation isn't chosen, so it's not among them. */
export function attestersOf(device: Attester): readonly Attester[];
export function attestersOf(device: Voucher): readonly FormatVoucher[];
export function attestersOf(device: Voucher): readonly FormatVoucher[] {
  return [device, ...(device.others ?? [])];
}

/** For getInfo: what a device attests with, each format once. `none` is what every key can do and never listed (CTAP 2.2 §6.4). */
export function formatsOf(device: Voucher): readonly string[] {
  const formats = attestersOf(device).map(({ format }) => format);
  return [...new Set(formats)].filter((format) => format !== 'none');
}
