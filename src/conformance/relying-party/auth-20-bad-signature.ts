import { signatureBitFlipped } from '../../forge/changes.js';
import { signInCheck } from './check.js';

/** Everything is right but the signature, and the credential ID is a known one. */
export const badSignature = signInCheck({
  id: 'AUTH-20',
  title: 'refuses an assertion whose signature does not verify',
  level: 'MUST',
  severity: 'critical',
  clause: 'WebAuthn L3 §7.2 step 21',
  change: () => signatureBitFlipped,
});
