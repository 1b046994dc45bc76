/**
 * Profiles on disk: those that come with the package, and the user's own files.
 */
import { readdir, readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { z } from 'zod';
import { checkYaml, type LocatedYaml, readYaml } from '../data/located-yaml.js';
import { nearestName } from '../data/nearest-name.js';
import { type ErrorCode, KeyrigError } from '../errors.js';
import { type PlatformProfile, platformProfileSchema } from '../platform/profile.js';
import { adapterSchema } from '../target/adapter-schema.js';
import { type DeviceProfile, deviceProfileSchema } from './device-profile.js';

interface Kind {
  /** Below `profiles/`. */
  readonly folder: string;
  readonly schema: z.ZodType;
  readonly code: ErrorCode;
  /** A member that only this kind has at the top: how a file's kind is seen. */
  readonly mark: string;
}

const KINDS = {
  device: { folder: 'devices', schema: deviceProfileSchema, code: 'profile-invalid', mark: 'authenticator' },
  platform: { folder: 'platforms', schema: platformProfileSchema, code: 'profile-invalid', mark: 'steps' },
  'relying-party': {
    folder: 'relying-parties',
    schema: adapterSchema,
    code: 'adapter-invalid',
    mark: 'target',
  },
} as const satisfies Record<string, Kind>;

/** What a profile can describe. */
export type ProfileKind = keyof typeof KINDS;

export const PROFILE_KINDS: readonly ProfileKind[] = ['device', 'platform', 'relying-party'];

/** A profile that comes with keyrig. */
export interface ProfileEntry {
  readonly kind: ProfileKind;
  readonly name: string;
  /** One line for lists. */
  readonly title: string;
  /** Absolute path. */
  readonly file: string;
}

/** The same distance from `src/rig` and from `dist/rig`. */
const PROFILES = fileURLToPath(new URL('../../profiles/', import.meta.url));

/** What comes with keyrig, by kind and name. */
export async function listProfiles(kind?: ProfileKind): Promise<readonly ProfileEntry[]> {
  const kinds = kind === undefined ? PROFILE_KINDS : [kind];
  return (await Promise.all(kinds.map(entriesOf))).flat();
}

async function entriesOf(kind: ProfileKind): Promise<readonly ProfileEntry[]> {
  const folder = join(PROFILES, KINDS[kind].folder);
  const files = (await readdir(folder)).filter((file) => extname(file) === '.yaml').sort();
  return Promise.all(
    files.map(async (file) => {
      const path = join(folder, file);
      return {
        kind,
        name: basename(file, '.yaml'),
        title: titleOf(await read(path, KINDS[kind].code)),
        file: path,
      };
    }),
  );
}

function titleOf({ value }: LocatedYaml): string {
  if (typeof value !== 'object' || value === null) return '';
  const members = new Map<string, unknown>(Object.entries(value));
  const title = members.get('title') ?? members.get('name');
  return typeof title === 'string' ? title : '';
}

/**
 * A profile that comes with keyrig, by name.
 *
 * @throws KeyrigError `profile-not-found`, with the nearest name
 */
export async function findProfile(name: string, kind?: ProfileKind): Promise<ProfileEntry> {
  const entries = await listProfiles(kind);
  const found = entries.find((entry) => entry.name === name);
  if (found !== undefined) return found;
  const names = entries.map((entry) => entry.name);
  const near = nearestName(name, names);
  const hint = near === undefined ? `there are: ${names.join(', ')}` : `did you mean "${near}"?`;
  throw new KeyrigError(
    'profile-not-found',
    `no ${kind ?? ''} profile is named "${name}"`.replace('  ', ' '),
    { hint },
  );
}

/**
 * A device profile by name or path.
 *
 * @throws KeyrigError `profile-not-found`; `profile-invalid` with file, line, column, path and what was expected
 */
export async function loadDeviceProfile(nameOrPath: string): Promise<DeviceProfile> {
  return load('device', nameOrPath, deviceProfileSchema);
}

/**
 * A platform profile by name or path.
 *
 * @throws KeyrigError `profile-not-found`; `profile-invalid` with file, line, column, path and what was expected
 */
export async function loadPlatformProfile(nameOrPath: string): Promise<PlatformProfile> {
  return load('platform', nameOrPath, platformProfileSchema);
}

async function load<S extends z.ZodType>(
  kind: ProfileKind,
  nameOrPath: string,
  schema: S,
): Promise<z.output<S>> {
  const file = isPath(nameOrPath) ? nameOrPath : (await findProfile(nameOrPath, kind)).file;
  return checkYaml(schema, await read(file, KINDS[kind].code), KINDS[kind].code);
}

/** A name has neither a separator nor an extension. */
function isPath(text: string): boolean {
  return /[/\\]|\.ya?ml$|\.json$/.test(text);
}

async function read(file: string, code: ErrorCode): Promise<LocatedYaml> {
  try {
    return readYaml(await readFile(file, 'utf8'), file, code);
  } catch (cause) {
    if (cause instanceof KeyrigError) throw cause;
    throw new KeyrigError('profile-not-found', `${file} can't be read`, {
      hint: 'name a YAML file that exists',
      cause,
    });
  }
}

/**
 * Checks one file.
 *
 * @param kind Seen from the file's members when left out.
 * @returns What it describes.
 * @throws KeyrigError `profile-invalid` or `adapter-invalid` with file, line, column, path and what was expected
 */
export async function checkProfileFile(file: string, kind?: ProfileKind): Promise<ProfileKind> {
  const yaml = await read(file, kind === undefined ? 'profile-invalid' : KINDS[kind].code);
  const seen = kind ?? kindOf(yaml);
  checkYaml(KINDS[seen].schema, yaml, KINDS[seen].code);
  return seen;
}

function kindOf(yaml: LocatedYaml): ProfileKind {
  const members = typeof yaml.value === 'object' && yaml.value !== null ? Object.keys(yaml.value) : [];
  const kind = PROFILE_KINDS.find((candidate) => members.includes(KINDS[candidate].mark));
  if (kind !== undefined) return kind;
  const marks = PROFILE_KINDS.map((candidate) => `${KINDS[candidate].mark} (${candidate})`).join(', ');
  throw new KeyrigError('profile-invalid', `nothing here tells what this describes: none of ${marks}`, {
    where: yaml.where([]),
    hint: 'say it with --kind',
  });
}

/** What a check of everything yielded. */
export interface ProfileCheck {
  /** `device yubikey-5`. */
  readonly good: readonly string[];
  readonly faults: readonly { readonly file: string; readonly error: unknown }[];
}

/** Checks everything that comes with keyrig: schema, and that the id is the file's name where there is one. */
export async function checkAllProfiles(): Promise<ProfileCheck> {
  const good: string[] = [];
  const faults: { readonly file: string; readonly error: unknown }[] = [];
  for (const { kind, name, file } of await listProfiles()) {
    try {
      await checkProfileFile(file, kind);
      good.push(`${kind} ${name}`);
    } catch (error) {
      faults.push({ file, error });
    }
  }
  return { good, faults };
}
