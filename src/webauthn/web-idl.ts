/**
 * Conversions from JavaScript values to Web IDL types, as far as WebAuthn's dictionaries need them (Web IDL §3.2).
 *
 * They convert rather than refuse: a number becomes text, a missing `long` is no error until somebody requires it. What has no
 * conversion ends with the TypeError that a page would see.
 */
import { fromBase64url } from '../data/bytes.js';
import { WebAuthnError } from './errors.js';

/** Turns the value at `path` into a `T`. @throws WebAuthnError */
export type Conversion<T> = (value: unknown, path: string) => T;

/** A JavaScript object that is read as a dictionary, with where it stands. */
export interface Dictionary {
  readonly path: string;
  readonly members: object;
}

/** Web IDL §3.2.17: objects, and nothing at all, which is a dictionary without members. */
export const dictionary: Conversion<Dictionary> = (value, path) => {
  if (value === undefined || value === null) return { path, members: {} };
  if (typeof value !== 'object' && typeof value !== 'function') throw typeError(path, 'is not an object');
  return { path, members: value };
};

/** A member that has to be there. */
export function required<T>(from: Dictionary, name: string, conversion: Conversion<T>): T {
  const value = optional(from, name, conversion);
  if (value === undefined) throw typeError(join(from.path, name), 'is missing');
  return value;
}

/** A member that may be absent; one that is `undefined` is. */
export function optional<T>(from: Dictionary, name: string, conversion: Conversion<T>): T | undefined {
  const value: unknown = Reflect.get(from.members, name);
  return value === undefined ? undefined : conversion(value, join(from.path, name));
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

/** §3.2.10: any value but a symbol has a text. */
export const domString: Conversion<string> = (value, path) =>
  attempt(() => `${value}`, path, 'has no text form');

/** §3.2.3. */
export const boolean: Conversion<boolean> = (value) => Boolean(value);

/** §3.2.4.5, modulo 2^32. */
export const long: Conversion<number> = (value, path) => toNumber(value, path) | 0;

/** §3.2.4.6, modulo 2^32. */
export const unsignedLong: Conversion<number> = (value, path) => toNumber(value, path) >>> 0;

function toNumber(value: unknown, path: string): number {
  if (typeof value === 'bigint') throw typeError(path, 'is a BigInt where a number is needed');
  return attempt(() => Number(value), path, 'has no number form');
}

/** §3.2.21: anything that can be iterated but a string. */
export function sequence<T>(element: Conversion<T>): Conversion<readonly T[]> {
  return (value, path) => {
    if (!isIterable(value)) throw typeError(path, 'is not a sequence');
    return Array.from(value, (item, at) => element(item, `${path}[${at}]`));
  };
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}

/** §3.2.23: the object's own members, `__proto__` among them. */
export function record<T>(element: Conversion<T>): Conversion<Readonly<Record<string, T>>> {
  return (value, path) => {
    if (typeof value !== 'object' || value === null) throw typeError(path, 'is not an object');
    const entries = Object.entries(value);
    return Object.fromEntries(
      entries.map(([key, item]) => [key, element(item, `${path}[${JSON.stringify(key)}]`)]),
    );
  };
}

/** A `Base64URLString` of WebAuthn's JSON, as bytes (WebAuthn L3 §5.1.8). Padding and other alphabets are an EncodingError. */
export const base64url: Conversion<Uint8Array> = (value, path) => {
  const bytes = fromBase64url(domString(value, path));
  if (bytes === undefined)
    throw new WebAuthnError('EncodingError', `${path} is not base64url without padding`);
  return bytes;
};

function attempt<T>(convert: () => T, path: string, what: string): T {
  try {
    return convert();
  } catch (cause) {
    throw new WebAuthnError('TypeError', `${path} ${what}`, { cause });
  }
}

function typeError(path: string, what: string): WebAuthnError {
  return new WebAuthnError('TypeError', `${path === '' ? 'the argument' : path} ${what}`);
}
