/**
 * Users' own scenarios from files: TypeScript, JavaScript and YAML. The only file of the engine that reads from disk.
 */
import { readFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { createJiti } from 'jiti';
import { parseYaml } from '../data/located-yaml.js';
import { KeyrigError } from '../errors.js';
import { checkScenario, type Scenario } from './scenario.js';
import { scenarioFromYaml } from './yaml-scenario.js';
import { yamlScenarioSchema } from './yaml-schema.js';

const YAML = new Set(['.yaml', '.yml', '.json']);
const CODE = new Set(['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs']);

/** Whether a name on the command line is a scenario file; `id/variant` is none, since files are told by their ending. */
export function isScenarioFile(name: string): boolean {
  return YAML.has(extname(name)) || CODE.has(extname(name));
}

/**
 * Reads a scenario file.
 *
 * @param file Path, absolute or from the working directory.
 * @param keyrig The public API: what `import … from 'keyrig'` gives in a file of code, wherever that file is.
 * @throws KeyrigError `scenario-not-found` when there is no such file; `scenario-invalid` when there is no scenario in it, with the place.
 *
 * @example
 * ```ts
 * const scenarios = await loadScenarios('./mine.ts', await import('../index.js'));
 * ```
 */
export async function loadScenarios(file: string, keyrig: object): Promise<readonly Scenario[]> {
  const kind = extname(file);
  if (YAML.has(kind)) return [scenarioFromYaml(await readYamlScenario(file))];
  if (CODE.has(kind)) return loadCode(file, keyrig);
  throw new KeyrigError('scenario-invalid', `${file} is no scenario file`, {
    hint: `give a file that ends with ${[...CODE, ...YAML].join(', ')}`,
  });
}

async function readYamlScenario(file: string) {
  return parseYaml(yamlScenarioSchema, await readText(file), file, 'scenario-invalid');
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new KeyrigError('scenario-not-found', `the scenario file ${file} can't be read`, {
      hint: 'check the path, which is taken from the working directory',
      cause,
    });
  }
}

async function loadCode(file: string, keyrig: object): Promise<readonly Scenario[]> {
  await readText(file);
  const exported = await importDefault(resolve(file), file, keyrig);
  const scenarios: readonly unknown[] = Array.isArray(exported) ? exported : [exported];
  return scenarios.map((value) => checkExport(value, file));
}

/** Node 20 has no TypeScript, and a file may lie where no `keyrig` is installed: jiti takes care of both. */
async function importDefault(path: string, file: string, keyrig: object): Promise<unknown> {
  const jiti = createJiti(path, {
    virtualModules: { keyrig },
    fsCache: false,
    moduleCache: false,
    interopDefault: false,
    sourceMaps: true,
  });
  try {
    const module = await jiti.import<object>(path);
    // CommonJS: what is exported is the default.
    return 'default' in module ? module.default : module;
  } catch (cause) {
    throw new KeyrigError('scenario-invalid', `it can't be loaded: ${messageOf(cause)}`, {
      where: placeIn(file, path, cause),
      cause,
    });
  }
}

function checkExport(value: unknown, file: string): Scenario {
  try {
    return checkScenario(value);
  } catch (cause) {
    throw new KeyrigError(
      'scenario-invalid',
      `expected the default export to be what defineScenario gives: ${messageOf(cause)}`,
      { where: file, cause },
    );
  }
}

/** The message alone: these failures have a better place than the one that they were thrown with. */
function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Where in the user's file an error comes from, as far as its stack tells. */
function placeIn(file: string, path: string, error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const at = stack.indexOf(`${path}:`);
  const [position] = (at < 0 ? null : /^:\d+:\d+/.exec(stack.slice(at + path.length))) ?? [''];
  return `${file}${position}`;
}
