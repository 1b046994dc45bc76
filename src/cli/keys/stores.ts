/**
 * The stores of a state directory, as `keyrig keys` reaches them.
 */
import { resolve } from 'node:path';
import type { StoredCredential } from '../../authenticator/ports.js';
import { type DurableStore, openDurableStore } from '../../authenticator/store/lmdb.js';
import { fromBase64url } from '../../data/bytes.js';
import { nearestName } from '../../data/nearest-name.js';
import { KeyrigError } from '../../errors.js';
import type { DeviceProfile } from '../../rig/device-profile.js';
import { loadDeviceProfile } from '../../rig/profiles.js';
import { type StoredDevice, storedDevices, storeOf } from '../../rig/state-directory.js';
import type { KeyFacts } from './chromium-shape.js';
import { BACKUPS } from './keyrig-shape.js';

/** Which device of which state directory. */
export interface StoreChoice {
  readonly state: string;
  /** As `keyrig keys list` names it, `key.yubikey-5`, or its first half where that is enough. */
  readonly device?: string | undefined;
}

/** The profile of new devices that nobody gave one. */
const DEFAULT_PROFILE = 'yubikey-5';
/** What built-in scenarios call their key. */
const DEFAULT_DEVICE = 'key';

/** The stores that a choice means: all, or the one named. @throws KeyrigError `option-invalid` when there is none */
export async function chosenStores(
  cwd: string,
  { state, device }: StoreChoice,
): Promise<readonly StoredDevice[]> {
  const all = await storedDevices(resolve(cwd, state));
  const chosen = device === undefined ? all : all.filter(({ name }) => isCalled(name, device));
  if (chosen.length > 0) return chosen;
  const names = all.map(({ name }) => name);
  if (names.length === 0) {
    throw new KeyrigError('option-invalid', `${state} has no devices`, {
      hint: 'run something with --state, or mint a key into it',
    });
  }
  throw unknownDevice(device ?? '', names);
}

/** The one store that a choice means. @throws KeyrigError `option-invalid` when there is none, or several */
export async function chosenStore(cwd: string, choice: StoreChoice): Promise<StoredDevice> {
  const [first, ...others] = await chosenStores(cwd, choice);
  if (first !== undefined && others.length === 0) return first;
  const names = [first, ...others].map((one) => one?.name ?? '').join(', ');
  throw new KeyrigError('option-invalid', `${choice.state} has several devices: ${names}`, {
    hint: 'choose one with --device',
  });
}

function isCalled(name: string, wish: string): boolean {
  return name === wish || name.slice(0, name.lastIndexOf('.')) === wish;
}

function unknownDevice(wish: string, names: readonly string[]): KeyrigError {
  const near = nearestName(wish, names);
  return new KeyrigError('option-invalid', `there is no device "${wish}"`, {
    hint: near === undefined ? `there are ${names.join(', ')}` : `did you mean "${near}"?`,
  });
}

/** A device that credentials go into. */
export interface Destination {
  readonly store: StoredDevice;
  readonly profile: DeviceProfile;
}

/**
 * The device that something is put into; it need not have a store yet.
 *
 * @param device `key.yubikey-5`, or `key`: one that is there, else one like a `yubikey-5`.
 * @throws KeyrigError `profile-not-found`; `option-invalid` when several devices are called so
 */
export async function destination(cwd: string, { state, device }: StoreChoice): Promise<Destination> {
  const directory = resolve(cwd, state);
  const all = await storedDevices(directory);
  const known = device === undefined ? all : all.filter(({ name }) => isCalled(name, device));
  const [only, ...others] = known;
  if (others.length > 0) return chosenStore(cwd, { state, device }).then(withProfile);
  if (only !== undefined) return withProfile(only);
  const wish = device ?? DEFAULT_DEVICE;
  const dot = wish.lastIndexOf('.');
  const [id, name] = dot === -1 ? [wish, DEFAULT_PROFILE] : [wish.slice(0, dot), wish.slice(dot + 1)];
  const profile = await loadDeviceProfile(name);
  return { store: storeOf(directory, id, profile.id), profile };
}

async function withProfile(store: StoredDevice): Promise<Destination> {
  return { store, profile: await profileOf(store) };
}

/** The profile of a device, which its store is named by. */
async function profileOf({ name }: StoredDevice): Promise<DeviceProfile> {
  return loadDeviceProfile(name.slice(name.lastIndexOf('.') + 1));
}

/** Opens a store for as long as `use` takes. */
export async function withStore<T>(
  device: StoredDevice,
  use: (store: DurableStore) => Promise<T>,
): Promise<T> {
  const store = await openDurableStore(device.folder);
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

/** Credentials of a store that fit, in the order of their creation. */
export async function credentialsIn(
  store: DurableStore,
  fits: (credential: StoredCredential) => boolean = () => true,
): Promise<readonly StoredCredential[]> {
  const found: StoredCredential[] = [];
  await store.forEachCredential((credential) => {
    if (fits(credential)) found.push(credential);
  });
  return found.sort((one, other) => one.created - other.created);
}

/** What all credentials of a device have in common. A profile of somebody's own may be out of reach; then they are device-bound. */
export async function keyFacts(device: StoredDevice, store: DurableStore): Promise<KeyFacts> {
  const signCount = await store.read((reader) => reader.counter());
  const profile = await profileOf(device).catch(() => undefined);
  return { signCount, backup: BACKUPS[profile?.authenticator.backup ?? 'device-bound'] };
}

/** A credential ID as people paste it. @throws KeyrigError `option-invalid` */
export function parseId(text: string): Uint8Array {
  const id = fromBase64url(
    text
      .replaceAll('+', '-')
      .replaceAll('/', '_')
      .replace(/={1,2}$/, ''),
  );
  if (id !== undefined && id.length > 0) return id;
  throw new KeyrigError('option-invalid', `"${text}" is no credential ID`, {
    hint: 'IDs are base64url, as `keyrig keys list` prints them',
  });
}
