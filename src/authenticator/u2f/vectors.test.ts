/**
 * What U2F signs, against the published examples, judged by OpenSSL.
 */
import { createPublicKey, verify, X509Certificate } from 'node:crypto';
import { expect, it } from 'vitest';
import { u2fSignedBytes } from '../../attestation/fido-u2f.js';
import { ec2KeyFromPoint, spkiFromCoseKey } from '../../crypto/spki.js';
import { readU2fAssertion, readU2fRegistration, u2fAssertedBytes } from '../../ctap/u2f.js';
import {
  ASSERTING_KEY,
  ASSERTION,
  AUTHENTICATE,
  REGISTER,
  REGISTRATION,
} from '../../ctap/u2f-vectors.suite.js';

it('a registration has a certificate whose key signed it', () => {
  const registration = readU2fRegistration(REGISTRATION) ?? expect.unreachable('not read');
  const certificate = new X509Certificate(registration.certificate);
  expect(certificate.subject).toContain('PilotGnubby');
  const { publicKey, keyHandle, signature } = registration;
  const key = ec2KeyFromPoint(-7, 'P-256', publicKey) ?? expect.unreachable('no point');
  const { challenge: clientDataHash, application: rpIdHash } = REGISTER;
  const signed = u2fSignedBytes({ rpIdHash, clientDataHash, credentialId: keyHandle, publicKey: key });
  expect(verify('sha256', signed, certificate.publicKey, signature)).toBe(true);
});

it('an assertion was signed by its key', () => {
  const assertion = readU2fAssertion(ASSERTION) ?? expect.unreachable('not read');
  const spki = spkiFromCoseKey(ec2KeyFromPoint(-7, 'P-256', ASSERTING_KEY) ?? expect.unreachable());
  const key = createPublicKey({ key: Buffer.from(spki ?? []), format: 'der', type: 'spki' });
  const signed = u2fAssertedBytes(AUTHENTICATE, assertion);
  expect(verify('sha256', signed, key, assertion.signature)).toBe(true);
  const other = u2fAssertedBytes(AUTHENTICATE, { ...assertion, counter: 2 });
  expect(verify('sha256', other, key, assertion.signature)).toBe(false);
});
