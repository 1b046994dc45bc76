/** The state directory and the file of credentials that the pages' commands name. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { keyrig } from './commands.js';

/** The credential ID that the pages show. */
const SHOWN_ID = 'AQIDBA';

/** Makes both anew: some commands delete. */
export async function seedKeys(folder: string): Promise<void> {
  await rm(join(folder, 'keys'), { recursive: true, force: true });
  const minted = await keyrig(['keys', 'mint', '--rp', 'localhost', '--user', 'ada', '--seed', '7'], folder);
  const { credential } = JSON.parse(minted.stdout);
  const file = { credential: { ...credential, id: SHOWN_ID } };
  await writeFile(join(folder, 'passkeys.json'), JSON.stringify(file));
  const imported = await keyrig(['keys', 'import', 'passkeys.json', '--state', 'keys/'], folder);
  expect(imported.code, imported.stderr).toBe(0);
}
