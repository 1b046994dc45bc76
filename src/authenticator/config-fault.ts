/**
 * What is wrong with a member of a configuration.
 */

/** One fault. */
export interface Fault {
  /** Its path, e.g. `versions[1]`. */
  readonly member: string;
  readonly why: string;
}

/** A fault, if there is one. */
export function faultIf(broken: boolean, member: string, why: string): readonly Fault[] {
  return broken ? [{ member, why }] : [];
}

/** A number that is not a whole one from `least` to `most`; none is fine. */
export function outside(
  member: string,
  value: number | undefined,
  least: number,
  most: number,
): readonly Fault[] {
  if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) return [];
  return [{ member, why: `${member} is ${value}, which is not a whole number from ${least} to ${most}` }];
}
