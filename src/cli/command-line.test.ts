import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calledAs, commandLine, pathFrom } from './command-line.js';

describe('a command line', () => {
  it('stays as it was typed where it can', () => {
    const words = ['keyrig', 'run', './my.yaml', '--target=demo:http://localhost:3000', '--shard', '1/2'];
    expect(commandLine(words)).toBe(words.join(' '));
  });

  it.each([
    ['a b', "'a b'"],
    ["it's", `'it'\\''s'`],
    ['', "''"],
    ['$HOME', "'$HOME'"],
    ['*.ts', "'*.ts'"],
    ['~/x', "'~/x'"],
    ['ü', "'ü'"],
  ])('quotes %s', (word, quoted) => {
    expect(commandLine(['keyrig', word])).toBe(`keyrig ${quoted}`);
  });

  it('is read by a shell as the words that it was made of', () => {
    // Everything but NUL, which no argument can hold.
    const words = fc.array(fc.string({ unit: 'grapheme' }).filter((word) => !word.includes('\0')));
    fc.assert(
      fc.property(words, (argv) => {
        const script = `for word in ${commandLine(argv)}; do printf '%s\\0' "$word"; done`;
        const { stdout } = spawnSync('sh', ['-c', script], { encoding: 'utf8' });
        expect(stdout.split('\0').slice(0, -1)).toEqual(argv);
      }),
      { numRuns: 60 },
    );
  });
});

describe('how keyrig was called', () => {
  const cwd = '/project';

  it.each([
    ['from the path', { script: '/project/node_modules/.bin/keyrig', env: {}, cwd }, 'keyrig'],
    ['on Windows', { script: 'keyrig.cmd', env: {}, cwd }, 'keyrig'],
    ['by its script', { script: '/project/dist/cli/main.js', env: {}, cwd }, 'node dist/cli/main.js'],
    [
      'by a script elsewhere',
      { script: '/opt/my keys/main.js', env: {}, cwd },
      "node '/opt/my keys/main.js'",
    ],
    [
      'by npx',
      {
        script: '/project/node_modules/.bin/keyrig',
        env: { npm_command: 'exec', npm_lifecycle_event: 'npx' },
        cwd,
      },
      'npx keyrig',
    ],
    [
      'by a script of npm',
      {
        script: '/project/node_modules/.bin/keyrig',
        env: { npm_command: 'run-script', npm_lifecycle_event: 'passkeys' },
        cwd,
      },
      'keyrig',
    ],
    ['by nobody knows what', { script: undefined, env: {}, cwd }, 'keyrig'],
  ])('%s', (_, caller, expected) => {
    expect(calledAs(caller)).toBe(expected);
  });
});

describe('a path from a folder', () => {
  it.each([
    ['/a/b', '/a/b/c/d', 'c/d'],
    ['/a/b', '/a/b', '/a/b'],
    ['/a/b', '/a/bc', '/a/bc'],
    ['/a/b', '/a', '/a'],
    ['/a/b', '/a/b/..c', '..c'],
    ['/', '/c', 'c'],
  ])('from %s to %s is %s', (cwd, path, expected) => {
    expect(pathFrom(cwd, path)).toBe(expected);
  });
});
