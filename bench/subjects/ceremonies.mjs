/**
 * Registration and sign-in as a page sees them: JSON in, JSON out.
 */
import nid from 'nid-webauthn-emulator';
import { createClient, createKey, ORIGIN } from './key.mjs';
import { makeImportSign } from './limits.mjs';
import { creationOptions, requestOptions } from './options.mjs';

/** One account that registers again and again. A key replaces its credential, so it always holds one. */
export function oneAccount() {
  const accounts = [creationOptions()];
  return { ours: ourPairs(accounts), theirs: nidPairs(accounts) };
}

/** A hundred accounts that take turns, all of them registered before the measurement begins. */
export async function hundredAccounts() {
  const accounts = Array.from({ length: 100 }, creationOptions);
  const sides = { ours: ourPairs(accounts), theirs: nidPairs(accounts) };
  await sides.ours(accounts.length);
  await sides.theirs(accounts.length);
  return sides;
}

/** What no pair can be faster than: its key has to be made, imported and used. */
export function limit() {
  return { ours: ourPairs([creationOptions()]), theirs: makeImportSign() };
}

function ourPairs(accounts) {
  const client = createClient(createKey());
  const page = { origin: ORIGIN };
  return inTurns(accounts, async (account) => {
    const { id } = await client.createJson(page, account);
    await client.getJson(page, requestOptions(id));
  });
}

/** A fresh emulator of Nikkei's package, which verifies its user by itself and stores every credential. */
function nidPairs(accounts) {
  const { WebAuthnEmulator, AuthenticatorEmulator, PasskeysCredentialsMemoryRepository } = nid;
  const credentialsRepository = new PasskeysCredentialsMemoryRepository();
  const emulator = new WebAuthnEmulator(new AuthenticatorEmulator({ credentialsRepository }));
  return inTurns(accounts, (account) => {
    const { id } = emulator.createJSON(ORIGIN, account);
    emulator.getJSON(ORIGIN, requestOptions(id));
  });
}

function inTurns(accounts, pair) {
  let turn = 0;
  return async (times) => {
    for (let time = 0; time < times; time++) await pair(accounts[turn++ % accounts.length]);
  };
}
