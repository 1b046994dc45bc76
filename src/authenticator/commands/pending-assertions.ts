/**
 * What GetAssertion remembers for GetNextAssertion (CTAP 2.1 §6.2.2 step 12, §6.3).
 */

import type { StoredCredential } from '../ports.js';
import type { SequenceStep } from '../sequence.js';
import type { AssertionTerms } from './assertion.js';

/** The assertions still to be fetched. */
export interface PendingAssertions extends SequenceStep {
  readonly kind: 'assertions';
  readonly terms: AssertionTerms;
  /** Newest first, the one that comes next at the front. Never empty. */
  readonly credentials: readonly StoredCredential[];
}
