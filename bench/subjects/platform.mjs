/**
 * Just enough of a platform to prepare messages: a PIN, tokens, proofs. Everything by protocol 2.
 */
import { createPinUvAuthProtocol } from '../../dist/crypto/pin-uv-auth-protocol.js';
import { decode, encode } from '../../dist/ctap/cbor.js';
import {
  CLIENT_PIN_SUBCOMMANDS,
  clientPinRequest,
  clientPinResponse,
  PERMISSIONS,
} from '../../dist/ctap/messages/client-pin.js';
import { encodeRequest } from '../../dist/ctap/messages/message.js';
import { STATUS } from '../../dist/ctap/status.js';
import { concat, utf8 } from '../../dist/data/bytes.js';
import { crypto } from './key.mjs';

export const exchange = { signal: new AbortController().signal, keepAlive: () => {} };
const protocol = createPinUvAuthProtocol(crypto, 2);
const PIN = '246810';

/** The members of an answer. @throws Error at an answer that is no success */
export async function ask(key, message) {
  const [status, ...body] = await key.handle(message, exchange);
  if (status !== STATUS.CTAP1_ERR_SUCCESS) throw new Error(`the key answered ${status}`);
  return body.length === 0 ? new Map() : decode(Uint8Array.from(body));
}

/** A sub-command of ClientPIN as a message. */
const clientPin = (subCommand, members) =>
  encodeRequest(
    'authenticatorClientPIN',
    clientPinRequest.write({ subCommand: CLIENT_PIN_SUBCOMMANDS[subCommand], ...members }),
  );

async function agree(key) {
  const answer = await ask(key, clientPin('getKeyAgreement', { pinUvAuthProtocol: 2 }));
  const { keyAgreement, sharedSecret } = protocol.encapsulate(
    clientPinResponse.read(answer).value.keyAgreement,
  );
  return { members: { pinUvAuthProtocol: 2, keyAgreement }, sharedSecret };
}

/** Sets the PIN. */
export async function setPin(key) {
  const { members, sharedSecret } = await agree(key);
  const block = new Uint8Array(64);
  block.set(utf8(PIN));
  const newPinEnc = protocol.encrypt(sharedSecret, block);
  const pinUvAuthParam = protocol.authenticate(sharedSecret, newPinEnc);
  await ask(key, clientPin('setPIN', { ...members, newPinEnc, pinUvAuthParam }));
}

/** A request for a token, bound to a relying party if there is one; a key answers it as often as it comes. `open` reads the answer. */
export async function tokenRequest(key, permission, rpId) {
  const { members, sharedSecret } = await agree(key);
  const pinHashEnc = protocol.encrypt(sharedSecret, crypto.sha256(utf8(PIN)).subarray(0, 16));
  const permissions = PERMISSIONS[permission];
  const bound = rpId === undefined ? {} : { rpId };
  const message = clientPin('getPinUvAuthTokenUsingPinWithPermissions', {
    ...members,
    pinHashEnc,
    permissions,
    ...bound,
  });
  const open = (answer) =>
    protocol.decrypt(sharedSecret, clientPinResponse.read(answer).value.pinUvAuthToken);
  return { message, open };
}

/** A token with one permission. */
export async function tokenOf(key, permission, rpId) {
  const { message, open } = await tokenRequest(key, permission, rpId);
  return open(await ask(key, message));
}

/** The members that prove a token over these bytes. */
export const prove = (token, ...parts) => ({
  pinUvAuthProtocol: 2,
  pinUvAuthParam: protocol.authenticate(token, ...parts),
});

/** A sub-command with a proof, over `head` and its parameters. */
export function provenRequest(command, codec, token, { head, members, params }) {
  const tail = params === undefined ? new Uint8Array(0) : encode(params);
  const proof = prove(token, concat(head, tail));
  const given = params === undefined ? {} : { subCommandParams: params };
  return encodeRequest(command, codec.write({ ...members, ...given, ...proof }));
}
