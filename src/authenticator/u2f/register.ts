/**
 * U2F_REGISTER (FIDO U2F Raw Message Formats §4; CTAP 2.1 §10 for what becomes of the credential).
 */
import { u2fSignedBytes } from '../../attestation/fido-u2f.js';
import type { KeyPair } from '../../crypto/crypto.js';
import { uncompressedPoint } from '../../crypto/spki.js';
import type { CommandApdu } from '../../ctap/apdu.js';
import { COSE_ALGORITHMS } from '../../ctap/cose.js';
import { CRED_PROTECT } from '../../ctap/messages/extensions.js';
import { readU2fRegisterRequest, type U2fRegisterRequest, writeU2fRegistration } from '../../ctap/u2f.js';
import { KeyrigError } from '../../errors.js';
import type { CommandContext } from '../context.js';
import { requireState } from '../state.js';
import { wrapCredential } from '../wrapped-credential.js';
import { u2fAttestationKey } from './attestation-key.js';
import { bindingOf } from './key-handle.js';
import { type U2fResult, u2fDone, u2fRefuse } from './result.js';

/** Makes a credential that is its own key handle. P1 is ignored: clients send 0 or 3, and bits of their own. */
export async function u2fRegister(
  context: CommandContext,
  { data }: CommandApdu,
  verify: boolean,
): Promise<U2fResult> {
  const request = readU2fRegisterRequest(data);
  if (request === undefined) return u2fRefuse('SW_WRONG_LENGTH');
  const { application } = request;
  const purpose = { reason: 'u2f-register', application, verify } as const;
  if (!(await context.session.u2fPresence.given(context, purpose)))
    return u2fRefuse('SW_CONDITIONS_NOT_SATISFIED');
  const keyPair = await context.crypto.generateKeyPair(COSE_ALGORITHMS.ES256.id);
  return u2fDone(registration(context, request, keyPair, await keyHandleOf(context, application, keyPair)));
}

/** As with CTAP2 and no extensions, so that GetAssertion finds what it needs. */
async function keyHandleOf(
  context: CommandContext,
  application: Uint8Array,
  keyPair: KeyPair,
): Promise<Uint8Array> {
  const { wrappingKey } = await context.store.read(requireState);
  return wrapCredential(context.crypto, wrappingKey, bindingOf(context, application), {
    keyPair,
    credProtect: CRED_PROTECT.userVerificationOptional,
    hmacSecret: false,
    thirdPartyPayment: false,
  });
}

function registration(
  { attester, crypto }: CommandContext,
  { application, challenge }: U2fRegisterRequest,
  { publicKey }: KeyPair,
  keyHandle: Uint8Array,
): Uint8Array {
  const attestation = u2fAttestationKey(attester);
  // Configurations without one are refused, and ES256 is on P-256.
  if (attestation === undefined || publicKey.kty !== 'EC2')
    throw new KeyrigError('internal', 'a key that speaks U2F has nothing to attest with');
  const signed = u2fSignedBytes({
    rpIdHash: application,
    clientDataHash: challenge,
    credentialId: keyHandle,
    publicKey,
  });
  return writeU2fRegistration({
    publicKey: uncompressedPoint(publicKey),
    keyHandle,
    certificate: attestation.certificate,
    signature: crypto.prepareSigner(attestation.keyPair)(signed),
  });
}
