import { registrationCheck } from './check.js';

/** The attacker registers a key of their own under the victim's credential ID. */
export const takenCredentialId = registrationCheck({
  id: 'REG-80',
  title: "refuses a new passkey under another user's credential ID",
  level: 'MUST',
  severity: 'critical',
  clause: 'WebAuthn L3 §7.1 step 26',
  credentialId: ({ victim }) => victim.passkey.id,
  change: () => ({}),
});
