/**
 * The credential that a statement is about, as the authenticator data has it.
 */
import { type AttestedCredential, decodeAuthenticatorData } from '../ctap/authenticator-data.js';
import type { CoseAlgorithmId, CoseAlgorithmName, Ec2Key } from '../ctap/cose.js';
import { COSE_ALGORITHMS } from '../ctap/cose.js';
import { KeyrigError } from '../errors.js';
import type { AttestationInput } from './statement.js';

/** The attested credential data and the RP ID hash. @throws KeyrigError `attestation-failed`, `message-malformed` */
export function attestedCredential({
  authData,
}: AttestationInput): AttestedCredential & { readonly rpIdHash: Uint8Array } {
  const { attestedCredential: credential, rpIdHash } = decodeAuthenticatorData(authData);
  if (credential === undefined)
    throw new KeyrigError('attestation-failed', 'there is no credential in the authenticator data');
  return { ...credential, rpIdHash };
}

/** The key of a credential in a format that takes P-256 only. @throws KeyrigError `attestation-failed` */
export function p256Key(format: string, { publicKey }: AttestedCredential): Ec2Key {
  if (publicKey.kty === 'EC2' && publicKey.crv === 'P-256') return publicKey;
  throw new KeyrigError('attestation-failed', `${format} can't vouch for a key of type ${publicKey.kty}`, {
    hint: 'let the device have ES256 only, or another format for its other algorithms',
  });
}

/** Whether an algorithm is one of these. */
export function only(...names: readonly CoseAlgorithmName[]): (algorithm: CoseAlgorithmId) => boolean {
  const ids = names.map((name) => COSE_ALGORITHMS[name].id);
  return (algorithm) => ids.some((id) => id === algorithm);
}
