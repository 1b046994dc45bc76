/** What `npm test` does first, for whoever starts these tests by themselves: the command that they spawn is never an old one. */
import { spawnSync } from 'node:child_process';
import { ROOT } from './keyrig.js';

export default function setup(): void {
  const { status } = spawnSync(process.execPath, ['scripts/setup.mjs'], {
    cwd: ROOT,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) throw new Error('the build failed, see above');
}
