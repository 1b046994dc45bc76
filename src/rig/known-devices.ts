/**
 * The devices that keyrig knows from the FIDO Metadata Service, by AAGUID and by name.
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { KeyrigError } from '../errors.js';
import type { DeviceProfile } from './device-profile.js';
import { type DeviceFacts, deviceFactsSchema } from './metadata-facts.js';
import { importedProfile } from './metadata-import.js';

/** The same distance from `src/rig` and from `dist/rig`. */
const FILE = fileURLToPath(new URL('../../profiles/devices/mds-2025-03.json', import.meta.url));

const fileSchema = z.strictObject({
  source: z.string(),
  note: z.string(),
  devices: z.array(deviceFactsSchema).min(1),
});

/** A device of the metadata service. */
export interface KnownDevice {
  /** A name of its own: its description in lower-case words, with the beginning of the AAGUID where several have one. */
  readonly id: string;
  readonly facts: DeviceFacts;
  readonly source: string;
}

let known: Promise<readonly KnownDevice[]> | undefined;

/** All of them, by description; read once. */
export function knownDevices(): Promise<readonly KnownDevice[]> {
  known ??= read();
  return known;
}

async function read(): Promise<readonly KnownDevice[]> {
  const { source, devices } = fileSchema.parse(JSON.parse(await readFile(FILE, 'utf8')));
  return named(devices, source);
}

/** Each with a name that no other one of them has. */
export function named(devices: readonly DeviceFacts[], source: string): readonly KnownDevice[] {
  const slugs = devices.map(({ description }) => slugOf(description));
  return devices.map((facts, at) => {
    const slug = slugs[at] ?? '';
    const alone = slug !== '' && slugs.indexOf(slug) === slugs.lastIndexOf(slug);
    const id = alone ? slug : [slug, facts.aaguid.slice(0, AAGUID_HEAD)].filter(Boolean).join('-');
    return { id, facts, source };
  });
}

/** Hex digits that tell models of one name apart. */
const AAGUID_HEAD = 8;

function slugOf(description: string): string {
  return description
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
}

/** Whether a text is an AAGUID, with or without hyphens. */
export function isAaguid(text: string): boolean {
  return /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i.test(text);
}

/**
 * Devices by AAGUID, by name as lists print it, or by description in any case.
 *
 * @returns Several when they have one description.
 */
export function matching(devices: readonly KnownDevice[], wanted: string): readonly KnownDevice[] {
  const text = wanted.trim().toLowerCase();
  const bare = text.replaceAll('-', '');
  if (isAaguid(text)) return devices.filter(({ facts }) => facts.aaguid.replaceAll('-', '') === bare);
  const exact = devices.filter(({ id }) => id === text);
  return exact.length > 0
    ? exact
    : devices.filter(
        ({ facts }) => facts.description.toLowerCase() === text || slugOf(facts.description) === text,
      );
}

/**
 * The one device that is meant; `undefined` when none is.
 *
 * @throws KeyrigError `profile-not-found` when several models have the name, with their names
 */
export async function knownDevice(wanted: string): Promise<KnownDevice | undefined> {
  const found = matching(await knownDevices(), wanted);
  if (found.length < 2) return found[0];
  throw new KeyrigError('profile-not-found', `${found.length} models are called "${wanted}"`, {
    hint: `name one of ${found.map(({ id }) => id).join(', ')}, or its AAGUID`,
  });
}

/** Its profile. @throws KeyrigError `profile-invalid` for a device that keyrig can't be */
export function profileOf({ id, facts, source }: KnownDevice): DeviceProfile {
  return importedProfile(facts, { id, source });
}
