/**
 * What an authenticator that does nothing weighs, in KiB: a thousand of them in one process, each of which has answered once.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import nid from 'nid-webauthn-emulator';
import { COMMANDS } from '../../dist/ctap/commands.js';
import { createKey } from './key.mjs';
import { ask } from './platform.mjs';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

/** Bytes on the heap and beside it, garbage not counted. */
function used() {
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** KiB of `count` of them together. */
const weigh = (make) => async (count) => {
  const all = new Array(count).fill(undefined);
  const before = used();
  for (let at = 0; at < count; at++) all[at] = await make();
  const after = used();
  if (all.includes(undefined)) throw new Error('one is missing');
  return (after - before) / 1024;
};

/** The first ones bring in what all of them share. */
async function warmed(make) {
  const work = weigh(make);
  await work(100);
  return work;
}

export const idle = {
  ours: () =>
    warmed(async () => {
      const key = createKey();
      await ask(key, Uint8Array.of(COMMANDS.authenticatorGetInfo));
      return key;
    }),
  theirs: () => {
    const { AuthenticatorEmulator, PasskeysCredentialsMemoryRepository } = nid;
    return warmed(async () => {
      const emulator = new AuthenticatorEmulator({
        credentialsRepository: new PasskeysCredentialsMemoryRepository(),
      });
      emulator.authenticatorGetInfo();
      return emulator;
    });
  },
};
