/**
 * Objects without undefined members: in these dictionaries an absent member and an undefined one would be two things.
 */

type Present<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] };
type Absentable<T> = { [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined> };

/** The type of an object whose undefined members were left out. */
export type Compact<T> = Present<T> & Absentable<T>;

/**
 * A copy without the members that are undefined.
 *
 * @example
 * ```ts
 * compact({ type: 'public-key', transports: undefined }); // { type: 'public-key' }
 * ```
 */
export function compact<T extends object>(members: T): Compact<T> {
  // The one cast: fromEntries forgets which member is which.
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Compact<T>;
}
