/**
 * Authenticator data that lies. It is damaged before it is signed, so that the signature over the lie is a good one.
 */
import { type AuthenticatorData, encodeAuthenticatorData, FLAGS } from '../../ctap/authenticator-data.js';
import type { CborMap } from '../../ctap/cbor.js';
import { flipped, wrongMap } from './damage.js';
import type { FaultsAtHand } from './faults-at-hand.js';

/** What an authenticator says that nobody asked for. */
export const UNASKED_EXTENSION = 'example.unasked';

/** The bytes of authenticator data with its lies. `otherId`: what a new credential says that its ID is. */
export function badAuthenticatorData(
  data: AuthenticatorData,
  faults: FaultsAtHand,
  otherId: Uint8Array | undefined,
): Uint8Array {
  const bytes = encodeAuthenticatorData({
    ...data,
    ...rpIdHash(data, faults),
    ...credentialId(data, faults, otherId),
    ...extensions(data, faults),
  });
  return withFlags(bytes, faults);
}

function rpIdHash(data: AuthenticatorData, faults: FaultsAtHand): Partial<AuthenticatorData> {
  if (faults.value('rp-id-hash') === undefined) return {};
  faults.strike('rp-id-hash');
  return { rpIdHash: flipped(data.rpIdHash) };
}

function credentialId(
  { attestedCredential }: AuthenticatorData,
  faults: FaultsAtHand,
  otherId: Uint8Array | undefined,
): Partial<AuthenticatorData> {
  if (faults.value('credential-id') !== 'other' || attestedCredential === undefined) return {};
  faults.strike('credential-id');
  const id = otherId ?? flipped(attestedCredential.credentialId);
  return { attestedCredential: { ...attestedCredential, credentialId: id } };
}

function extensions(data: AuthenticatorData, faults: FaultsAtHand): Partial<AuthenticatorData> {
  const kind = faults.value('extension-output');
  const outputs: CborMap = data.extensions ?? new Map();
  if (kind === undefined || (kind !== 'unasked' && outputs.size === 0)) return {};
  faults.strike('extension-output');
  if (kind === 'missing') return { extensions: new Map() };
  return {
    extensions: kind === 'wrong' ? wrongMap(outputs) : new Map([...outputs, [UNASKED_EXTENSION, true]]),
  };
}

const FLAG_FAULTS = [
  ['flag-up', FLAGS.UP],
  ['flag-uv', FLAGS.UV],
  ['flag-be', FLAGS.BE],
  ['flag-bs', FLAGS.BS],
  ['flag-at', FLAGS.AT],
  ['flag-ed', FLAGS.ED],
] as const;

/** Where the flags stand (WebAuthn L3 §6.1). */
const FLAGS_AT = 32;

/** On the bytes, because AT and ED follow from what there is as long as nobody lies. */
function withFlags(bytes: Uint8Array, faults: FaultsAtHand): Uint8Array {
  const honest = bytes[FLAGS_AT] ?? 0;
  let flags = honest;
  for (const [name, bit] of FLAG_FAULTS) {
    const value = faults.value(name);
    if (value === undefined || ((flags & bit) !== 0) === (value === 'set')) continue;
    flags ^= bit;
    faults.strike(name);
  }
  return bytes.map((byte, at) => (at === FLAGS_AT ? flags : byte));
}
