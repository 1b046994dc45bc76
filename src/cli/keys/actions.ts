/**
 * What the sub-commands of `keyrig keys` do.
 */
import type { StoredCredential, StoreWriter } from '../../authenticator/ports.js';
import type { DurableStore } from '../../authenticator/store/lmdb.js';
import { coseAlgorithm } from '../../ctap/cose.js';
import { sameBytes, toBase64url } from '../../data/bytes.js';
import { KeyrigError } from '../../errors.js';
import { systemRandom } from '../../ports.js';
import { loadDeviceProfile } from '../../rig/profiles.js';
import { compact } from '../../webauthn/compact.js';
import type { MintOptions } from '../commands/keys.js';
import type { Io } from '../io.js';
import { type FileFormat, formatCredentials, parseCredentials } from './credential-file.js';
import { bothHalves, mint, mintingCrypto } from './mint.js';
import type { PortableCredential } from './portable.js';
import { readNamedFile, writePrivate } from './private-output.js';
import {
  chosenStore,
  chosenStores,
  credentialsIn,
  type Destination,
  destination,
  keyFacts,
  parseId,
  type StoreChoice,
  withStore,
} from './stores.js';

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
const ofRp = (rp: string | undefined) => (credential: StoredCredential) =>
  rp === undefined || credential.rpId === rp;

/** A credential without its private key. */
interface Listed {
  readonly device: string;
  readonly id: string;
  readonly rpId: string;
  readonly userHandle: string;
  readonly userName?: string;
  readonly algorithm: string;
  readonly discoverable: boolean;
}

function listed(device: string, credential: StoredCredential): Listed {
  return compact({
    device,
    id: toBase64url(credential.id),
    rpId: credential.rpId,
    userHandle: toBase64url(credential.userId),
    userName: credential.userName,
    algorithm: coseAlgorithm(credential.algorithm)?.name ?? String(credential.algorithm),
    discoverable: credential.discoverable ?? true,
  });
}

/** `keyrig keys list`. */
export async function listKeys(
  options: StoreChoice & { readonly rp?: string; readonly json?: boolean },
  io: Io,
): Promise<void> {
  const rows: Listed[] = [];
  for (const device of await chosenStores(io.cwd, options)) {
    const credentials = await withStore(device, (store) => credentialsIn(store, ofRp(options.rp)));
    rows.push(...credentials.map((credential) => listed(device.name, credential)));
  }
  io.stdout.write(options.json ? json(rows) : columnsOf(rows));
}

/** One line each, in columns, without anything that a `grep` would stumble over. */
function columnsOf(rows: readonly Listed[]): string {
  const cells = rows.map((row) => [row.device, row.rpId, row.userName ?? '-', row.algorithm, row.id]);
  const widths = [0, 1, 2, 3].map((column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)));
  return cells.map((line) => `${line.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')}\n`).join('');
}

/** `keyrig keys show`. */
export async function showKey(
  text: string,
  options: StoreChoice & { readonly out?: string },
  io: Io,
): Promise<void> {
  const id = parseId(text);
  for (const device of await chosenStores(io.cwd, options)) {
    const found = await withStore(device, async (store) => {
      const credential = await store.read((reader) => reader.credential(id));
      return credential && { credential, facts: await keyFacts(device, store) };
    });
    if (found === undefined) continue;
    const { profile } = await destination(io.cwd, { state: options.state, device: device.name });
    writePrivate(json(bothHalves(found.credential, profile, found.facts.signCount)), options.out, io);
    return;
  }
  throw noSuchCredential(text);
}

function noSuchCredential(text: string): KeyrigError {
  return new KeyrigError('option-invalid', `there is no credential "${text}"`, {
    hint: '`keyrig keys list` prints the IDs that there are',
  });
}

/** `keyrig keys mint`. */
export async function mintKey(options: MintOptions, io: Io): Promise<void> {
  const place = await placeOf(options, io);
  const profile = place?.profile ?? (await loadDeviceProfile(options.profile ?? 'yubikey-5'));
  const credential = await mint(options, profile, mintingCrypto(options.seed));
  if (place === undefined) {
    writePrivate(json(bothHalves({ ...credential, created: 0 }, profile, 0)), options.out, io);
    return;
  }
  const { stored, counter } = await withStore(place.store, (store) =>
    store.write((writer) => ({ stored: writer.putCredential(credential), counter: writer.counter() })),
  );
  writePrivate(json(bothHalves(stored, profile, counter)), options.out, io);
  io.stderr.write(`${place.store.name} has it, in ${options.state}\n`);
}

/** The device that a minted credential goes into, if any. */
async function placeOf({ state, device, profile }: MintOptions, io: Io): Promise<Destination | undefined> {
  if (state === undefined && device === undefined) return undefined;
  if (state === undefined) {
    throw new KeyrigError(
      'option-invalid',
      '--device says which device of a state directory gets the credential',
      {
        hint: 'add --state DIR, or use --profile to say what device it could be from',
      },
    );
  }
  const name = profile === undefined || device?.includes('.') ? device : `${device ?? 'key'}.${profile}`;
  const place = await destination(io.cwd, { state, device: name });
  if (profile === undefined || place.profile.id === profile) return place;
  throw new KeyrigError('option-invalid', `${place.store.name} is not a ${profile}`, {
    hint: 'leave --profile or --device out',
  });
}

/** `keyrig keys import`. */
export async function importKeys(
  file: string,
  options: StoreChoice & { readonly format?: FileFormat },
  io: Io,
): Promise<void> {
  const { format } = options;
  const credentials = parseCredentials(readNamedFile(file, io), file, { format, random: systemRandom });
  const { store: device } = await destination(io.cwd, options);
  await withStore(device, (store) => store.write((writer) => take(writer, credentials)));
  io.stderr.write(`${credentials.length} credentials from ${file} are in ${device.name} now\n`);
}

/** A counter that a server has seen must not come again. */
function take(writer: StoreWriter, credentials: readonly PortableCredential[]): void {
  for (const { credential } of credentials) writer.putCredential(credential);
  const highest = credentials.reduce((most, { signCount = 0 }) => Math.max(most, signCount), 0);
  const behind = highest - writer.counter();
  if (behind > 0) writer.advanceCounter(behind);
}

/** `keyrig keys export`. */
export async function exportKeys(
  options: StoreChoice & { readonly rp?: string; readonly format: FileFormat; readonly out?: string },
  io: Io,
): Promise<void> {
  const device = await chosenStore(io.cwd, options);
  const { text, written, leftOut } = await withStore(device, async (store) => {
    const credentials = await credentialsIn(store, ofRp(options.rp));
    return formatCredentials(options.format, credentials, await keyFacts(device, store));
  });
  writePrivate(text, options.out, io);
  io.stderr.write(`${written} credentials with their private keys: keep them to yourself\n`);
  if (leftOut > 0)
    io.stderr.write(
      `${leftOut} left out: Playwright has only discoverable ones with ES256 and a user handle\n`,
    );
}

/** `keyrig keys delete`. */
export async function deleteKeys(
  ids: readonly string[],
  options: StoreChoice & { readonly rp?: string; readonly all?: boolean },
  io: Io,
): Promise<void> {
  const { all = false } = options;
  if (all === ids.length > 0 || (options.rp !== undefined && !all)) {
    throw new KeyrigError('option-invalid', 'say which credentials: IDs, or --all, or --all --rp ID', {
      hint: '`keyrig keys list` prints the IDs that there are',
    });
  }
  const device = await chosenStore(io.cwd, options);
  const deleted = await withStore(device, (store) =>
    all ? deleteAll(store, options.rp) : deleteThese(store, ids),
  );
  io.stderr.write(`${deleted} credentials of ${device.name} are deleted\n`);
}

async function deleteAll(store: DurableStore, rp: string | undefined): Promise<number> {
  const doomed = await credentialsIn(store, ofRp(rp));
  await store.write((writer) => {
    for (const { id } of doomed) writer.deleteCredential(id);
  });
  return doomed.length;
}

/** All or none: one that isn't there was probably mistyped. */
function deleteThese(store: DurableStore, ids: readonly string[]): Promise<number> {
  const wanted = ids.map((text) => ({ text, id: parseId(text) }));
  const distinct = wanted.filter(({ id }, at) => wanted.findIndex((other) => sameBytes(other.id, id)) === at);
  return store.write((writer) => {
    for (const { text, id } of distinct) if (!writer.deleteCredential(id)) throw noSuchCredential(text);
    return distinct.length;
  });
}
