/**
 * What of an HTTP exchange may be seen in a trace: never passwords, cookies or tokens.
 *
 * Known secrets are found by value, wherever they stand; everything else by the name of its header, member, field or parameter.
 */
import type { Json } from '../trace/events.js';
import { isOneTimeParameter, redactAddresses, redactFields } from '../trace/redact-markup.js';

/** What stands in for a secret. */
export const REDACTED = '[redacted]';

const SECRET_NAME =
  /pass(word|wd|phrase)|secret|token|cookie|csrf|xsrf|api-?key|session-?id|^authorization$|^session$|otps?$|(recovery|backup)[-_]?codes?/i;

/** Whether what stands under `name` (a header, member, field or parameter) is never shown. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

/** Secrets shorter than this would blot out ordinary text. */
const SHORTEST_SECRET = 4;

const PREVIEW_CHARACTERS = 4096;

/** Hides secrets in the parts of an exchange. */
export class Redactor {
  readonly #secrets: readonly string[];

  /** @param secrets Values that must not appear, e.g. the user's password and the jar's cookie values. */
  constructor(secrets: Iterable<string>) {
    const forms = [...secrets].flatMap((secret) => [
      secret,
      encodeURIComponent(secret),
      decodeOrSame(secret),
    ]);
    const usable = new Set(forms.filter((secret) => secret.length >= SHORTEST_SECRET));
    // The longest first: one secret may contain another.
    this.#secrets = [...usable].toSorted((left, right) => right.length - left.length);
  }

  text(text: string): string {
    let shown = text;
    for (const secret of this.#secrets) shown = shown.replaceAll(secret, REDACTED);
    return shown;
  }

  url(url: URL): string {
    const shown = new URL(url);
    for (const name of new Set(shown.searchParams.keys())) {
      if (isSecretName(name) || isOneTimeParameter(name)) shown.searchParams.set(name, REDACTED);
    }
    return this.text(shown.href);
  }

  headers(headers: Headers): Json {
    const shown = [...headers].map(([name, value]): [string, Json] => [name, this.#header(name, value)]);
    const cookies = headers.getSetCookie().map((line) => line.replace(/=[^;]*/, `=${REDACTED}`));
    return { ...Object.fromEntries(shown), ...(cookies.length === 0 ? {} : { 'set-cookie': cookies }) };
  }

  /** A preview of a body: JSON and forms by their names, everything by known secrets, at most some thousand characters. */
  body(text: string, contentType: string | null): string {
    const shown = this.text(hideByName(text, contentType ?? ''));
    if (shown.length <= PREVIEW_CHARACTERS) return shown;
    return `${shown.slice(0, PREVIEW_CHARACTERS)}… (${shown.length} characters)`;
  }

  #header(name: string, value: string): string {
    if (name === 'cookie') return value.replaceAll(/=[^;]*/g, `=${REDACTED}`);
    return isSecretName(name) ? REDACTED : this.text(redactAddresses(value));
  }
}

/** `"name": "text"`, `"name": 5` or `"name": ["texts"]` anywhere in a text: on JSON, on broken JSON and on JSON inside of a page. */
const JSON_MEMBER =
  /("(?:[^"\\]|\\.)*")(\s*:\s*)("(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|\[\s*(?:"(?:[^"\\]|\\.)*"[\s,]*)+\]?)/g;

function hideByName(text: string, contentType: string): string {
  if (contentType.includes('x-www-form-urlencoded')) return hideInForm(text);
  const marked = redactAddresses(redactFields(text, isSecretName));
  return marked.replaceAll(JSON_MEMBER, (whole: string, name: string, colon: string) =>
    isSecretName(name.slice(1, -1)) ? `${name}${colon}"${REDACTED}"` : whole,
  );
}

function hideInForm(text: string): string {
  const fields = [...new URLSearchParams(text)];
  return fields
    .map(([name, value]) => `${name}=${isSecretName(name) || isOneTimeParameter(name) ? REDACTED : value}`)
    .join('&');
}

function decodeOrSame(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
