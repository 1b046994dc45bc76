import { withUserHandle } from '../../forge/changes.js';
import { signInCheck } from './check.js';

/** Username-less: the attacker's passkey claims to belong to the victim. */
export const foreignUserHandle = signInCheck({
  id: 'AUTH-93',
  title: "refuses a passkey that comes with another user's handle",
  level: 'MUST',
  severity: 'critical',
  clause: 'WebAuthn L3 §7.2 step 6',
  flow: 'usernameless',
  answeredBy: 'attacker',
  change: ({ victim }) => withUserHandle(victim.userHandle),
});
