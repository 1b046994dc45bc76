/**
 * The key and certificate that U2F registrations are signed with: U2F knows no other attestation (FIDO U2F Raw Message Formats §4.3).
 */
import {
  attestersOf,
  type BasicAttester,
  type FormatVoucher,
  type Voucher,
} from '../../attestation/attestation.js';
import type { CertifiedKey } from '../../attestation/certificates.js';
import { COSE_ALGORITHMS } from '../../ctap/cose.js';

/** A device's batch key: that of fido-u2f statements where it has several, `undefined` where it has none on P-256. */
export function u2fAttestationKey(device: Voucher): CertifiedKey | undefined {
  const able = attestersOf(device)
    .filter(isBasic)
    .filter(({ key }) => key.keyPair.algorithm === COSE_ALGORITHMS.ES256.id);
  return (able.find(({ format }) => format === 'fido-u2f') ?? able[0])?.key;
}

function isBasic(voucher: FormatVoucher): voucher is BasicAttester {
  return 'key' in voucher && 'type' in voucher && voucher.type === 'basic';
}
