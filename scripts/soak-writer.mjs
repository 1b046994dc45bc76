// The process that `soak.mjs` kills: a key on the durable store, and somebody who registers, signs in, mistypes the PIN, changes it and resets
// the key, in an order that follows from the seed. Says what it begins and what the key has answered, a line each, before it goes on.
import { createHash } from 'node:crypto';
import { writeSync } from 'node:fs';
import { noneAttester } from '../dist/attestation/attestation.js';
import { createAuthenticator } from '../dist/authenticator/authenticator.js';
import { openDurableStore } from '../dist/authenticator/store/lmdb.js';
import { createScriptedUser } from '../dist/authenticator/user.js';
import { createCtapClient } from '../dist/client/ctap-client.js';
import { createPinClient } from '../dist/client/pin-client.js';
import { createNodeCrypto } from '../dist/crypto/node.js';
import { spkiFromCoseKey } from '../dist/crypto/spki.js';
import { decodeAuthenticatorData } from '../dist/ctap/authenticator-data.js';
import { PERMISSIONS } from '../dist/ctap/messages/client-pin.js';
import { statusName } from '../dist/ctap/status.js';
import { concat, fromHex, toBase64url, toHex } from '../dist/data/bytes.js';
import { systemClock } from '../dist/ports.js';
import { createInProcessPort } from '../dist/transport/in-process.js';
import { randomNumbers } from './soak-random.mjs';

const RELYING_PARTIES = ['a.example', 'b.example', 'c.example'];
/** Tries that nobody gambles with. */
const LAST_RETRIES = 3;
/** Wrong PINs in a row that block a key until it is plugged in again (CTAP 2.1 §6.5.2.3). */
const SOFT_BLOCK = 3;
/** Credentials with which somebody is more likely to sign in than to register. */
const PLENTY = 20;

const clock = systemClock;
const crypto = createNodeCrypto();

function say(line) {
  writeSync(1, `${JSON.stringify(line)}\n`);
}

const config = {
  aaguid: new Uint8Array(16).fill(7),
  versions: ['FIDO_2_0'],
  transports: ['usb'],
  algorithms: [-7],
  extensions: ['credProtect', 'hmac-secret'],
  options: { rk: true, clientPin: true, pinUvAuthToken: true },
  pinUvAuthProtocols: [2, 1],
  presence: 'touch',
  backup: { eligible: false, backedUp: false },
  counter: 'global',
  limits: { maxMsgSize: 1200, maxCredentialIdLength: 128, discoverableCredentials: 100_000, minPinLength: 4 },
};

process.once('message', (order) => {
  run(order).catch((error) => {
    say({ fault: `the writer failed: ${error.stack}` });
    process.exit(1);
  });
});

async function run({ folder, seed, pin, credentials }) {
  const store = await openDurableStore(folder);
  const authenticator = createAuthenticator({
    config,
    store,
    user: createScriptedUser({ clock }),
    crypto,
    clock,
    attester: noneAttester,
    onFailure: (error) => say({ fault: `the key failed: ${error}` }),
  });
  const port = createInProcessPort({ device: 'key', name: 'usb', handle: authenticator.handle });
  const somebody = new Somebody(authenticator, port, randomNumbers(seed), { pin, credentials });
  say({ ready: true });
  for (;;) await somebody.act();
}

/** Expects success. @throws Error with the status */
function good(answer) {
  if (answer.ok) return answer.value;
  throw new Error(`the key answered ${statusName(answer.status)}`);
}

class Somebody {
  #authenticator;
  #ctap;
  #random;
  #pin;
  #credentials;
  #wrong = 0;
  #retries = 0;

  constructor(authenticator, port, random, { pin, credentials }) {
    this.#authenticator = authenticator;
    this.#ctap = createCtapClient(port.open(), { clock });
    this.#random = random;
    this.#pin = pin;
    this.#credentials = credentials.filter(({ spki }) => spki !== undefined);
  }

  async act() {
    const chance = this.#random();
    if (this.#pin === undefined || chance > 0.95) return this.#setPin();
    if (chance < 0.02) return this.#reset();
    if (chance < 0.2) return this.#tryWrongPin();
    const few = this.#credentials.length === 0 || chance < (this.#credentials.length < PLENTY ? 0.6 : 0.3);
    return few ? this.#register() : this.#signIn();
  }

  async #pinClient() {
    return createPinClient(this.#ctap, good(await this.#ctap.getInfo()), crypto);
  }

  async #setPin() {
    const pin = String(100_000 + Math.floor(this.#random() * 900_000));
    say({ begin: { op: 'set-pin', pin } });
    const client = await this.#pinClient();
    good(this.#pin === undefined ? await client.setPin(pin) : await client.changePin(this.#pin, pin));
    this.#pin = pin;
    this.#wrong = 0;
    say({ done: { op: 'set-pin', pin } });
  }

  async #tryWrongPin() {
    const client = await this.#pinClient();
    this.#retries = good(await client.pinRetries()).retries;
    if (this.#retries <= LAST_RETRIES) return this.#tryRightPin(client);
    say({ begin: { op: 'wrong-pin' } });
    const answer = await client.tokenByPin('wrong', { permissions: PERMISSIONS.ga, rpId: 'a.example' });
    if (answer.ok) throw new Error('a wrong PIN was taken');
    const { retries } = good(await client.pinRetries());
    say({ done: { op: 'wrong-pin', retries } });
    this.#wrong += 1;
    if (this.#wrong === SOFT_BLOCK) this.#plugInAgain();
  }

  #plugInAgain() {
    this.#authenticator.powerCycle();
    this.#wrong = 0;
  }

  async #tryRightPin(client) {
    say({ begin: { op: 'right-pin' } });
    good(await client.tokenByPin(this.#pin, { permissions: PERMISSIONS.ga, rpId: 'a.example' }));
    this.#wrong = 0;
    say({ done: { op: 'right-pin' } });
  }

  #hash() {
    return createHash('sha256').update(String(this.#random())).digest();
  }

  async #register() {
    const rpId = RELYING_PARTIES[Math.floor(this.#random() * RELYING_PARTIES.length)];
    const user = this.#hash().subarray(0, 16);
    const userId = toHex(user);
    say({ begin: { op: 'register', userId } });
    const token = good(
      await (await this.#pinClient()).tokenByPin(this.#pin, { permissions: PERMISSIONS.mc, rpId }),
    );
    this.#wrong = 0;
    const clientDataHash = this.#hash();
    const { authData } = good(
      await this.#ctap.makeCredential({
        clientDataHash,
        rp: { id: rpId },
        user: { id: user, name: 'ada' },
        pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
        options: { rk: true },
        pinUvAuthParam: token.authenticate(clientDataHash),
        pinUvAuthProtocol: token.protocol,
      }),
    );
    const { credentialId, publicKey } = decodeAuthenticatorData(authData).attestedCredential;
    const spki = toBase64url(spkiFromCoseKey(publicKey));
    const credential = { id: toHex(credentialId), rpId, userId, spki };
    this.#credentials.push(credential);
    say({ done: { op: 'register', ...credential } });
  }

  async #signIn() {
    const { id, rpId } = this.#credentials[Math.floor(this.#random() * this.#credentials.length)];
    say({ begin: { op: 'sign-in' } });
    const clientDataHash = this.#hash();
    const allowList = [{ type: 'public-key', id: fromHex(id) }];
    const answer = good(await this.#ctap.getAssertion({ rpId, clientDataHash, allowList }));
    const { signCount: counter } = decodeAuthenticatorData(answer.authData);
    const message = toBase64url(concat(answer.authData, clientDataHash));
    const signature = toBase64url(answer.signature);
    say({ done: { op: 'sign-in', id, counter, message, signature } });
  }

  async #reset() {
    // A key can be reset only right after it was plugged in.
    this.#plugInAgain();
    say({ begin: { op: 'reset' } });
    good(await this.#ctap.reset());
    this.#pin = undefined;
    this.#credentials = [];
    say({ done: { op: 'reset' } });
  }
}
