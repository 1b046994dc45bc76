/** The package as npm would publish it: what is in it, and what somebody else's project can do with it. */
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { toolVersion } from '../../src/cli/version.js';
import { reportSchema } from '../../src/scenarios/results.js';
import { type Ended, ROOT, run } from './keyrig.js';

const packed = z.tuple([z.object({ filename: z.string(), files: z.array(z.object({ path: z.string() })) })]);

const scratch = await realpath(await mkdtemp(join(tmpdir(), 'keyrig-package-')));
const project = join(scratch, 'project');
afterAll(() => rm(scratch, { recursive: true }));

let files: readonly string[] = [];

/** Runs a program in the project, which must work. */
async function works(program: string, argv: readonly string[]): Promise<Ended> {
  const ended = await run(program, argv, { cwd: project });
  expect(ended.code, `${program} ${argv.join(' ')}\n${ended.stdout}${ended.stderr}`).toBe(0);
  return ended;
}

/** The code is built already, so npm need not do it again under the feet of other tests. */
async function pack(): Promise<string> {
  const argv = ['pack', '--ignore-scripts', '--json', '--pack-destination', scratch];
  const { code, stdout, stderr } = await run('npm', argv, { cwd: ROOT });
  expect(code, stderr).toBe(0);
  const [{ filename, files: listed }] = packed.parse(JSON.parse(stdout));
  files = listed.map(({ path }) => path);
  return join(scratch, filename);
}

beforeAll(async () => {
  const tarball = await pack();
  await mkdir(project);
  await writeFile(join(project, 'package.json'), '{ "name": "project", "private": true, "type": "module" }');
  await works('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error', tarball]);
});

describe('the tarball', () => {
  it('has everything that is needed', () => {
    const needed = [
      'LICENSE',
      'README.md',
      'CHANGELOG.md',
      'package.json',
      'dist/cli/main.js',
      'dist/index.js',
      'dist/index.d.ts',
    ];
    expect(files).toEqual(expect.arrayContaining(needed));
    expect(files.filter((path) => path.startsWith('profiles/')).length).toBeGreaterThanOrEqual(8);
  });

  it('has nothing else', () => {
    const fine = [
      /^(LICENSE|(?:README|CHANGELOG|CONTRIBUTING)\.md|package\.json)$/,
      /^docs\/(?:[a-z0-9-]+\.md|images\/[a-z-]+\.png)$/,
      /^profiles\/[a-z-]+\/[a-z0-9-]+\.(?:yaml|json)$/,
      /^dist\/schemas\/[a-z]+\.schema\.json$/,
      // The adapter that the pages show.
      /^test\/targets\/auth-js\/auth-js\.yaml$/,
      // The empty stamp that tells when the build was made.
      /^dist\/\.built$/,
      /^dist\/(?!.*\.(test|suite)\.).*\.(js|d\.ts)$/,
    ];
    expect(files.filter((path) => !fine.some((pattern) => pattern.test(path)))).toEqual([]);
  });

  it('has every file that its pages lead to', async () => {
    const pages = files.filter((path) => path.endsWith('.md'));
    const dead = await Promise.all(
      pages.map(async (page) => {
        const text = await readFile(join(ROOT, page), 'utf8');
        const links = [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, link = '']) => link);
        const isThere = (place: string) =>
          files.some((path) => path === place || path.startsWith(`${place}/`));
        return links.filter((link) => !isThere(posix.join(posix.dirname(page), link)));
      }),
    );
    expect(pages).toContain('docs/getting-started.md');
    expect(dead.flat()).toEqual([]);
  });

  it('names nothing of the machine that it was built on', async () => {
    const installed = join(project, 'node_modules/keyrig');
    const texts = await Promise.all(
      files.map(async (path) => [path, await readFile(join(installed, path), 'utf8')] as const),
    );
    expect(texts.filter(([, text]) => text.includes(ROOT)).map(([path]) => path)).toEqual([]);
  });
});

describe('the command of an installed package', () => {
  it('knows its version', async () => {
    expect((await works('npx', ['keyrig', '--version'])).stdout).toBe(`${toolVersion()}\n`);
  });

  it('lists profiles', async () => {
    const { stdout } = await works('npx', ['keyrig', 'profiles', 'list', '--json']);
    expect(JSON.parse(stdout)).toContainEqual(expect.objectContaining({ kind: 'device', name: 'yubikey-5' }));
  });

  it('runs, and says how to do it again', async () => {
    const { stdout, stderr } = await works('npx', ['keyrig', 'run', 'register', '--json']);
    expect(reportSchema.parse(JSON.parse(stdout)).totals).toMatchObject({ PASS: 1 });
    expect(stderr).toMatch(/^Report {2}reports\/\S+\/index\.html$/m);
    expect(stderr).toMatch(/^Repeat {2}npx keyrig run register --json --seed [0-9a-f]{16}$/m);
  });

  it('runs a scenario that imports the library, from a file that is not in the project', async () => {
    const file = join(scratch, 'elsewhere.ts');
    await writeFile(
      file,
      `import { defineScenario, type ScenarioContext } from 'keyrig';
      export default defineScenario({
        id: 'elsewhere', title: 't', needs: {},
        run: async (context: ScenarioContext) => context.expectEqual('origin', new URL(context.rig.target.origin).hostname, 'localhost'),
      });`,
    );
    await works('npx', ['keyrig', 'run', file]);
  });
});

const SCHEMAS = ['adapter', 'device', 'platform', 'report', 'scenario'];

describe('the JSON Schemas in the package', () => {
  const schemaOf = async (name: string) =>
    JSON.parse(await readFile(join(project, `node_modules/keyrig/dist/schemas/${name}.schema.json`), 'utf8'));

  it('are five', () => {
    const names = files.flatMap((path) => /^dist\/schemas\/(.*)\.schema\.json$/.exec(path)?.[1] ?? []);
    expect(names.sort()).toEqual(SCHEMAS);
  });

  it.each(SCHEMAS)('%s is of draft 2020-12, and closed', async (name) => {
    const schema = await schemaOf(name);
    expect(schema).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      additionalProperties: false,
    });
    expect(schema.required.length).toBeGreaterThan(1);
  });

  it.each([
    ['device', 'profiles/devices'],
    ['platform', 'profiles/platforms'],
    ['adapter', 'profiles/relying-parties'],
  ])('%s accepts all of %s, and nothing with a word misspelt', async (name, place) => {
    const schema = z.fromJSONSchema(await schemaOf(name));
    const names = (await readdir(join(ROOT, place))).filter((file) => file.endsWith('.yaml'));
    expect(names.length).toBeGreaterThan(1);
    for (const file of names) {
      const value: unknown = parse(await readFile(join(ROOT, place, file), 'utf8'));
      expect(schema.safeParse(value).error, file).toBeUndefined();
      expect(schema.safeParse({ ...Object(value), misspelt: 1 }).success, file).toBe(false);
    }
  });

  it('scenario accepts a scenario, and no other', async () => {
    const schema = z.fromJSONSchema(await schemaOf('scenario'));
    const good = {
      id: 'mine',
      title: 'a user registers a key',
      devices: { key: { kind: 'security-key', pin: '246810' } },
      steps: [{ register: { device: 'key' } }, { signIn: {} }, { expect: { signedInAs: 'alice' } }],
    };
    expect(schema.safeParse(good).error).toBeUndefined();
    expect(schema.safeParse({ ...good, steps: [{ regster: {} }] }).success).toBe(false);
    expect(schema.safeParse({ ...good, devices: { key: { kind: 'stick' } } }).success).toBe(false);
  });

  it('can be imported by their names', async () => {
    const script = `
      import schema from 'keyrig/schemas/device.schema.json' with { type: 'json' };
      import manifest from 'keyrig/package.json' with { type: 'json' };
      console.log(schema.type, manifest.name);`;
    await writeFile(join(project, 'schemas.mjs'), script);
    expect((await works(process.execPath, ['schemas.mjs'])).stdout).toBe('object keyrig\n');
  });

  it('are all that can be reached besides the library', async () => {
    await writeFile(join(project, 'inside.mjs'), "import 'keyrig/dist/cli/program.js';");
    const { code, stderr } = await run(process.execPath, ['inside.mjs'], { cwd: project });
    expect(code).toBe(1);
    expect(stderr).toContain('ERR_PACKAGE_PATH_NOT_EXPORTED');
  });
});

/** A test that somebody else writes: a rig, a registration, a sign-in. */
const FOREIGN_TEST = `
import { createRig, type Rig } from 'keyrig';
import { afterAll, beforeAll, expect, test } from 'vitest';

let rig: Rig;
beforeAll(async () => {
  rig = await createRig({ target: 'demo', devices: [{ id: 'key', profile: 'yubikey-5', pin: '246810' }] });
});
afterAll(() => rig.close());

test('a passkey on a security key signs its owner in', async () => {
  const alice = { name: 'alice', displayName: 'Alice', email: 'alice@keyrig.test', password: 'a long password' };
  await rig.target.createUser(alice);
  const session = rig.target.openSession('alice');
  await session.signInWithPassword(alice);
  const passkey = await rig.browser().create(await session.registrationOptions(alice));
  expect(await session.submitRegistration(passkey)).toMatchObject({ verdict: 'accepted' });

  const later = rig.target.openSession('alice, later');
  const assertion = await rig.browser().get(await later.signInOptions('username', alice));
  expect(assertion.id).toBe(passkey.id);
  expect(await later.submitSignIn(assertion)).toMatchObject({ verdict: 'accepted' });
  expect(await later.whoami()).toBe('alice');
});

test('a key that nobody touches signs nobody in', async () => {
  rig.device('key').setTouch({ kind: 'deny' });
  const page = rig.target.openSession('page');
  const options = await page.signInOptions('usernameless');
  await expect(rig.browser().get(options)).rejects.toMatchObject({ name: 'NotAllowedError' });
});
`;

/** Types as they must be, and one use of each that must not compile. */
const FOREIGN_TYPES = `
import {
  createRig, createTimeline, defineScenario, exitCodeOf, openTarget, renderHtml, type RunReport, runPlan, systemClock, type Target,
} from 'keyrig';

const trace = createTimeline({ clock: systemClock });
export const target: Target = await openTarget('demo', { clock: systemClock, trace });
export const rig = await createRig({ target, platform: 'win11-23h2', browser: 'edge', trace, environment: { bluetooth: 'absent' } });
export const page = (report: RunReport): string => renderHtml(report);
export const code = (report: RunReport): 0 | 1 | 2 => exitCodeOf(report.results);
export const scenario = defineScenario({
  id: 'mine', title: 't', needs: { devices: [{ id: 'key', kind: 'security-key' }] },
  run: async (context) => { await context.step('s', () => context.rig.device('key').plug()); },
});

// @ts-expect-error a platform is a string
export const platform: number = rig.platform;
// @ts-expect-error there is no such option
await createRig({ target, platfrom: 'win11-23h2' });
// @ts-expect-error there is no such environment
await createRig({ target, environment: { bluetooth: 'sometimes' } });
// @ts-expect-error a touch has a kind
rig.device('key').setTouch('deny');
// @ts-expect-error the plan comes first
await runPlan({});
// @ts-expect-error a credential needs a challenge
await rig.browser().get({});
`;

const TSCONFIG = {
  compilerOptions: {
    target: 'es2022',
    lib: ['es2023', 'dom'],
    module: 'nodenext',
    moduleResolution: 'nodenext',
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: true,
    noEmit: true,
    types: [],
  },
  include: ['*.ts'],
};

describe('a project of somebody else', () => {
  beforeAll(async () => {
    // The runner is the repository's own; everything else is what npm installed here.
    await symlink(join(ROOT, 'node_modules/vitest'), join(project, 'node_modules/vitest'));
    await writeFile(join(project, 'passkey.test.ts'), FOREIGN_TEST);
    await writeFile(join(project, 'types.ts'), FOREIGN_TYPES);
    await writeFile(join(project, 'tsconfig.json'), JSON.stringify(TSCONFIG));
  });

  it('registers and signs in from its tests', async () => {
    const { stdout } = await works(process.execPath, [
      join(ROOT, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--reporter=json',
      '--testTimeout=60000',
      '--hookTimeout=60000',
    ]);
    expect(JSON.parse(stdout)).toMatchObject({ numPassedTests: 2, numFailedTests: 0 });
  });

  it('gets types that hold', async () => {
    expect(
      (await works(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', '.'])).stdout,
    ).toBe('');
  });
});
