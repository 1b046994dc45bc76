/**
 * "Did you mean …?": the known name that a misspelt or unfinished one is closest to.
 */

/**
 * The known name nearest to `wanted`, or `undefined` when none is close enough to be a misspelling.
 *
 * Close enough means at most a third of its letters inserted, left out, replaced or swapped with their neighbour; or else that it is the
 * beginning of the name, three letters or more. Of several that begin with it the shortest counts, and of those the first.
 * Case doesn't count.
 *
 * @example
 * ```ts
 * nearestName('usrname', ['username', 'password']);        // 'username'
 * nearestName('win11', ['chromium-linux', 'win11-23h2']);  // 'win11-23h2'
 * ```
 */
export function nearestName(wanted: string, known: Iterable<string>): string | undefined {
  const names = [...known];
  return misspelt(wanted, names) ?? unfinished(wanted, names);
}

/** Fewer letters than this begin too many names. */
const SHORTEST_BEGINNING = 3;

function unfinished(wanted: string, names: readonly string[]): string | undefined {
  const beginning = wanted.toLowerCase();
  if (beginning.length < SHORTEST_BEGINNING) return undefined;
  return names
    .filter((name) => name.toLowerCase().startsWith(beginning))
    .toSorted((left, right) => left.length - right.length)[0];
}

function misspelt(wanted: string, names: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const name of names) {
    const distance = editDistance(wanted.toLowerCase(), name.toLowerCase());
    if (distance < bestDistance) {
      best = name;
      bestDistance = distance;
    }
  }
  return best;
}

/** Optimal string alignment distance: insertions, deletions, replacements and swaps of neighbours. */
function editDistance(left: string, right: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1];
      const swapped = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      current[column] = Math.min(
        at(previous, column) + 1,
        at(current, column - 1) + 1,
        at(previous, column - 1) + (same ? 0 : 1),
        swapped ? at(beforePrevious, column - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    beforePrevious = previous;
    previous = current;
  }
  return at(previous, right.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
