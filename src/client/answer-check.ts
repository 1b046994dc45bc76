/**
 * What a client checks of an answer before a page sees it: it would be useless there, and a device that errs makes room for another.
 */
import { type AuthenticatorData, decodeAuthenticatorData } from '../ctap/authenticator-data.js';
import { sameBytes, utf8 } from '../data/bytes.js';
import { KeyrigError } from '../errors.js';
import type { DeviceSession } from './device-session.js';

/** Reads authenticator data for this RP ID. @throws KeyrigError `message-malformed` */
export function readAuthData(session: DeviceSession, rpId: string, bytes: Uint8Array): AuthenticatorData {
  const data = decodeAuthenticatorData(bytes);
  if (!sameBytes(data.rpIdHash, session.crypto.sha256(utf8(rpId))))
    throw faultyAnswer(session, 'authenticator data is for another RP ID');
  return data;
}

/** The failure of a device whose answer is well-formed and wrong. */
export function faultyAnswer(session: DeviceSession, what: string): KeyrigError {
  return new KeyrigError('message-malformed', `${session.device.id}: ${what}`, {
    hint: 'the authenticator breaks CTAP here; its trace shows the bytes',
    facts: { device: session.device.id },
  });
}
