/**
 * Message shapes: one table per message from which the reader, the writer and the TypeScript type follow.
 *
 * Reading follows CTAP's usual order: the types of all known members first, mandatory members second (CTAP 2.1 §8.2, §6).
 */
import type { CborMap, CborValue } from '../cbor.js';
import { STATUS, type Status } from '../status.js';

/** Why a value does not have its shape. */
export interface Malformed {
  readonly ok: false;
  /** What an authenticator answers to a request like this. */
  readonly status: Status;
  /** The member, by name: `rp.id`, `pubKeyCredParams[1].alg`. */
  readonly path: string;
  /** What was expected there, e.g. `a byte string`. */
  readonly expected: string;
}

/** The outcome of reading. */
export type Read<T> = { readonly ok: true; readonly value: T } | Malformed;

/** Both directions of one kind of value. */
export interface Codec<T> {
  read(value: CborValue): Read<T>;
  write(value: T): CborValue;
}

/** The TypeScript type that a codec reads. */
export type Value<C> = C extends Codec<infer T> ? T : never;

const wrongType = (expected: string): Malformed => ({
  ok: false,
  status: STATUS.CTAP2_ERR_CBOR_UNEXPECTED_TYPE,
  path: '',
  expected,
});

function within(prefix: string, inner: Malformed): Malformed {
  const joint = inner.path === '' || inner.path.startsWith('[') ? '' : '.';
  return { ...inner, path: `${prefix}${joint}${inner.path}` };
}

function primitive<T extends CborValue>(expected: string, is: (value: CborValue) => value is T): Codec<T> {
  return {
    read: (value) => (is(value) ? { ok: true, value } : wrongType(expected)),
    write: (value) => value,
  };
}

/** A byte string of any length; lengths are for the command to judge. */
export const bytes: Codec<Uint8Array> = primitive('a byte string', (value) => value instanceof Uint8Array);
/** A text string. */
export const text: Codec<string> = primitive('a text string', (value) => typeof value === 'string');
/** `true` or `false`. */
export const bool: Codec<boolean> = primitive('a boolean', (value) => typeof value === 'boolean');
/** Anything, kept as it came. */
export const anything: Codec<CborValue> = primitive('anything', (_value): _value is CborValue => true);
/** A map, kept as it came. */
export const map: Codec<CborMap> = primitive('a map', (value): value is CborMap => value instanceof Map);

/** An integer. One beyond 2^53 loses precision: every range check still refuses it. */
export const int: Codec<number> = {
  read: (value) => {
    if (typeof value === 'number') return { ok: true, value };
    return typeof value === 'bigint' ? { ok: true, value: Number(value) } : wrongType('an integer');
  },
  write: (value) => value,
};

/** An integer that is not negative. */
export const uint: Codec<number> = {
  read: (value) => {
    const read = int.read(value);
    return read.ok && read.value < 0 ? wrongType('an unsigned integer') : read;
  },
  write: int.write,
};

/** An array with elements of one kind. */
export function arrayOf<T>(element: Codec<T>): Codec<readonly T[]> {
  return {
    read: (value) => {
      if (!Array.isArray(value)) return wrongType('an array');
      const out: T[] = [];
      for (const item of value as readonly CborValue[]) {
        const read = element.read(item);
        if (!read.ok) return within(`[${out.length}]`, read);
        out.push(read.value);
      }
      return { ok: true, value: out };
    },
    write: (value) => value.map((item) => element.write(item)),
  };
}

/** A map with text keys and values of one kind. */
export function textMapOf<T>(element: Codec<T>): Codec<ReadonlyMap<string, T>> {
  return {
    read: (value) => {
      if (!(value instanceof Map)) return wrongType('a map');
      const out = new Map<string, T>();
      for (const [key, item] of value as CborMap) {
        if (typeof key !== 'string') return wrongType('text keys');
        const read = element.read(item);
        if (!read.ok) return within(key, read);
        out.set(key, read.value);
      }
      return { ok: true, value: out };
    },
    write: (value) => new Map([...value].map(([key, item]) => [key, element.write(item)])),
  };
}

/** One member of a shape. */
export interface Member<T, Required extends boolean> {
  /** Its key on the wire. */
  readonly key: number | string;
  readonly codec: Codec<T>;
  readonly required: Required;
  /** The status when it is missing; MISSING_PARAMETER unless the specification names another one. */
  readonly missing: Status;
}

/** A member that has to be there. */
export function required<T>(
  key: number | string,
  codec: Codec<T>,
  missing: Status = STATUS.CTAP2_ERR_MISSING_PARAMETER,
): Member<T, true> {
  return { key, codec, required: true, missing };
}

/** A member that may be absent. */
export function optional<T>(key: number | string, codec: Codec<T>): Member<T, false> {
  return { key, codec, required: false, missing: STATUS.CTAP2_ERR_MISSING_PARAMETER };
}

// biome-ignore lint/suspicious/noExplicitAny: `Codec<T>` is invariant in T, so only `any` admits every member here.
type Members = Readonly<Record<string, Member<any, boolean>>>;

type RequiredNames<M extends Members> = {
  [K in keyof M]: M[K] extends Member<unknown, true> ? K : never;
}[keyof M];
type MemberValue<M> = M extends { readonly codec: Codec<infer T> } ? T : never;

/** The object that a table of members describes. */
export type ShapeValue<M extends Members> = {
  readonly [K in RequiredNames<M>]: MemberValue<M[K]>;
} & {
  readonly [K in Exclude<keyof M, RequiredNames<M>>]?: MemberValue<M[K]>;
};

/** A map with known members; unknown ones are ignored (CTAP 2.1 §6). */
export interface Shape<M extends Members> extends Codec<ShapeValue<M>> {
  /** The table, for decoders that print names. */
  readonly members: M;
  write(value: ShapeValue<M>): CborMap;
}

/**
 * Makes the codec of a table.
 *
 * @example
 * ```ts
 * const rp = shape({ id: required('id', text), name: optional('name', text) });
 * rp.read(new Map([['id', 'example.org']])); // { ok: true, value: { id: 'example.org' } }
 * ```
 */
export function shape<const M extends Members>(members: M): Shape<M> {
  const table = Object.entries(members);
  return {
    members,
    read: (value) => readMembers<ShapeValue<M>>(table, value),
    // A table's names are members of what it writes, as the type says.
    write: (value) => writeMembers(table, value as Readonly<Record<string, unknown>>),
  };
}

type Table = readonly (readonly [string, Members[string]])[];

function readMembers<T>(table: Table, value: CborValue): Read<T> {
  if (!(value instanceof Map)) return wrongType('a map');
  const source: CborMap = value;
  const out: Record<string, unknown> = {};
  let missing: Malformed | undefined;
  for (const [name, member] of table) {
    const item = source.get(member.key);
    if (item === undefined) {
      if (member.required)
        missing ??= { ok: false, status: member.missing, path: name, expected: 'to be present' };
      continue;
    }
    const read = member.codec.read(item);
    if (read.ok) out[name] = read.value;
    else if (isMissing(read)) missing ??= within(name, read);
    else return within(name, read);
  }
  // The table decides the type; every member that it names has just been read by its own codec.
  return missing ?? { ok: true, value: out as T };
}

/** Wrong types anywhere go before missing members anywhere. */
function isMissing(read: Malformed): boolean {
  return read.status !== STATUS.CTAP2_ERR_CBOR_UNEXPECTED_TYPE;
}

function writeMembers(table: Table, value: Readonly<Record<string, unknown>>): CborMap {
  const out = new Map<number | string, CborValue>();
  for (const [name, member] of table) {
    const item = value[name];
    if (item !== undefined) out.set(member.key, member.codec.write(item));
  }
  return out;
}
