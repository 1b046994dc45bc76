/** A project such as a reader has: a folder with every example in it, in which keyrig is installed. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { examples } from './examples.js';
import { ROOT } from './markdown.js';

/** What `keyrig` stands for there. */
const LIBRARY = join(ROOT, 'src/index.ts');

/** Examples of code, by the name of their file. */
const code = examples.filter(({ language }) => language === 'ts').map(({ name }) => fileOf(name));

/** The compiler takes no `.mjs` as TypeScript, and plain JavaScript is TypeScript, too. */
function fileOf(name: string): string {
  return basename(name).replace(/\.mjs$/, '.mts');
}

/** A folder of its own for each test file. */
export interface Project {
  readonly folder: string;
  /** Where an example lies; a word that names none stays as it is. */
  place(word: string): string;
  remove(): Promise<void>;
}

/** Makes a project. */
export async function openProject(): Promise<Project> {
  const folder = await mkdtemp(join(tmpdir(), 'keyrig-docs-'));
  for (const { name, text } of examples) await writeFile(join(folder, fileOf(name)), text);
  await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
  await writeFile(join(folder, 'mds.json'), JSON.stringify([statement(USB, 'YubiKey 5 Series')]));
  await writeFile(join(folder, 'blob.jwt'), blob());
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
  return {
    folder,
    place: (word) => (examples.some(({ name }) => name === word) ? join(folder, fileOf(word)) : word),
    remove: () => rm(folder, { recursive: true }),
  };
}

const USB = 'ff4dac45-ede8-4ec2-aced-cf66103f4335';
const NFC = '2fc0579f-8113-47ea-b116-bb5a8db9202a';

/** Metadata of a device, as little as there can be. */
function statement(aaguid: string, description: string) {
  return {
    aaguid,
    description,
    authenticatorGetInfo: { versions: ['FIDO_2_0'], options: { rk: true } },
    authenticationAlgorithms: ['secp256r1_ecdsa_sha256_raw'],
  };
}

/** A BLOB with one device, whose signature nobody checks. */
function blob(): string {
  const entries = [{ aaguid: NFC, metadataStatement: statement(NFC, 'YubiKey 5 Series with NFC') }];
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return [part({ alg: 'ES256' }), part({ no: 1, entries }), part({})].join('.');
}

/** What the compiler has against the examples, as strict as this repository. The code behind them has its own check. */
export async function compile({ folder }: Project): Promise<readonly string[]> {
  const config = {
    extends: join(ROOT, 'tsconfig.json'),
    compilerOptions: { skipLibCheck: true, paths: { keyrig: [LIBRARY] } },
    include: [],
    files: code,
  };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const { output } = run(folder, 'typescript/bin/tsc', '-p', folder, '--pretty', 'false');
  const faults = output.split('\n').filter((line) => line.includes('error TS'));
  return faults.filter(
    (line) => line.startsWith('error') || code.some((name) => line.startsWith(`${name}(`)),
  );
}

/** Runs the examples that are tests, in a vitest of their own. */
export async function runTests({
  folder,
}: Project): Promise<{ readonly ok: boolean; readonly output: string }> {
  const config = {
    // One worker for all of them: most of the time goes into loading keyrig.
    test: { include: ['*.test.ts'], pool: 'threads', isolate: false, fileParallelism: false },
    resolve: { alias: { keyrig: LIBRARY } },
  };
  await writeFile(join(folder, 'vitest.config.mjs'), `export default ${JSON.stringify(config)};`);
  return run(folder, 'vitest/vitest.mjs', 'run', '--root', folder, '--reporter', 'verbose');
}

function run(cwd: string, script: string, ...words: readonly string[]) {
  const program = join(ROOT, 'node_modules', script);
  const env = { ...process.env, NO_COLOR: '1' };
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...words], {
    cwd,
    env,
    encoding: 'utf8',
  });
  return { ok: status === 0, output: `${stdout}${stderr}` };
}
