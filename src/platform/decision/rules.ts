/**
 * Every rule that can decide what is shown, by a stable id. A platform profile brings evidence for those that it can come to.
 *
 * R and C are Chromium's rules for get and create in the order they are tried; D are those of the Windows dialog.
 */
export const RULES = {
  transports:
    'an empty list or a descriptor without transports allows all, otherwise the union of all descriptors counts',
  availability: 'what the relying party allows is cut down to what machine and browser can serve',
  list: 'the order of the list: local credentials, Windows where it may mean Hello, phone, key, Windows otherwise',
  hint: 'the first known hint of the relying party counts',
  'hint-set': 'hints are a sorted set, so their order is lost',
  autofill: 'a conditional request shows nothing of its own until a suggestion is picked',
  dispatch: 'how a plugged-in security key comes into play while something else is on screen',
  R1: 'without any way there is only an error',
  R2: 'a password manager that wants a sign-in brings up the list',
  R3: 'a single way is taken at once',
  R4: 'an empty list and one local user: the best source of its credentials',
  R5: 'named credentials, one of them local: the platform that has it',
  R6: 'on Windows, with all local matches in Windows Hello: the Windows dialog at once',
  R7: 'no local match: the first way that fits the hint',
  R8: 'otherwise the list',
  C1: 'unless cross-platform was asked for, the machine itself keeps the passkey',
  C2: "from interface version 6 on, Windows' dialog does everything",
  C3: 'a passkey goes to the phone; a credential that need not be one goes to Windows',
  C4: 'a hint brings up its own transport',
  C5: 'otherwise the list',
  'D-hello': 'a matching credential in Windows Hello comes first',
  'D-save-here': 'a new passkey is kept on this machine unless the person asks for another device',
  'D-key-only': 'when only security keys are allowed, their page comes at once',
  'D-phone-only': 'when only phones are allowed, the code comes at once',
  'D-hint': 'hints are delivered from interface version 8 on, and ignored before',
  'D-linked-phone': 'a linked phone comes first and is preselected',
  'D-chooser': 'the phone comes first and is preselected, the security key second',
} as const;

/** A stable id of a rule. */
export type RuleId = keyof typeof RULES;
