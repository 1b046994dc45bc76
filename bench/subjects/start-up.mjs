/**
 * How long the built command takes to say something, against Node that says nothing.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const COMMAND = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** @throws Error when the command fails, which would be fast */
function run(...args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: 'ignore' });
    child.on('error', reject);
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${args.join(' ')}: ${code}`))));
  });
}

const repeat =
  (...args) =>
  async (times) => {
    for (let time = 0; time < times; time++) await run(...args);
  };

const against = (option) => ({ ours: () => repeat(COMMAND, option), theirs: () => repeat('-e', '0') });

export const version = against('--version');
export const help = against('--help');
