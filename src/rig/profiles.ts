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
import { type KnownDevice, knownDevice, knownDevices, profileOf } from './known-devices.js';
import { PROFILE_KINDS, type ProfileKind } from './profile-kinds.js';

interface Kind {
  /** Below `profiles/`. */
  readonly folder: string;
  readonly schema: z.ZodObject;
  readonly code: ErrorCode;
}

const KINDS = {
  device: { folder: 'devices', schema: deviceProfileSchema, code: 'profile-invalid' },
  platform: { folder: 'platforms', schema: platformProfileSchema, code: 'profile-invalid' },
  'relying-party': { folder: 'relying-parties', schema: adapterSchema, code: 'adapter-invalid' },
} as const satisfies Record<ProfileKind, Kind>;

/** A profile's file, by kind and name. */
interface ProfileFile {
  readonly kind: ProfileKind;
  /** The file's name without its ending. */
  readonly name: string;
  /** Absolute path. */
  readonly file: string;
}

/** A profile that comes with keyrig. */
export interface ProfileEntry extends ProfileFile {
  /** One line for lists. */
  readonly title: string;
}

/** The same distance from `src/rig` and from `dist/rig`. */
const PROFILES = fileURLToPath(new URL('../../profiles/', import.meta.url));

/** What comes with keyrig, by kind and name. */
export async function listProfiles(kind?: ProfileKind): Promise<readonly ProfileEntry[]> {
  return Promise.all((await filesOf(PROFILES, kind)).map(withTitle));
}

async function filesOf(root: string, only: ProfileKind | undefined): Promise<readonly ProfileFile[]> {
  const kinds = PROFILE_KINDS.filter((kind) => only === undefined || kind === only);
  const lists = kinds.map(async (kind) => {
    const folder = join(root, KINDS[kind].folder);
    const files = (await readdir(folder)).filter((file) => extname(file) === '.yaml').sort();
    return files.map((file) => ({ kind, name: basename(file, '.yaml'), file: join(folder, file) }));
  });
  return (await Promise.all(lists)).flat();
}

async function withTitle(entry: ProfileFile): Promise<ProfileEntry> {
  const { value } = await read(entry.file, KINDS[entry.kind].code);
  const members = membersOf(value);
  const title = members.get('title') ?? members.get('name');
  return { ...entry, title: typeof title === 'string' ? title : '' };
}

function membersOf(value: unknown): ReadonlyMap<string, unknown> {
  return new Map(typeof value === 'object' && value !== null ? Object.entries(value) : []);
}

/**
 * A profile that comes with keyrig, by name.
 *
 * @throws KeyrigError `profile-not-found`, with the nearest name
 */
export async function findProfile(name: string, kind?: ProfileKind): Promise<ProfileEntry> {
  return withTitle(await findFile(name, kind));
}

async function findFile(name: string, kind: ProfileKind | undefined): Promise<ProfileFile> {
  const files = await filesOf(PROFILES, kind);
  const found = files.find((file) => file.name === name);
  if (found !== undefined) return found;
  const names = files.map((file) => file.name);
  const devices = kind === 'device' || kind === undefined ? await knownDevices() : [];
  const near =
    nearestName(name, names) ??
    nearestName(
      name,
      devices.map(({ id }) => id),
    );
  throw new KeyrigError(
    'profile-not-found',
    `no ${kind === undefined ? '' : `${kind} `}profile is named "${name}"`,
    { hint: near === undefined ? thereAre(names) : `did you mean "${near}"?` },
  );
}

/** More names than these are no hint. */
const MOST_NAMES = 12;

function thereAre(names: readonly string[]): string {
  return names.length > MOST_NAMES
    ? `\`keyrig profiles list\` prints the ${names.length} that there are, and with \`--known\` the devices of the metadata service`
    : `there are: ${names.join(', ')}`;
}

/**
 * A device profile by name or path, or the one of a device that the metadata service knows, by AAGUID or name.
 *
 * @throws KeyrigError `profile-not-found`; `profile-invalid` with file, line, column, path and what was expected
 */
export async function loadDeviceProfile(nameOrPath: string): Promise<DeviceProfile> {
  const known = isPath(nameOrPath) ? undefined : await knownByName(nameOrPath);
  return known === undefined ? load('device', nameOrPath, deviceProfileSchema) : profileOf(known);
}

/** A device of the metadata service, unless a profile has the name. */
export async function knownByName(name: string): Promise<KnownDevice | undefined> {
  const files = await filesOf(PROFILES, 'device');
  return files.some((file) => file.name === name) ? undefined : knownDevice(name);
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
  const file = isPath(nameOrPath) ? nameOrPath : (await findFile(nameOrPath, kind)).file;
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

/** The kind whose schema knows most of the file's members: one that is misspelt doesn't hide what the others say. */
function kindOf(yaml: LocatedYaml): ProfileKind {
  const members = [...membersOf(yaml.value).keys()];
  const known = (kind: ProfileKind): number =>
    members.filter((member) => Object.hasOwn(KINDS[kind].schema.shape, member)).length;
  const [first, second] = PROFILE_KINDS.map((kind) => ({ kind, known: known(kind) })).toSorted(
    (left, right) => right.known - left.known,
  );
  if (first !== undefined && first.known > (second?.known ?? 0) && first.known * 2 > members.length)
    return first.kind;
  throw new KeyrigError('profile-invalid', `this is neither a ${PROFILE_KINDS.join(' nor a ')} profile`, {
    where: yaml.where([]),
    hint: 'if it is meant to be one, say which with --kind',
  });
}

/** What a check of everything yielded. */
export interface ProfileCheck {
  /** `device yubikey-5`. */
  readonly good: readonly string[];
  readonly faults: readonly { readonly file: string; readonly error: unknown }[];
}

/** What to check. */
export interface ProfileCheckOptions {
  /** By default every kind. */
  readonly kind?: ProfileKind | undefined;
  /** A folder like keyrig's own `profiles/`, which is the default. */
  readonly root?: string;
}

/** Checks everything that comes with keyrig: schema, and that the id is the file's name where there is one. */
export async function checkAllProfiles(options: ProfileCheckOptions = {}): Promise<ProfileCheck> {
  const good: string[] = [];
  const faults: { readonly file: string; readonly error: unknown }[] = [];
  for (const profile of await filesOf(options.root ?? PROFILES, options.kind)) {
    try {
      await checkNamed(profile);
      good.push(`${profile.kind} ${profile.name}`);
    } catch (error) {
      faults.push({ file: profile.file, error });
    }
  }
  return { good, faults };
}

/** Profiles are found by their files' names, and reports show their ids: both must say the same. */
async function checkNamed({ kind, name, file }: ProfileFile): Promise<void> {
  const { schema, code } = KINDS[kind];
  const yaml = await read(file, code);
  checkYaml(schema, yaml, code);
  if (!Object.hasOwn(schema.shape, 'id')) return;
  const id = membersOf(yaml.value).get('id');
  if (id === name) return;
  throw new KeyrigError(code, `id: expected "${name}", the name of its file, got "${String(id)}"`, {
    where: yaml.where(['id']),
  });
}
