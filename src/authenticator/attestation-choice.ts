/**
 * Which attestation a registration gets (CTAP 2.2 §6.1.2 step 19).
 */
import { type Attester, noneAttester } from '../attestation/attestation.js';

/**
 * The attester for what the platform prefers: the first format of its list that the key can do, and what the key does by itself without a
 * list or with nothing of it. `none` is a format like any other here: getInfo never lists it because every key can do it, and so it is
 * granted wherever it comes first, not only alone.
 */
export function chooseAttester(own: Attester, preference: readonly string[] = []): Attester {
  const { format: none } = noneAttester;
  const first = preference.find((format) => format === none || format === own.format);
  return first === none ? noneAttester : own;
}
