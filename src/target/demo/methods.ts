/**
 * Which ways of signing in a typed name gets, and which comes first.
 */
import type { SignInMethods } from '../target.js';
import type { DemoStore } from './store.js';

/**
 * The method used last comes first. A name that nobody has looks like one that only has a password: otherwise the sign-in page would tell
 * who is a user here.
 */
export function signInMethodsOf(store: DemoStore, username: string): SignInMethods {
  const account = store.accountNamed(username);
  const hasPasskey = account !== undefined && store.passkeysOf(account.id).length > 0;
  if (!hasPasskey) return { preferred: 'password', available: ['password'] };
  const preferred = account.lastMethod === 'passkey' ? 'passkey' : 'password';
  return { preferred, available: ['passkey', 'password'] };
}
