/**
 * Imports files of metadata: everything is made first and written afterwards, each file as a whole.
 */
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { KeyrigError } from '../errors.js';
import { type KnownDevice, matching, named } from '../rig/known-devices.js';
import { type MetadataFile, readMetadata } from '../rig/metadata-file.js';
import { importedYaml } from '../rig/metadata-yaml.js';

/** What to import. */
export interface ImportChoice {
  /** AAGUIDs, names and descriptions; all devices when empty. */
  readonly wanted: readonly string[];
  /** Where files go; without one the only chosen device is returned. */
  readonly directory: string | undefined;
}

/** What came of it. */
export interface Imported {
  /** The profile, where it is to be printed. */
  readonly text?: string;
  /** For people. */
  readonly notes: readonly string[];
}

/**
 * Imports the chosen devices of a file.
 *
 * @throws KeyrigError `profile-not-found` for a file or a device that isn't there; `profile-invalid` with the JSON path for what is wrong in it;
 * `option-invalid` for several devices without a directory, and for files that exist
 */
export async function importProfiles(file: string, { wanted, directory }: ImportChoice): Promise<Imported> {
  const metadata = readMetadata(await textOf(file), basename(file));
  const source = `metadata file ${basename(file)}${metadata.edition === undefined ? '' : ` (${metadata.edition})`}`;
  const chosen = choose(named(metadata.devices, source), wanted, basename(file));
  const profiles = chosen.map((device) => ({ id: device.id, text: importedYaml(device.facts, device) }));
  const notes = notesOn(metadata, basename(file));
  const [only, ...others] = profiles;
  if (directory !== undefined) {
    for (const { id, text } of profiles) await writeWhole(directory, `${id}.yaml`, text);
    return { notes: [...notes, `wrote ${profiles.length} profiles to ${directory}`] };
  }
  if (only !== undefined && others.length === 0) return { text: only.text, notes };
  throw new KeyrigError(
    'option-invalid',
    `${profiles.length} devices are chosen, and only one can be printed`,
    {
      hint: 'choose one with --aaguid, or write them to files with --output DIR',
    },
  );
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new KeyrigError('profile-not-found', `${file} can't be read`, {
      hint: 'name a file of metadata that exists',
      cause,
    });
  }
}

function choose(
  devices: readonly KnownDevice[],
  wanted: readonly string[],
  fileName: string,
): readonly KnownDevice[] {
  if (wanted.length === 0) return devices;
  const found = wanted.flatMap((text) => {
    const matches = matching(devices, text);
    if (matches.length > 0) return matches;
    throw new KeyrigError('profile-not-found', `${fileName} has no device "${text}"`, {
      hint: 'give an AAGUID, or a description as the file has it',
    });
  });
  return [...new Set(found)];
}

function notesOn({ signed, others }: MetadataFile, fileName: string): readonly string[] {
  return [
    ...(signed ? [`the signature of ${fileName} was not checked: facts were taken as they stand`] : []),
    ...(others > 0 ? [`${others} entries of ${fileName} are left out: they describe no FIDO2 device`] : []),
  ];
}

/** First under another name: a file is there in full, or not at all. What exists already stays. */
async function writeWhole(directory: string, name: string, text: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const before = await readFile(join(directory, name), 'utf8').catch(() => undefined);
  if (before === text) return;
  const partial = join(directory, `.${name}.${process.pid}.part`);
  try {
    await writeFile(partial, text, { flag: 'wx' });
    await link(partial, join(directory, name));
  } catch (cause) {
    throw new KeyrigError('option-invalid', `${join(directory, name)} can't be written`, {
      hint: 'use another directory, or delete the file if it exists',
      cause,
    });
  } finally {
    await rm(partial, { force: true });
  }
}
