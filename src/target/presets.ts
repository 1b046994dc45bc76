/**
 * Adapters that come with keyrig: `profiles/relying-parties/*.yaml`.
 */
import { readdir, readFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseYaml } from '../data/located-yaml.js';
import { nearestName } from '../data/nearest-name.js';
import { KeyrigError } from '../errors.js';
import { type Adapter, adapterSchema } from './adapter-schema.js';

/** The same distance from `src/target` and from `dist/target`. */
const PRESET_DIRECTORY = new URL('../../profiles/relying-parties/', import.meta.url);

/** The names of all presets, sorted. */
export async function listPresets(): Promise<readonly string[]> {
  const files = await readdir(PRESET_DIRECTORY);
  return files
    .filter((file) => extname(file) === '.yaml')
    .map((file) => basename(file, '.yaml'))
    .sort();
}

/** @throws KeyrigError `option-invalid` when there is no preset of this name. */
export async function loadPreset(name: string): Promise<Adapter> {
  const known = await listPresets();
  if (known.includes(name)) return loadAdapter(fileURLToPath(new URL(`${name}.yaml`, PRESET_DIRECTORY)));
  const nearest = nearestName(name, known);
  throw new KeyrigError(
    'option-invalid',
    `no relying-party preset is named "${name}" (there are ${known.join(', ')})`,
    {
      ...(nearest === undefined ? {} : { hint: `did you mean "${nearest}"?` }),
    },
  );
}

/**
 * Reads and checks an adapter file.
 *
 * @throws KeyrigError `adapter-invalid` with `file:line:column`, `option-invalid` when there is no such file.
 */
export async function loadAdapter(file: string): Promise<Adapter> {
  return parseYaml(adapterSchema, await readText(file), file, 'adapter-invalid');
}

const TARGETS = 'name a YAML file, a preset with its address (better-auth:http://localhost:3000), or demo';

/** What somebody may have meant who named no file: the demo, or a preset, which needs an address. */
async function nearestTarget(name: string): Promise<string | undefined> {
  if (/[./\\]/.test(name)) return undefined;
  const near = nearestName(name, ['demo', ...(await listPresets())]);
  if (near === undefined) return undefined;
  return near === 'demo'
    ? 'did you mean "demo"?'
    : `did you mean "${near}:URL", e.g. ${near}:http://localhost:3000?`;
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new KeyrigError('option-invalid', `the adapter file ${file} can't be read`, {
      hint: (await nearestTarget(file)) ?? TARGETS,
      cause,
    });
  }
}
