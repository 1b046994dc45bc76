import { signInCheck } from './check.js';

/** The victim's sign-in is answered with the attacker's own, perfectly good passkey. */
export const otherUsersCredential = signInCheck({
  id: 'AUTH-90',
  title: "refuses another user's passkey in a user's sign-in",
  level: 'MUST',
  severity: 'critical',
  clause: 'WebAuthn L3 §7.2 steps 5 and 6',
  flow: 'username',
  answeredBy: 'attacker',
  change: () => ({}),
});
