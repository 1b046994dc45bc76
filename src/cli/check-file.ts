/**
 * Any file that people write for keyrig, checked as what it is.
 */
import { readFile } from 'node:fs/promises';
import { readYaml } from '../data/located-yaml.js';
import type { ProfileKind } from '../rig/profile-kinds.js';
import { checkProfileFile } from '../rig/profiles.js';
import { isScenarioFile, loadScenarios } from '../scenarios/load.js';
import { yamlScenarioSchema } from '../scenarios/yaml-schema.js';
import { checkScenarioNames } from './scenario-names.js';

/** What a file can be. */
export type FileKind = ProfileKind | 'scenario';

/**
 * Checks one file: a profile against its schema, a scenario also by the names in it.
 *
 * @param kind Seen from the file's members when left out.
 * @returns What it is.
 * @throws KeyrigError `profile-invalid`, `adapter-invalid` or `scenario-invalid` with the place
 */
export async function checkFile(file: string, kind?: ProfileKind): Promise<FileKind> {
  if (kind !== undefined || !(await looksLikeScenario(file))) return checkProfileFile(file, kind);
  await checkScenarioNames(await loadScenarios(file, await import('../index.js')));
  return 'scenario';
}

/** Members that scenarios have and nothing else, so that one that is misspelt hides nothing. */
const SCENARIO_MEMBERS = ['steps', 'devices'] as const;

async function looksLikeScenario(file: string): Promise<boolean> {
  if (!isScenarioFile(file)) return false;
  if (!/\.(?:ya?ml|json)$/.test(file)) return true;
  const value = await contentOf(file);
  const members = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  const known = members.filter((member) => Object.hasOwn(yamlScenarioSchema.shape, member));
  return SCENARIO_MEMBERS.some((member) => known.includes(member)) && known.length * 2 > members.length;
}

/** Nothing for what can't be read: the check itself says why. */
async function contentOf(file: string): Promise<unknown> {
  try {
    return readYaml(await readFile(file, 'utf8'), file, 'profile-invalid').value;
  } catch {
    return undefined;
  }
}
