/**
 * What shipped products do that the specifications don't say, or say otherwise. The classes are those that browsers' own test devices
 * imitate, because browsers have met them.
 */

/** The switches with their values: the first is what a key does that follows CTAP. */
export const PRODUCT_QUIRKS = {
  /** GetAssertion with `up: false`: some phones refuse to look silently. */
  silentAssertion: ['answered', 'unsupported-option'],
  /** alwaysUv while `up` is false: CTAP 2.1 §6.2.2 step 5 lets silent requests pass, some keys verify even then. */
  silentAlwaysUv: ['exempt', 'verified'],
  /** An allow list of which the key knows nothing: some call it INVALID_CREDENTIAL, before anybody touches them. */
  unknownCredential: ['no-credentials', 'invalid-credential'],
  /** Attested credential data, with its flag, in the authenticator data of assertions (WebAuthn L3 §6.1: only at registration). */
  attestedDataInAssertion: ['never', 'always'],
  /** The member `credential` after an allow list of one, which CTAP 2.0 lets keys leave out. */
  credentialInAssertion: ['always', 'unless-sole'],
  /** The user of a discoverable credential that was asked for by its ID: some phones leave it out. */
  userWithAllowList: ['given', 'omitted'],
  /** Which account answers: the platform asks for all of them, or the device shows them on a screen of its own (CTAP 2.1 §6.2.2 step 12). */
  accountChoice: ['platform', 'device'],
  /** Requests with extensions: early keys failed at any. */
  extensionInputs: ['read', 'other'],
  /** An empty display name. */
  emptyDisplayName: ['accepted', 'invalid-length'],
  /** No display name: some phones insist on one. */
  missingDisplayName: ['accepted', 'invalid-cbor'],
  /** The credProtect level of credentials that are made without asking for one (CTAP 2.1 §12.1 allows a higher one). */
  defaultCredProtect: ['optional', 'optional-with-list', 'required'],
  /** The level whatever is asked for. */
  forcedCredProtect: ['as-asked', 'optional', 'optional-with-list', 'required'],
  /** The extension largeBlob at registration: some devices know it and never have room. */
  largeBlobAtRegistration: ['supported', 'declined'],
  /** enumerateRPsBegin without any credential (CTAP 2.1 §6.8.3): an error, or none of none. */
  emptyEnumeration: ['no-credentials', 'zero'],
  /** What U2F has registered: some keys don't find it by CTAP2, against CTAP 2.1 §10. */
  u2fCredentials: ['shared', 'apart'],
} as const;
