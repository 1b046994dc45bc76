/**
 * What GetAssertion remembers for GetNextAssertion (CTAP 2.1 §6.2.2 step 12, §6.3).
 */

import type { TokenIdentity } from '../pin-uv-auth-token.js';
import type { StoredCredential } from '../ports.js';
import type { AssertionTerms } from './assertion.js';

/** How long each answer can be the last one, in milliseconds (CTAP 2.1 §6.3). */
export const NEXT_ASSERTION_LIMIT = 30_000;

/** The assertions still to be fetched. */
export interface PendingAssertions {
  readonly terms: AssertionTerms;
  /** Newest first, the one that comes next at the front. Never empty. */
  readonly credentials: readonly StoredCredential[];
  /** When the last answer was given. */
  readonly since: number;
  /** The token that began it: what it authorised ends with it. */
  readonly token: TokenIdentity | undefined;
}
