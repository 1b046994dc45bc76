/**
 * Files that come with the package: they lie at the same place seen from `src/cli` and from `dist/cli`.
 */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** An absolute path below the package's root. */
export function packageFile(...segments: readonly string[]): string {
  return join(ROOT, ...segments);
}
