import { fromOrigin } from '../../forge/changes.js';
import { signInCheck } from './check.js';

/** The assertion was made on somebody else's page. */
export const wrongOrigin = signInCheck({
  id: 'AUTH-34',
  title: 'refuses an assertion made at another origin',
  level: 'MUST',
  severity: 'critical',
  clause: 'WebAuthn L3 §7.2 step 12',
  change: () => fromOrigin('https://evil.example'),
});
