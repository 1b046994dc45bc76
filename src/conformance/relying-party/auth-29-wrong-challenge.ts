import { freshChallenge } from '../../forge/changes.js';
import { signInCheck } from './check.js';

/** The signed challenge is not the one that this ceremony was given. */
export const wrongChallenge = signInCheck({
  id: 'AUTH-29',
  title: 'refuses an assertion over another challenge',
  level: 'MUST',
  severity: 'critical',
  clause: 'WebAuthn L3 §7.2 step 11',
  change: ({ setting }) => freshChallenge(setting.crypto),
});
