/**
 * Our side: a key without a PIN whose user touches at once, on a memory store or another, and a client that talks to it in-process.
 */
import { noneAttester } from '../../dist/attestation/attestation.js';
import { createAuthenticator } from '../../dist/authenticator/authenticator.js';
import { createMemoryStore } from '../../dist/authenticator/store/memory.js';
import { createScriptedUser } from '../../dist/authenticator/user.js';
import { createWebAuthnClient } from '../../dist/client/webauthn-client.js';
import { createNodeCrypto } from '../../dist/crypto/node.js';
import { systemClock } from '../../dist/ports.js';
import { createInProcessPort } from '../../dist/transport/in-process.js';

export const ORIGIN = 'https://example.org';
export const RP_ID = 'example.org';

const clock = systemClock;
export const crypto = createNodeCrypto();

/** What a common security key says of itself, with room for many credentials. */
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
  limits: {
    maxMsgSize: 1200,
    maxCredentialCountInList: 8,
    maxCredentialIdLength: 128,
    discoverableCredentials: 20_000,
    minPinLength: 4,
  },
};

/**
 * A fresh key, or one with a store of its own; the change is for keys that have more, one level deep. A failure inside of it must not
 * pass for speed.
 */
export function createKey(store = createMemoryStore(), change = {}, attester = noneAttester) {
  return createAuthenticator({
    config: {
      ...config,
      ...change,
      options: { ...config.options, ...change.options },
      limits: { ...config.limits, ...change.limits },
    },
    store,
    user: createScriptedUser({ clock }),
    crypto,
    clock,
    attester,
    onFailure: fail,
  });
}

function fail(error) {
  throw error;
}

const ui = {
  chooseDevice: async () => ({ kind: 'device', device: 'key' }),
  enterPin: async () => undefined,
  chooseAccount: async () => 0,
  notify: () => {},
};

/** A client with that key as its only device. */
export function createClient(key) {
  const port = createInProcessPort({ device: 'key', name: 'usb', handle: key.handle });
  const device = {
    id: 'key',
    label: 'Security key',
    kind: 'security-key',
    transport: 'usb',
    attachment: 'cross-platform',
    reachable: true,
    connect: async () => port.open(),
  };
  return createWebAuthnClient({ devices: () => [device], ui, clock, crypto });
}
