/**
 * What all stores have in common.
 */
import { KeyrigError } from '../../errors.js';
import type { StoredCredential } from '../ports.js';

/** The largest signature counter (WebAuthn L3 §6.1: 32 bits). */
export const LAST_COUNT = 0xffff_ffff;

/** Whether a credential is found by its ID alone. */
export function isHidden({ discoverable }: Pick<StoredCredential, 'discoverable'>): boolean {
  return discoverable === false;
}

/** A store that is used in another way than its port allows. */
export function conflict(what: string): KeyrigError {
  return new KeyrigError('store-conflict', what, { hint: 'read and write only inside of one transaction' });
}
