import { userNotVerified } from '../../forge/changes.js';
import { signInCheck } from './check.js';

/** The user touched the key but was not verified, and the relying party had required it. */
export const userVerificationMissing = signInCheck({
  id: 'AUTH-52',
  title: 'refuses an assertion without user verification where it is required',
  level: 'MUST',
  severity: 'critical',
  clause: 'WebAuthn L3 §7.2 step 17',
  unless: ({ rig }) =>
    rig.target.policy.userVerification === 'required'
      ? undefined
      : `the adapter's policy has user verification ${rig.target.policy.userVerification}`,
  change: () => userNotVerified,
});
