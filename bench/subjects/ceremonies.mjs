/**
 * Registration and sign-in as a page sees them: JSON in, JSON out.
 */
import nid from 'nid-webauthn-emulator';
import { createClient, createKey, ORIGIN } from './key.mjs';
import { makeImportSign } from './limits.mjs';
import { creationOptions, requestOptions } from './options.mjs';

/** One account that registers again and again. A key replaces its credential, so it always holds one. */
export const oneAccount = { ours: () => inTurns(ourPair(), 1), theirs: () => inTurns(nidPair(), 1) };

/** A hundred accounts that take turns, all of them registered before the measurement begins. */
export const hundredAccounts = { ours: () => inTurns(ourPair(), 100), theirs: () => inTurns(nidPair(), 100) };

/** What no pair can be faster than: its key has to be made, imported and used. */
export const limit = { ours: oneAccount.ours, theirs: makeImportSign };

function ourPair() {
  const client = createClient(createKey());
  const page = { origin: ORIGIN };
  return async (account) => {
    const { id } = await client.createJson(page, account);
    await client.getJson(page, requestOptions(id));
  };
}

/** A fresh emulator of Nikkei's package, which verifies its user by itself and stores every credential. */
function nidPair() {
  const { WebAuthnEmulator, AuthenticatorEmulator, PasskeysCredentialsMemoryRepository } = nid;
  const credentialsRepository = new PasskeysCredentialsMemoryRepository();
  const emulator = new WebAuthnEmulator(new AuthenticatorEmulator({ credentialsRepository }));
  return (account) => {
    const { id } = emulator.createJSON(ORIGIN, account);
    emulator.getJSON(ORIGIN, requestOptions(id));
  };
}

async function inTurns(pair, count) {
  const accounts = Array.from({ length: count }, (_, number) => creationOptions(number));
  for (const account of accounts) await pair(account);
  let turn = 0;
  return async (times) => {
    for (let time = 0; time < times; time++) await pair(accounts[turn++ % count]);
  };
}
