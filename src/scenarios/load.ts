/**
 * Users' own scenarios from files: TypeScript, JavaScript and YAML. The only file of the engine that reads from disk.
 */
import { readFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { createJiti } from 'jiti';
import { checkYaml, readYaml } from '../data/located-yaml.js';
import { KeyrigError } from '../errors.js';
import * as scenarioApi from './api.js';
import { rememberPlaces } from './places.js';
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
 * @param keyrig What `import … from 'keyrig'` gives in a file of code, wherever that file is; by default `scenarios/api.ts`.
 * @throws KeyrigError `scenario-not-found` when there is no such file; `scenario-invalid`, with the place, when there is no scenario in it.
 *
 * @example
 * ```ts
 * const scenarios = await loadScenarios('./mine.yaml');
 * ```
 */
export async function loadScenarios(
  file: string,
  keyrig: object = scenarioApi,
): Promise<readonly Scenario[]> {
  const path = resolve(file);
  const text = await readText(path, file);
  if (CODE.has(extname(path))) return loadCode(path, file, keyrig);
  const yaml = readYaml(text, file, 'scenario-invalid');
  const scenario = scenarioFromYaml(checkYaml(yamlScenarioSchema, yaml, 'scenario-invalid'));
  rememberPlaces(scenario, yaml);
  return [scenario];
}

async function readText(path: string, file: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new KeyrigError('scenario-not-found', `the scenario file ${file} can't be read`, {
      hint: `check the path: it stands for ${path}`,
      cause,
    });
  }
}

async function loadCode(path: string, file: string, keyrig: object): Promise<readonly Scenario[]> {
  const exported = await importDefault(path, file, keyrig);
  const scenarios: readonly unknown[] = Array.isArray(exported) ? exported : [exported];
  if (scenarios.length === 0)
    throw new KeyrigError(
      'scenario-invalid',
      'there is no scenario in the default export: it is an empty list',
      {
        where: file,
      },
    );
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
