/**
 * The list of ways that Chromium (third generation, 2025 and later) puts together, in the order it shows them.
 */
import type { DecisionInput, Mechanism, RecognisedCredential, WindowsLabel } from './decision.js';
import { allowsKey, windowsReachesPhones } from './transports.js';

/** Below this version Windows can't say which credentials it has. */
const API_WITH_LISTING = 4;

/** All ways for a request, in display order. */
export function listMechanisms(input: DecisionInput): readonly Mechanism[] {
  return input.operation === 'get' ? listForGet(input) : listForCreate(input);
}

function listForGet(input: DecisionInput): readonly Mechanism[] {
  const windows = windowsMechanism(input);
  const list: Mechanism[] = sortCredentials(input.credentials).map((credential) => ({
    kind: 'credential',
    credential,
  }));
  if (input.passwordManager === 'needs-sign-in') list.push({ kind: 'sign-in-again' });
  // A keychain that may not be listed is offered as a whole.
  if (input.icloud === 'no-permission') list.push({ kind: 'icloud' });
  if (windows !== undefined && mayMeanHello(input)) list.push(windows);
  list.push(...removableWays(input));
  if (windows !== undefined && !mayMeanHello(input)) list.push(windows);
  return list;
}

function listForCreate(input: DecisionInput): readonly Mechanism[] {
  const windows = windowsMechanism(input);
  const list: Mechanism[] = [];
  if (input.allowed.has('internal')) {
    if (input.passwordManager === 'enabled') list.push({ kind: 'password-manager' });
    if (input.icloud !== 'absent') list.push({ kind: 'icloud' });
  }
  if (windows !== undefined && mayMeanHello(input)) list.push(windows);
  list.push(...removableWays(input));
  if (windows !== undefined && !mayMeanHello(input)) list.push(windows);
  return list;
}

/** Phone, platform authenticator without a list, key: the part that both operations share. */
function removableWays(input: DecisionInput): readonly Mechanism[] {
  const { available } = input;
  const list: Mechanism[] = [];
  const keyApart = available.has('usb') && listsKeyApart(input);
  if (available.has('hybrid')) list.push({ kind: 'hybrid', withKey: available.has('usb') && !keyApart });
  if (available.has('internal') && listsInternal(input)) list.push({ kind: 'internal' });
  if (keyApart) list.push({ kind: 'usb' });
  return list;
}

/** The key gets an entry of its own unless the phone's stands for both; with Bluetooth not on, or a hint at either, it doesn't. */
function listsKeyApart({ available, bluetooth, hint }: DecisionInput): boolean {
  return !available.has('hybrid') || bluetooth !== 'on' || hint === 'security-key' || hint === 'hybrid';
}

/** A get lists the credentials of an authenticator that can name them, in place of the authenticator. */
function listsInternal(input: DecisionInput): boolean {
  return input.operation === 'create' || input.platformAuthenticator === 'opaque';
}

/** By user name, then user id, then credential id. The collation is fixed so that every machine sorts alike. */
function sortCredentials(credentials: readonly RecognisedCredential[]): readonly RecognisedCredential[] {
  const collator = new Intl.Collator('en');
  return credentials.toSorted(
    (left, right) =>
      collator.compare(left.userName, right.userName) ||
      compareBytes(left.userId, right.userId) ||
      compareBytes(left.id, right.id),
  );
}

function compareBytes(left: Uint8Array, right: Uint8Array): number {
  for (let at = 0; at < Math.min(left.length, right.length); at++) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/**
 * Whether the Windows button may stand for Windows Hello.
 *
 * For get only while Windows can't say what it has: later it lists its credentials, so without one the button means another device. Hello
 * must be set up, a condition that builds of 2025 added.
 */
function mayMeanHello({ operation, allowed, attachment, windows }: DecisionInput): boolean {
  if (windows === null || windows.hello !== 'ready' || !allowed.has('internal')) return false;
  if (operation === 'create') return attachment !== 'cross-platform';
  return windows.api < API_WITH_LISTING;
}

function windowsMechanism(input: DecisionInput): Mechanism | undefined {
  const label = windowsLabel(input);
  return label === undefined ? undefined : { kind: 'windows', label };
}

/** What the Windows button says; `undefined`: its dialog could do nothing for this request, so there is no button. */
export function windowsLabel(input: DecisionInput): WindowsLabel | undefined {
  const phone = windowsReachesPhones(input.windows) && input.allowed.has('hybrid');
  const key = input.windows !== null && allowsKey(input.allowed);
  const hello = mayMeanHello(input);
  if (phone) return key ? 'phone-tablet-or-key' : 'phone-or-tablet';
  if (key) return hello ? 'hello-or-key' : 'key';
  return hello ? 'hello' : undefined;
}
