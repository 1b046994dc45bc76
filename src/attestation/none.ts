/**
 * The "none" attestation statement (WebAuthn L3 §8.7).
 */
import type { Attester, SingleStatement } from './statement.js';

/** An empty map: nobody vouches for anything. */
export function noneStatement(): SingleStatement {
  return { fmt: 'none', attStmt: new Map() };
}

/** Nobody vouches. */
export const noneAttester: Attester = {
  type: 'none',
  format: 'none',
  attest: noneStatement,
  longest: noneStatement,
};
