/** Something in a profile that makes no sense. */

/** One problem, and where it stands. */
export interface ProfileProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** A problem for every name that was there before. */
export function duplicates(
  names: readonly string[],
  pathOf: (at: number) => ProfileProblem['path'],
): ProfileProblem[] {
  return names.flatMap((name, at) =>
    names.indexOf(name) === at ? [] : [{ path: pathOf(at), message: `"${name}" is there already` }],
  );
}
