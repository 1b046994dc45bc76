/**
 * Which attestation a registration gets (CTAP 2.2 §6.1.2 step 19).
 */
import { type Attester, attestersOf, noneAttester } from '../attestation/attestation.js';
import type { CoseAlgorithmId } from '../ctap/cose.js';

/** What the choice depends on. */
export interface AttestationWishes {
  /** Of the new credential: not every format can vouch for every key. */
  readonly algorithm: CoseAlgorithmId;
  /** attestationFormatsPreference of the request. */
  readonly preference?: readonly string[] | undefined;
  /** Whether step 9 granted enterprise attestation; then the formats don't matter. */
  readonly enterprise?: boolean;
}

/**
 * The attester for what the platform prefers: the first format of its list that the key can do for this credential, and what the key does by
 * itself without a list or with nothing of it. `none` is a format like any other here: getInfo never lists it because every key can do it, and
 * so it is granted wherever it comes first, not only alone.
 */
export function chooseAttester(own: Attester, wishes: AttestationWishes): Attester {
  const { algorithm, preference = [], enterprise = false } = wishes;
  if (enterprise && own.enterprise !== undefined) return own.enterprise;
  const able = attestersOf(own).filter(({ vouchesFor }) => vouchesFor?.(algorithm) ?? true);
  // A checked configuration has somebody for each algorithm; nobody vouching is still an honest answer.
  const [byDefault = noneAttester] = able;
  for (const format of preference) {
    const asked = [...able, noneAttester].find((attester) => attester.format === format);
    if (asked !== undefined) return asked;
  }
  return byDefault;
}
