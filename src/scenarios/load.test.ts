import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KeyrigError } from '../errors.js';
import { runInFakes, summarise } from './fake-rig.suite.js';
import { isScenarioFile, loadScenarios } from './load.js';

let directory: string;

beforeAll(async () => {
  // A space in the path, as in many home directories.
  directory = join(await mkdtemp(join(tmpdir(), 'keyrig-')), 'my scenarios');
  await mkdir(directory);
});

afterAll(() => rm(join(directory, '..'), { recursive: true }));

async function load(name: string, text: string) {
  const file = join(directory, name);
  await writeFile(file, text);
  return loadScenarios(file);
}

async function failure(loading: Promise<unknown>): Promise<KeyrigError> {
  const error = await loading.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(KeyrigError);
  return error as KeyrigError;
}

const BODY = `{
  id: 'mine',
  title: 'a user signs in',
  needs: { capabilities: ['register', 'signIn.username'], devices: [{ id: 'key', kind: 'security-key' }] },
  async run(context) {
    const user = context.user('alice');
    await setUpPin(context, 'key');
    await registerPasskey(context, { user, device: 'key' });
    await signInWithPasskey(context, { flow: 'username', user, device: 'key' });
  },
}`;
const IMPORT = "import { defineScenario, registerPasskey, setUpPin, signInWithPasskey } from 'keyrig';";

describe('a scenario file', () => {
  it.each([
    [
      'TypeScript',
      'mine.ts',
      `${IMPORT}\nenum Only { TypeScript }\nvoid (Only.TypeScript satisfies number);\nexport default defineScenario(${BODY});\n`,
    ],
    ['an ES module', 'mine.mjs', `${IMPORT}\nawait null;\nexport default defineScenario(${BODY});\n`],
    [
      'CommonJS',
      'mine.cjs',
      `${IMPORT.replace(/import (.*) from (.*);/, 'const $1 = require($2);')}\nmodule.exports = defineScenario(${BODY});\n`,
    ],
    [
      'YAML',
      'mine.yaml',
      'id: mine\ntitle: a user signs in\ndevices: { key: { kind: security-key } }\nsteps:\n  - register: {}\n  - signIn: {}\n',
    ],
    [
      'JSON',
      'mine.json',
      '{ "id": "mine", "title": "a user signs in", "devices": { "key": { "kind": "security-key" } }, "steps": [{ "register": {} }, { "signIn": {} }] }',
    ],
  ])('can be %s', async (_, name, text) => {
    const scenarios = await load(name, text);
    const report = await runInFakes(scenarios);
    expect(report.results.map(summarise)).toEqual(['mine: PASS']);
  });
  it('may hold several scenarios and import its neighbours', async () => {
    await writeFile(join(directory, 'shared.ts'), "export const title: string = 'shared';\n");
    const one = "defineScenario({ id: 'a', title, needs: {}, run: async () => {} })";
    const scenarios = await load(
      'two.ts',
      `${IMPORT}\nimport { title } from './shared.js';\nexport default [${one}, { ...${one}, id: 'b' }];\n`,
    );
    expect(scenarios.map(({ id, title }) => `${id} ${title}`)).toEqual(['a shared', 'b shared']);
  });
});

describe('a fault in a file', () => {
  const CODE = 'scenario-invalid';
  it.each([
    [
      'no default export',
      'nothing.ts',
      'export const a = 1;\n',
      "expected the default export to be what defineScenario gives: a scenario's id: expected string, but it is missing",
      /nothing\.ts$/,
    ],
    [
      'a wrong member',
      'wrong.ts',
      "export default { id: 'a b', title: 'x', needs: {}, run: async () => {} };\n",
      'letters, digits and single hyphens',
      /wrong\.ts$/,
    ],
    [
      'no function',
      'norun.ts',
      "export default { id: 'a', title: 'x', needs: {}, run: 5 };\n",
      'expected a function run(context)',
      /norun\.ts$/,
    ],
    [
      'a syntax error',
      'syntax.ts',
      'export default {\n  id: 5 +,\n};\n',
      "can't be loaded",
      /syntax\.ts:2:9$/,
    ],
    [
      'an error while it is loaded',
      'throws.ts',
      '\n\nexport default missing.x;\n',
      'missing is not defined',
      /throws\.ts:3:1$/,
    ],
    ['an empty list', 'empty.ts', 'export default [];\n', 'it is an empty list', /empty\.ts$/],
    ['faulty YAML', 'bad.yaml', 'id: mine\n', 'title: expected string, but it is missing', /bad\.yaml:1:1$/],
  ])('such as %s says what was expected, and where', async (_, name, text, message, where) => {
    const error = await failure(load(name, text));
    expect(error.code).toBe(CODE);
    expect(error.message).toContain(message);
    expect(error.where).toMatch(where);
    expect(error.where).toContain(directory);
  });
  it('shows the error of defineScenario at the line that called it', async () => {
    const error = await failure(
      load('defined.ts', `${IMPORT}\n\nexport default defineScenario({ id: 'a' });\n`),
    );
    expect(error.message).toContain("a scenario's title");
    expect(error.where).toMatch(/defined\.ts:3:\d+$/);
  });
  it('is not there when the file is not', async () => {
    for (const name of ['none.ts', 'none.yaml'])
      expect((await failure(loadScenarios(join(directory, name)))).code).toBe('scenario-not-found');
  });
});

it.each([
  ['register', false],
  ['prioritised-phone/edge', false],
  ['sign-in.username', false],
  ['./mine.ts', true],
  ['mine.yaml', true],
  ['/abs/mine.mjs', true],
  ['sub/mine.ts', true],
])('%s is a file: %s', (name, expected) => expect(isScenarioFile(name)).toBe(expected));
