/**
 * The test root: whom all certificates of a state directory chain up to. Everything here is made for tests: no key, name or certificate of
 * a real vendor occurs, and nothing chains up to one.
 */
import type { Crypto } from '../crypto/crypto.js';
import { type CertificateSubject, type CertifiedKey, mintRoot } from './certificates.js';

/** The organization of all certificates. */
export const TEST_ORGANIZATION = 'keyrig test';

/** The subject of test roots. */
const TEST_ROOT = { organization: TEST_ORGANIZATION, commonName: 'keyrig test root' };

/** The subject of leaves when a profile names none. */
export const TEST_LEAF: CertificateSubject = {
  country: 'XX',
  organization: TEST_ORGANIZATION,
  commonName: 'keyrig test key',
};

/**
 * A new root that no relying party trusts until it is told to; one per state directory.
 *
 * @param now Milliseconds since the epoch, around which the certificate is valid
 *
 * @example
 * ```ts
 * const root = await createTestRoot(crypto, clock.now());
 * const stored = exportCertifiedKey(root);
 * ```
 */
export function createTestRoot(crypto: Crypto, now: number): Promise<CertifiedKey> {
  return mintRoot(crypto, TEST_ROOT, now);
}
