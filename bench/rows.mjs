/**
 * What is measured: one line per row of the table.
 *
 * `subject` names a file and an export of it, with a function `ours` and one `theirs`. Each makes something that does its work `n` times.
 */

/**
 * @typedef {object} Row
 * @property {string} id
 * @property {string} title What both sides do.
 * @property {string} against The other side.
 * @property {'rate' | 'time' | 'size'} kind `rate`: operations per second of CPU time, more is better. `time`: milliseconds, less is better.
 *   `size`: KiB of memory, less is better.
 * @property {string} [aim] What the ratio should be.
 * @property {readonly [file: string, name: string]} subject
 */

/** @type {readonly Row[]} */
export const ROWS = [
  {
    id: 'pairs-one-account',
    title: 'create + get through the client, one account',
    against: 'nid-webauthn-emulator',
    kind: 'rate',
    aim: '≥ 20',
    subject: ['ceremonies', 'oneAccount'],
  },
  {
    id: 'pairs-100-accounts',
    title: 'create + get through the client, 100 accounts in turn',
    against: 'nid-webauthn-emulator',
    kind: 'rate',
    aim: '≥ 20',
    subject: ['ceremonies', 'hundredAccounts'],
  },
  {
    id: 'pairs-playwright',
    title: 'create + get through the client, one account',
    against: 'credentials engine of playwright-core',
    kind: 'rate',
    aim: '≥ 6',
    subject: ['playwright', 'pair'],
  },
  {
    id: 'pairs-playwright-key',
    title: 'create + get by the key alone, CTAP bytes in and out',
    against: 'credentials engine of playwright-core',
    kind: 'rate',
    subject: ['playwright', 'keyAlone'],
  },
  {
    id: 'pairs-limit',
    title: 'create + get through the client, one account',
    against: 'OpenSSL: make, import, sign',
    kind: 'rate',
    subject: ['ceremonies', 'limit'],
  },
  {
    id: 'assertion-key',
    title: 'assertion by the key, CTAP bytes in and out',
    against: 'OpenSSL: hash and sign',
    kind: 'rate',
    aim: '≥ 0.70',
    subject: ['assertions', 'byKey'],
  },
  {
    id: 'assertion-client',
    title: 'assertion through the client, JSON in and out',
    against: 'OpenSSL: hash and sign',
    kind: 'rate',
    subject: ['assertions', 'throughClient'],
  },
  {
    id: 'command-make-credential',
    title: 'MakeCredential, CTAP bytes in and out',
    against: 'OpenSSL: make a key',
    kind: 'rate',
    subject: ['commands', 'makeCredential'],
  },
  {
    id: 'command-next-assertion',
    title: 'GetAssertion and GetNextAssertion, two accounts',
    against: 'OpenSSL: hash and sign, twice',
    kind: 'rate',
    subject: ['commands', 'nextAssertion'],
  },
  {
    id: 'command-get-info',
    title: 'GetInfo',
    against: 'encoding the same map',
    kind: 'rate',
    subject: ['commands', 'getInfo'],
  },
  {
    id: 'command-token',
    title: 'ClientPIN: a token for a PIN, protocol 2',
    against: 'OpenSSL: ECDH, HKDF, AES',
    kind: 'rate',
    subject: ['commands', 'token'],
  },
  {
    id: 'command-reset',
    title: 'Reset',
    against: 'OpenSSL: 32 random bytes',
    kind: 'rate',
    subject: ['commands', 'reset'],
  },
  {
    id: 'command-fingers',
    title: 'BioEnrollment: listing three fingers',
    against: 'OpenSSL: one HMAC',
    kind: 'rate',
    subject: ['commands', 'fingers'],
  },
  {
    id: 'command-credentials',
    title: 'CredentialManagement: listing ten relying parties',
    against: 'one HMAC, encoding the same answers',
    kind: 'rate',
    subject: ['commands', 'credentials'],
  },
  {
    id: 'command-selection',
    title: 'Selection',
    against: 'a promise and one byte',
    kind: 'rate',
    subject: ['commands', 'selection'],
  },
  {
    id: 'command-blobs',
    title: 'LargeBlobs: writing and reading a kilobyte',
    against: 'OpenSSL: one HMAC, two hashes',
    kind: 'rate',
    subject: ['commands', 'blobs'],
  },
  {
    id: 'command-config',
    title: 'Config: setMinPINLength',
    against: 'OpenSSL: one HMAC',
    kind: 'rate',
    subject: ['commands', 'config'],
  },
  {
    id: 'u2f-register',
    title: 'U2F register',
    against: 'OpenSSL: make a key, sign',
    kind: 'rate',
    subject: ['commands', 'u2fRegister'],
  },
  {
    id: 'u2f-authenticate',
    title: 'U2F authenticate',
    against: 'OpenSSL: sign',
    kind: 'rate',
    subject: ['commands', 'u2fAuthenticate'],
  },
  {
    id: 'assertion-ml-dsa-44',
    title: 'assertion by the key, ML-DSA-44',
    against: 'noble: sign',
    kind: 'rate',
    aim: 'about 1',
    subject: ['post-quantum', 'mlDsa44'],
  },
  {
    id: 'assertion-ml-dsa-65',
    title: 'assertion by the key, ML-DSA-65',
    against: 'noble: sign',
    kind: 'rate',
    aim: 'about 1',
    subject: ['post-quantum', 'mlDsa65'],
  },
  {
    id: 'idle-memory',
    title: 'an idle authenticator, one of 1,000 in a process',
    against: 'nid-webauthn-emulator',
    kind: 'size',
    subject: ['memory', 'idle'],
  },
  {
    id: 'stored-listed',
    title: 'assertion with 10,000 stored, allow list',
    against: 'the same with 10 stored',
    kind: 'rate',
    aim: 'about 1',
    subject: ['store-size', 'listed'],
  },
  {
    id: 'stored-discovered',
    title: 'assertion with 10,000 stored, discoverable',
    against: 'the same with 10 stored',
    kind: 'rate',
    aim: 'about 1',
    subject: ['store-size', 'discovered'],
  },
  {
    id: 'durable-assertion',
    title: 'assertion on the durable store',
    against: "LMDB's own durable transaction",
    kind: 'time',
    aim: '≤ 2',
    subject: ['durable', 'assertion'],
  },
  {
    id: 'durable-discovered',
    title: 'durable assertion with 100,000 stored, discoverable',
    against: 'the same with 10 stored',
    kind: 'time',
    aim: 'about 1',
    subject: ['durable', 'discovered'],
  },
  {
    id: 'durable-lookup',
    title: 'look-up by RP ID with 100,000 stored',
    against: 'the same with 10 stored',
    kind: 'rate',
    aim: 'about 1',
    subject: ['durable', 'lookup'],
  },
  {
    id: 'durable-open',
    title: 'opening a store with 100,000 credentials',
    against: 'one with 10',
    kind: 'time',
    aim: 'below 1,000 ms',
    subject: ['durable', 'opening'],
  },
  {
    id: 'encode-request',
    title: 'CBOR encode, GetAssertion request',
    against: 'cborg',
    kind: 'rate',
    subject: ['cbor', 'encodeRequest'],
  },
  {
    id: 'encode-assertion',
    title: 'CBOR encode, assertion',
    against: 'cborg',
    kind: 'rate',
    subject: ['cbor', 'encodeAssertion'],
  },
  {
    id: 'encode-info',
    title: 'CBOR encode, getInfo',
    against: 'cborg',
    kind: 'rate',
    subject: ['cbor', 'encodeInfo'],
  },
  {
    id: 'decode-request',
    title: 'CBOR lint + decode, GetAssertion request',
    against: 'cborg, strict',
    kind: 'rate',
    subject: ['cbor', 'decodeRequest'],
  },
  {
    id: 'decode-assertion',
    title: 'CBOR lint + decode, assertion',
    against: 'cborg, strict',
    kind: 'rate',
    subject: ['cbor', 'decodeAssertion'],
  },
  {
    id: 'decode-info',
    title: 'CBOR lint + decode, getInfo',
    against: 'cborg, strict',
    kind: 'rate',
    subject: ['cbor', 'decodeInfo'],
  },
  {
    id: 'start-version',
    title: 'keyrig --version',
    against: 'node -e 0',
    kind: 'time',
    subject: ['start-up', 'version'],
  },
  {
    id: 'start-help',
    title: 'keyrig --help',
    against: 'node -e 0',
    kind: 'time',
    subject: ['start-up', 'help'],
  },
];
