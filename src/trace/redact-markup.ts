/**
 * Secrets in HTML and in addresses, whose names stand apart from their values: `<input name="csrf" value="…">`, `?code=…`.
 *
 * As in `redact-text.ts` every pattern runs in linear time.
 */

/** What stands where a secret was. */
const REDACTED = '[redacted]';

/** A field of a form, or what a page hands to its script; longer tags than that are no fields. */
const FIELD = /<(?:input|meta)\b[^>]{0,2048}/gi;

/** One attribute with a value (HTML §13.1.2.3), also in the escaped quotes of a text within a text. */
const ATTRIBUTE =
  /([\w-]{1,64})(\s{0,8}=\s{0,8})(\\*"[^"\\]{0,2048}\\*"|\\*'[^'\\]{0,2048}\\*'|[^\s"'<>\\]{1,2048})/g;

/** What an address hands over once: an authorization code and the state that belongs to it (RFC 6749 §4.1.2). */
const ONCE = /([?&#;](?:code|state)=)[^&\s"'#<>\\]+/gi;

/** Parameters of addresses whose names say too little anywhere else: a `code` may be an error's, a `state` a machine's. */
const ONCE_NAMES: ReadonlySet<string> = new Set(['code', 'state']);

/** Whether a parameter of an address or a field of a form is a one-time secret. */
export function isOneTimeParameter(name: string): boolean {
  return ONCE_NAMES.has(name.toLowerCase());
}

/** The text without the authorization codes and states in its addresses. */
export function redactAddresses(text: string): string {
  return text.replaceAll(ONCE, (_, before: string) => before + REDACTED);
}

/**
 * The text without the values of fields whose names tell a secret.
 *
 * @example
 * ```ts
 * redactFields('<input name="csrf" value="a1">', isSecretName); // '<input name="csrf" value="[redacted]">'
 * ```
 */
export function redactFields(text: string, isSecretName: (name: string) => boolean): string {
  return text.replaceAll(FIELD, (tag) => {
    const names = [...tag.matchAll(ATTRIBUTE)].filter(([, name = '']) =>
      /^(?:name|id|property)$/i.test(name),
    );
    if (!names.some(([, , , value = '']) => isSecretName(bare(value)))) return tag;
    return tag.replaceAll(ATTRIBUTE, (whole: string, name: string, equals: string, value: string) =>
      /^(?:value|content)$/i.test(name) ? name + equals + hidden(value) : whole,
    );
  });
}

function bare(value: string): string {
  return value.replaceAll(/[\\"']/g, '');
}

/** The quotes stay, so that the tag stays one. */
function hidden(value: string): string {
  const quote = /^\\*["']/.exec(value)?.[0] ?? '';
  return quote + REDACTED + quote;
}
