/**
 * The accounts that keyrig makes up for a run: the same seed and run give the same users.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { toHex, utf8 } from '../data/bytes.js';
import type { TargetUser } from '../target/target.js';

/**
 * A user of one run. Another seed makes another account, so that a relying party that remembers can be tested again.
 *
 * @param seed The run's own seed.
 * @param name What the scenario calls the person, e.g. `alice`.
 */
export function makeUser(seed: string, name: string): TargetUser {
  const digits = toHex(sha256(utf8(`user\0${seed}\0${name}`)));
  const login = `${name.toLowerCase()}-${digits.slice(0, 10)}`;
  return {
    name: login,
    displayName: `${name.charAt(0).toUpperCase()}${name.slice(1)}`,
    // RFC 2606 reserves .test: no mail can ever arrive anywhere.
    email: `${login}@keyrig.test`,
    // Capitals, small letters, digits and a sign, for password rules that want all of them.
    password: `Kr-${digits.slice(10, 34)}`,
  };
}
