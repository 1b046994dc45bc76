/**
 * The "none" attestation statement (WebAuthn L3 §8.7).
 */
import type { AttestationStatement } from './statement.js';

/** An empty map: nobody vouches for anything. */
export function noneStatement(): AttestationStatement {
  return { fmt: 'none', attStmt: new Map() };
}
