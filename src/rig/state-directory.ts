/**
 * Where the devices of a state directory keep what they know: `DIR/stores/<device>.<profile>`, a store of its own for each.
 *
 * Of its own, so that what is wrong with one, or who writes to it, is nobody else's business, and so that a device is copied or deleted with
 * its folder. Named by device and profile, because a scenario's `phone` may be one that backs its passkeys up today and one that does not
 * tomorrow.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { hasStore } from '../authenticator/store/store-folder.js';
import { toHex, utf8 } from '../data/bytes.js';

/** The folder of all stores. */
const STORES = 'stores';

/** A device that has a store. */
export interface StoredDevice {
  /** Device and profile, e.g. `key.yubikey-5`. */
  readonly name: string;
  readonly folder: string;
}

/** The store of a device in a state directory, whether it is there or not. */
export function storeOf(directory: string, device: string, profile: string): StoredDevice {
  const name = `${fileName(device)}.${fileName(profile)}`;
  return { name, folder: join(directory, STORES, name) };
}

/** Letters that every file system keeps apart; all else as the hex of its UTF-8, `%2e` for a dot. */
function fileName(id: string): string {
  return id.replaceAll(/[^a-z0-9_-]/gu, (letter) => toHex(utf8(letter)).replaceAll(/../g, '%$&'));
}

/** All devices that have a store, by name; none when there is no such directory. */
export async function storedDevices(directory: string): Promise<readonly StoredDevice[]> {
  const stores = join(directory, STORES);
  const names = await readdir(stores).catch(() => []);
  return names
    .filter((name) => !name.startsWith('.') && hasStore(join(stores, name)))
    .sort()
    .map((name) => ({ name, folder: join(stores, name) }));
}
