/** What a decision can end in. A platform profile says which step each of them shows. */
export const OUTCOMES = {
  list: 'the list of all ways',
  qr: 'the code to scan with a phone',
  key: 'the page that asks for the security key',
  account: 'one local credential, to be confirmed',
  platform: 'the platform authenticator runs at once',
  icloud: 'iCloud Keychain takes over',
  'create-here': 'the offer to keep a new passkey on this machine',
  'create-password-manager': 'the offer to keep a new passkey in the password manager',
  'sign-in-again': 'the password manager wants its user to sign in',
  'no-passkeys': 'nothing on this machine matches, and nothing else is allowed',
  'no-transports': 'no allowed way works here',
  autofill: 'suggestions under the username field, nothing else yet',
  windows: "Windows' own dialog, whose rules decide further",
  hello: "Windows' dialog: Windows Hello, for a credential that matches",
  'save-here': "Windows' dialog: the offer to keep a new passkey on this machine",
  chooser: "Windows' dialog: the list of other devices",
  phone: "Windows' dialog: the code to scan with a phone",
  'dialog-key': "Windows' dialog: the page that asks for the security key",
} as const;

/** A stable name of something that is shown first. */
export type Outcome = keyof typeof OUTCOMES;
