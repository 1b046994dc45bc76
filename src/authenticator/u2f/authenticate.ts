/**
 * U2F_AUTHENTICATE (FIDO U2F Raw Message Formats §5).
 */
import type { CommandApdu } from '../../ctap/apdu.js';
import {
  readU2fAuthenticateRequest,
  U2F_CONTROL,
  type U2fAuthenticateRequest,
  u2fAssertedBytes,
  writeU2fAssertion,
} from '../../ctap/u2f.js';
import type { CommandContext } from '../context.js';
import { type Credential, signerOf } from '../credentials.js';
import { nextSignCount } from '../signature-counter.js';
import { findKeyHandle } from './key-handle.js';
import { type U2fResult, u2fDone, u2fRefuse } from './result.js';

/** The presence byte (§5.4): bit 0 says that somebody was there, the others are zero. */
const PRESENCE = { tested: 0x01, untested: 0x00 } as const;

/** Signs with the credential behind a key handle, or says whether there is one. */
export async function u2fAuthenticate(
  context: CommandContext,
  { p1, data }: CommandApdu,
  verify: boolean,
): Promise<U2fResult> {
  const request = readU2fAuthenticateRequest(data);
  if (request === undefined) return u2fRefuse('SW_WRONG_LENGTH');
  const { application, keyHandle } = request;
  const known = Object.values(U2F_CONTROL).some((control) => control === p1);
  if (!known) return u2fRefuse(UNKNOWN_CONTROL[context.quirks.u2fControlByte]);
  const credential = await context.store.read((reader) =>
    findKeyHandle(context, reader, application, keyHandle),
  );
  if (credential === undefined) return u2fRefuse('SW_WRONG_DATA');
  // "The key handle is mine" has no status of its own (§5.3)
  if (p1 === U2F_CONTROL.checkOnly) return u2fRefuse('SW_CONDITIONS_NOT_SATISFIED');
  if (p1 === U2F_CONTROL.skipPresence) return sign(context, request, credential, PRESENCE.untested);
  const purpose = { reason: 'u2f-authenticate', application, verify } as const;
  if (!(await context.session.u2fPresence.given(context, purpose)))
    return u2fRefuse('SW_CONDITIONS_NOT_SATISFIED');
  return sign(context, request, credential, PRESENCE.tested);
}

const UNKNOWN_CONTROL = {
  'wrong-data': 'SW_WRONG_DATA',
  'conditions-not-satisfied': 'SW_CONDITIONS_NOT_SATISFIED',
} as const;

/** The counter is that of CTAP2 (CTAP 2.1 §10), and durable before the answer leaves. */
async function sign(
  context: CommandContext,
  request: U2fAuthenticateRequest,
  credential: Credential,
  presence: number,
): Promise<U2fResult> {
  const counter = await nextSignCount(context);
  const signature = signerOf(context, credential)(u2fAssertedBytes(request, { presence, counter }));
  return u2fDone(writeU2fAssertion({ presence, counter, signature }));
}
