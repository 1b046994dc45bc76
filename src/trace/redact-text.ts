/**
 * Secrets inside of text: HTTP bodies, raw headers, URLs, command lines, messages of a relying party.
 *
 * Every pattern runs in linear time, for the text may come from a hostile server.
 */
import { redactAddresses, redactFields } from './redact-markup.js';
import { isSecretContainer, isSecretName, SECRET_HEADERS } from './secret-names.js';

/** What stands where a secret was. */
export const REDACTED = '[redacted]';

/** A PEM block of any private key; an unfinished one reaches to the end of the text. */
const PEM =
  /-----BEGIN (?:[A-Z0-9]{1,16} ){0,3}PRIVATE KEY-----(?:[\s\S]*?-----END (?:[A-Z0-9]{1,16} ){0,3}PRIVATE KEY-----|[\s\S]*)/g;

/** A header in raw HTTP text; its value holds spaces and semicolons and ends with the line or the quoted text around it. */
const HEADER = new RegExp(String.raw`(?<![\w-])(${SECRET_HEADERS})(:[ \t]{0,8})[^\r\n"\\]+`, 'gi');

/** HTTP credentials outside of their header (RFC 9110 §11.4). "Basic attestation" is no credential: those hold a digit or padding. */
const SCHEME = /\b(Bearer|DPoP|(?:Basic|Digest|Negotiate)(?=\s+[\w.~+/-]*[\d=+/]))(\s{1,8})[\w.~+/=-]{6,}/gi;

/** `user:password@host` in a URL (RFC 3986 §3.2.1). */
const URL_PASSWORD = /(:\/\/[^/\s:@]{0,256}:)[^/\s@]{1,256}(?=@)/g;

/** A value in quotes, or in the escaped quotes of a text within a text. */
const QUOTED = String.raw`"(?:[^"\\]|\\.)*"?|'[^']*'?|\\+"[^"]*"?`;

/** A list or an object: up to the first bracket that closes. */
const STRUCTURE = String.raw`[[{][^\]}]*[\]}]?`;

/** A bare value: up to white space, `&` or a quote; a comma or semicolon ends it only where a list would go on. */
const BARE = String.raw`(?:[^\s"&;,\\]|[;,](?![\s"'])|\\(?!["'\\]))+`;

/** A named value as it stands in text. */
const VALUE = new RegExp(`${QUOTED}|${STRUCTURE}|${BARE}`, 'y');

/** The value of a command-line option: up to white space. */
const ARGUMENT = new RegExp(`${QUOTED}|\\S+`, 'y');

/** The head of `name=value`, `name: value` and `"name":"value"`. The look-behind lets every run of word characters be tried once. */
const PAIR = /(?<![\w.-])([\w.-]{1,128})\\*["']?\s{0,8}[:=]\s{0,8}/g;

/** The head of `--name value`. */
const OPTION = /(?<![\w-])--([\w-]{1,128})[ \t]{1,8}/g;

/** Cheap first look: a text without any of these has no place for a named secret. */
const MAY_HOLD = /[:=]|--|\b(?:Bearer|Basic|Digest|DPoP|Negotiate)\s/i;

/** Truth values are settings, never secrets: `clientPin: true`. */
const LITERAL = /^(?:true|false|null|undefined)[)\]}]*$/;

/**
 * The text without the secrets that can be told by their surroundings.
 *
 * @example
 * ```ts
 * redactText('POST /login user=ada&password=hunter2'); // 'POST /login user=ada&password=[redacted]'
 * ```
 */
export function redactText(text: string): string {
  if (!MAY_HOLD.test(text)) return text;
  const clean = text
    .replaceAll(PEM, REDACTED)
    .replaceAll(HEADER, (_, name: string, colon: string) => name + colon + REDACTED)
    .replaceAll(SCHEME, (_, scheme: string, space: string) => scheme + space + REDACTED)
    .replaceAll(URL_PASSWORD, (_, before: string) => before + REDACTED);
  const apart = redactAddresses(redactFields(clean, isSecretName));
  return replaceNamed(replaceNamed(apart, PAIR, VALUE), OPTION, ARGUMENT);
}

/**
 * Replaces the value behind every head that names a secret. Behind any other head the search goes on at once, for its value may
 * hold pairs of its own: `url=/callback?token=…`.
 */
function replaceNamed(text: string, head: RegExp, value: RegExp): string {
  let out = '';
  let done = 0;
  for (const match of text.matchAll(head)) {
    const start = match.index + match[0].length;
    const name = match[1] ?? '';
    if (match.index < done || !isSecretName(name) || (text[start] === '{' && isSecretContainer(name)))
      continue;
    const found = matchAt(value, text, start);
    if (found === '' || LITERAL.test(found)) continue;
    // The quotes stay, so that JSON in the text stays JSON.
    const quote = /^\\*["']/.exec(found)?.[0] ?? '';
    out += text.slice(done, start) + quote + REDACTED + quote;
    done = start + found.length;
  }
  return out + text.slice(done);
}

function matchAt(sticky: RegExp, text: string, at: number): string {
  sticky.lastIndex = at;
  return sticky.exec(text)?.[0] ?? '';
}
