/**
 * Which names stand for secrets: members of objects, HTTP headers, form fields, command-line options.
 *
 * Judged by name because a value can't be recognised: a PIN looks like a year, a token like a credential ID.
 * Names are compared in lower case without punctuation, so `newPin`, `new_pin` and `NEW-PIN` are one.
 */

/** A name that contains one of these is secret wherever it stands: `oldPassword2`, `x-xsrf-cookie`. */
const ANYWHERE = [
  'password',
  'passwd',
  'passphrase',
  'privatekey',
  'secretkey',
  'cookie',
  'authorization',
  'apikey',
  'csrf',
  'xsrf',
  // What signs somebody in once: `backupCode`, `recovery_codes`.
  'recoverycode',
  'backupcode',
  // CTAP: what hmac-secret is derived from (CTAP 2.1 §12.5), the key under a large blob (§12.3), and PIN tokens (§6.5).
  'credrandom',
  'largeblobkey',
  'pinhash',
  'newpinenc',
  'pinuvauthtoken',
  'pintoken',
  'wrappingkey',
] as const;

/** A name that ends with one of these is secret; in front of another word it isn't: `pinRetries`, `tokenBinding`. */
const AT_THE_END = [
  'pin',
  'pins',
  'token',
  'tokens',
  'secret',
  'secrets',
  'jwt',
  'bearer',
  'sessionid',
  'otp',
  'otps',
] as const;

/** Names that are secret only as a whole. `output1` and `output2` are what the hmac-secret extension gives to a page. */
const WHOLE: ReadonlySet<string> = new Set(['pwd', 'sid', 'jsessionid', 'output1', 'output2']);

/** What may follow a secret's name without making it another thing: `pinHashEnc`, `tokenHex`. */
const FORM =
  /(?:\d+|hex|bytes|value|code|utf8|base64|base64url|b64|b64u|text|string|raw|enc|encrypted|hash|digest|header|plain|plaintext)$/;

/** Names that end like a secret and hold a structure of public and secret parts, judged part by part. */
const CONTAINERS: ReadonlySet<string> = new Set([
  'hmacsecret',
  'hmacgetsecret',
  'hmacsecretmc',
  'hmaccreatesecret',
]);

/** Members that are secret below a certain parent: outputs of the prf extension (WebAuthn L3 §10.1.4). */
const BELOW: ReadonlyMap<string, readonly string[]> = new Map([['prf', ['results']]]);

/** HTTP headers whose whole value is secret, as a pattern source for raw HTTP text. */
export const SECRET_HEADERS =
  '(?:set-)?cookie2?|(?:proxy-)?authorization|x-api-key|x-auth-token|x-csrf-token|x-xsrf-token';

const SECRET_HEADER = new RegExp(`^(?:${SECRET_HEADERS})$`, 'i');

/** Longest name that is looked at; what a relying party calls longer is not one of ours to know. */
const LONGEST_NAME = 256;

function plain(name: string): string {
  return name
    .slice(0, LONGEST_NAME)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '');
}

/** `newpinenc` becomes `newpin`: the secret itself, whatever form it is written in. */
function stem(name: string): string {
  let rest = name;
  for (
    let shorter = rest.replace(FORM, '');
    shorter !== rest && shorter !== '';
    shorter = rest.replace(FORM, '')
  ) {
    rest = shorter;
  }
  return rest;
}

/**
 * Whether what is called `name`, in an object called `parent`, must not be written down.
 *
 * @example
 * ```ts
 * isSecretName('newPin');     // true
 * isSecretName('pinRetries'); // false
 * ```
 */
export function isSecretName(name: string, parent = ''): boolean {
  if (BELOW.get(parent)?.includes(name)) return true;
  const known = judged.get(name);
  if (known !== undefined) return known;
  const verdict = judge(plain(name));
  if (judged.size < MOST_JUDGED) judged.set(name, verdict);
  return verdict;
}

/** Names come again and again; a relying party that makes up new ones doesn't fill the memory with them. */
const judged = new Map<string, boolean>();
const MOST_JUDGED = 4_096;

function judge(whole: string): boolean {
  if (WHOLE.has(whole) || ANYWHERE.some((part) => whole.includes(part))) return true;
  const root = stem(whole);
  return AT_THE_END.some((end) => root.endsWith(end) || whole.endsWith(end));
}

/** Whether an object called `name` is looked into, although the name alone would make it secret. */
export function isSecretContainer(name: string): boolean {
  return CONTAINERS.has(plain(name));
}

/** Whether `name` is an HTTP header whose value is secret. */
export function isSecretHeader(name: string): boolean {
  return SECRET_HEADER.test(name);
}
