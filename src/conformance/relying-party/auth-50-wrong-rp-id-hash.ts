import { forRpId } from '../../forge/changes.js';
import { signInCheck } from './check.js';

/** The authenticator signed for another RP ID. */
export const wrongRpIdHash = signInCheck({
  id: 'AUTH-50',
  title: 'refuses an assertion for another RP ID',
  level: 'MUST',
  severity: 'critical',
  clause: 'WebAuthn L3 §7.2 step 15',
  change: ({ setting }) => forRpId(setting.crypto, 'evil.example'),
});
