/** The words that a platform profile is written in, each with what it means. */

/** What a text, a choice, a control or a transition can depend on. `not ` before a word turns it round. */
export const CONDITIONS = {
  create: 'a credential is being created',
  'several-ways': 'there is more than one way to list',
  'key-on-sheet': 'the sheet stands for security keys as well as for phones',
  'bluetooth-on': 'Bluetooth can be used',
  'other-devices': 'a phone or a security key may serve the request, too',
  'phone-in-use': 'the device in use is a phone',
  'key-in-use': 'the device in use is a security key',
  'pin-wrong': 'the PIN before was wrong',
  'pin-change': 'the device wants its PIN changed',
  'retries-known': 'the device said how many tries are left',
  'account-known': 'the account at stake has a name',
} as const;

/** A word of {@link CONDITIONS}. */
export type ConditionWord = keyof typeof CONDITIONS;

/** What a text can be filled with: `{rp}`. */
export const PLACEHOLDERS = {
  rp: 'RP ID of the request',
  browser: 'name of the browser',
  app: 'program that Windows names, e.g. msedge.exe',
  publisher: "that program's signer",
  account: 'user name of the account at stake',
  retries: 'PIN tries that are left',
  'minimum-pin': 'shortest PIN that the device takes',
  phone: 'name of the phone that was chosen',
} as const;

/** A word of {@link PLACEHOLDERS}. */
export type Placeholder = keyof typeof PLACEHOLDERS;

/** What a row of a list stands for. */
export const CHOICE_KINDS = {
  'linked-phone': 'one row per phone that the operating system knows',
  phone: 'any phone, by code',
  'security-key': 'a security key',
  platform: 'this machine',
  credential: 'one row per local credential',
  account: 'one row per account on the device',
  others: 'another device than this machine',
} as const;

/** Where a choice or a control can lead, apart from a step. */
export const PLACES = {
  submit: 'goes where the selected choice leads',
  confirm: 'goes on with what was typed',
  cancel: 'ends the ceremony',
  device: 'the device that the step is about is used',
  others: 'decided again, without what this machine has itself',
} as const;

/** Steps that the running device brings up, whatever was on screen. */
export const PAGES = {
  pin: 'asks for the PIN of the device',
  'set-pin': 'asks for a new PIN',
  touch: 'asks for a touch',
  accounts: 'lists the accounts on the device',
  'no-credentials': 'the device has nothing for this request',
  'pin-reinsert': 'too many wrong PINs in a row: pull it out and put it in again',
  'pin-blocked': 'too many wrong PINs: the device must be reset',
  refused: 'the device can not do what was asked',
  connecting: 'the phone was found and the connection is being made',
  'on-phone': 'the person goes on at the phone',
  bluetooth: 'Bluetooth is needed to reach the phone',
} as const;

/** A word of {@link PAGES}. */
export type PageName = keyof typeof PAGES;

/** What a step can wait for. */
export const ASKS = {
  insert: 'a security key plugged in',
  touch: 'a touch on the security key',
  pin: 'a PIN typed in',
  scan: 'the code scanned, or the notification taken up, with a phone',
  verify: "face, finger or the device's own PIN",
} as const;
