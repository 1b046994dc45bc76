/**
 * Redaction: what leaves keyrig for a file, a screen or a log holds no PIN, private key, token, cookie or password.
 *
 * A secret is told by the name it stands under, by the text around it, or by the marker that its producer sets.
 * The input is never changed, and the result shares nothing with it.
 */
import type { Json, TraceEvent } from './events.js';
import { REDACTED, redactText } from './redact-text.js';
import { isSecretContainer, isSecretHeader, isSecretName } from './secret-names.js';

export { REDACTED, redactText } from './redact-text.js';

/** The member by which a producer marks a secret that no name tells. */
const MARK = '$secret';

/** Deeper structures are cut: nothing of ours is, but a relying party may answer a million brackets. */
const DEEPEST = 64;

/** What stands where a structure was cut. */
const CUT = '[nested too deep]';

/** Text up to this length is tried as JSON. */
const LONGEST_JSON = 1_000_000;

/**
 * Marks a value as secret, whatever it is called.
 *
 * @example
 * ```ts
 * trace.emit({ layer: 'user', kind: 'pin', device: 'yubikey-5', fields: { typed: secret('1234') } });
 * ```
 */
export function secret(value: Json): Json {
  return { [MARK]: value };
}

/**
 * A deep copy without secrets. Members and their order stay; a secret becomes {@link REDACTED}; truth values and null always stay.
 * Members `hex` are left out beside a member that held a secret, since they are the same message again.
 *
 * Takes anything, so that a logger can use it for its records: `pino({ formatters: { log: redact } })`.
 * Errors keep their class; other objects become plain ones; what can't be read or is circular is replaced by a word.
 */
export function redact<T>(value: T): T {
  // The one cast: the copy has the shape of the original but for the leaves that were replaced.
  return new Redactor().copy(value, '', '', 0) as T;
}

/**
 * {@link redact} for an event of the trace. The hex of a PIN command that wasn't decoded is left out as well: nobody can say what is in it.
 */
export function redactEvent(event: TraceEvent): TraceEvent {
  const copy = redact(event);
  if (copy.layer !== 'ctap' || copy.fields !== undefined || !copy.name.startsWith('authenticatorClientPIN'))
    return copy;
  const { hex: _, ...rest } = copy;
  return rest;
}

/** One walk over one value. */
class Redactor {
  /** How many secrets were met so far: tells whether a subtree held one. */
  #found = 0;
  readonly #ancestors = new Set<object>();

  /** `name` is what the value is called, `parent` what the object around it is called. */
  copy(value: unknown, name: string, parent: string, depth: number): unknown {
    if (value === null || value === undefined || typeof value === 'boolean') return value;
    if (isSecretName(name, parent) && !(typeof value === 'object' && isSecretContainer(name)))
      return this.#hide();
    if (typeof value === 'string') return this.#text(value);
    if (typeof value !== 'object') return typeof value === 'function' ? '[function]' : value;
    if (depth >= DEEPEST) return this.#cut();
    if (this.#ancestors.has(value)) return '[circular]';
    this.#ancestors.add(value);
    const copied = this.#object(value, name, depth + 1);
    this.#ancestors.delete(value);
    return copied;
  }

  #hide(): string {
    this.#found += 1;
    return REDACTED;
  }

  /** Nobody looked below, so it counts as a secret. */
  #cut(): string {
    this.#found += 1;
    return CUT;
  }

  /** The text rules also run over JSON that parsed: a member that occurs twice is seen by the parser once. */
  #text(text: string): string {
    const clean = redactText(this.#json(text) ?? text);
    if (clean !== text) this.#found += 1;
    return clean;
  }

  /** A body that is JSON is judged member by member and written again only when it held a secret. */
  #json(text: string): string | undefined {
    if (text.length > LONGEST_JSON || !/^\s*[[{]/.test(text)) return undefined;
    let body: unknown;
    try {
      body = JSON.parse(text);
    } catch {
      return undefined;
    }
    const before = this.#found;
    const clean = this.copy(body, '', '', 1);
    return this.#found === before ? text : JSON.stringify(clean);
  }

  #object(value: object, name: string, depth: number): unknown {
    if (Object.hasOwn(value, MARK)) return this.#hide();
    if (value instanceof Error) return this.#error(value, depth);
    if (value instanceof Uint8Array) return value.slice();
    if (value instanceof Map) return this.#members(mapEntries(value), name, depth);
    if (value instanceof Set) return this.#list([...value], name, depth);
    if (Array.isArray(value)) return this.#list(value, name, depth);
    if ('toJSON' in value)
      return this.copy(
        attempt(() => JSON.parse(JSON.stringify(value) ?? 'null')),
        name,
        '',
        depth,
      );
    const entries = Object.keys(value).map((key): Entry => [key, attempt(() => Reflect.get(value, key))]);
    return this.#members(entries, name, depth);
  }

  /** Headers travel as pairs too: `['cookie', 'sid=1']`. */
  #list(items: readonly unknown[], name: string, depth: number): unknown[] {
    const [first] = items;
    const isHeader = items.length === 2 && typeof first === 'string' && isSecretHeader(first);
    if (isHeader) return [first, this.#hide()];
    return items.map((item) => this.copy(item, '', name, depth));
  }

  #members(entries: readonly Entry[], name: string, depth: number): object {
    const before = this.#found;
    const label = labelOf(entries);
    const hidden = privateParts(entries);
    const copied = entries.map(([key, item]): Entry => {
      if (hidden.has(key)) return [key, this.#hide()];
      return [key, this.copy(item, label !== undefined && key === 'value' ? label : key, name, depth)];
    });
    const held = this.#found > before;
    // fromEntries defines members, so that one called __proto__ stays a member.
    return Object.fromEntries(held ? copied.filter(([key]) => key !== 'hex') : copied);
  }

  #error(error: Error, depth: number): Error {
    const copy: Error = Object.create(Object.getPrototypeOf(error));
    for (const key of Object.getOwnPropertyNames(error)) {
      const value = this.copy(
        attempt(() => Reflect.get(error, key)),
        key,
        '',
        depth,
      );
      const enumerable = Object.prototype.propertyIsEnumerable.call(error, key);
      Object.defineProperty(copy, key, { value, enumerable, writable: true, configurable: true });
    }
    return copy;
  }
}

type Entry = readonly [string, unknown];

function mapEntries(map: ReadonlyMap<unknown, unknown>): Entry[] {
  return [...map].map(([key, item]): Entry => [String(key), item]);
}

const NOTHING: ReadonlySet<string> = new Set();

/** Private members of a JWK (RFC 7518 §6), of any key type. */
const JWK_PRIVATE: ReadonlySet<string> = new Set(['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv']);

/** Labels of private parts by COSE key type: OKP, EC2 (RFC 9053 §7), RSA (RFC 8230 §4), symmetric, AKP (draft-ietf-cose-dilithium). */
const COSE_PRIVATE: ReadonlyMap<unknown, ReadonlySet<string>> = new Map([
  [1, new Set(['-4'])],
  [2, new Set(['-4'])],
  [3, new Set(['-3', '-4', '-5', '-6', '-7', '-8', '-9'])],
  [4, new Set(['-1'])],
  [7, new Set(['-2'])],
]);

/** The private members of an object that is a key. */
function privateParts(entries: readonly Entry[]): ReadonlySet<string> {
  if (entries.some(([key, value]) => key === 'kty' && typeof value === 'string')) return JWK_PRIVATE;
  return COSE_PRIVATE.get(entries.find(([key]) => key === '1')?.[1]) ?? NOTHING;
}

/** A getter or `toJSON` of somebody else's object may throw; a log line must not. */
function attempt(read: () => unknown): unknown {
  try {
    return read();
  } catch {
    return '[unreadable]';
  }
}

/** What the member `value` is called in `{ name: 'cookie', value: 'sid=1' }` and its like. */
function labelOf(entries: readonly Entry[]): string | undefined {
  const label = entries.find(([key]) => key === 'name' || key === 'key' || key === 'header')?.[1];
  return typeof label === 'string' ? label : undefined;
}
