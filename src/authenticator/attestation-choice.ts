/**
 * Which attestation a registration gets (CTAP 2.2 §6.1.2 step 19).
 */
import { type Attester, noneAttester } from '../attestation/attestation.js';

/**
 * The attester for what the platform prefers: exactly `none` is granted always, a list with something that the key can do is granted
 * its first such entry, and everything else gets what the key does by itself.
 */
export function chooseAttester(own: Attester, preference: readonly string[] | undefined): Attester {
  return preference?.length === 1 && preference[0] === noneAttester.format ? noneAttester : own;
}
