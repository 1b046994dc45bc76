/**
 * The prf extension over hmac-secret (WebAuthn L3 §10.1.4, CTAP 2.1 §12.5).
 */

import type { Crypto } from '../crypto/crypto.js';
import type { CborValue } from '../ctap/cbor.js';
import { hmacSecretInput } from '../ctap/messages/extensions.js';
import { fromBase64url, sameBytes, toBase64url, utf8 } from '../data/bytes.js';
import { KeyrigError } from '../errors.js';
import { WebAuthnError } from '../webauthn/errors.js';
import type {
  CreationExtensions,
  PrfValues,
  PublicKeyCredentialDescriptor,
  RequestExtensions,
} from '../webauthn/types.js';
import type { DeviceSession } from './device-session.js';
import { done, type Outcome, refused } from './outcome.js';
import type { SharedSecret } from './pin-client.js';

type PrfInputs = NonNullable<RequestExtensions['prf']>;

/** Bytes of a salt and of what comes out for it. */
const SALT_LENGTH = 32;

/** Rules for `create()` (registration step 1). @throws WebAuthnError `NotSupportedError` */
export function checkCreationPrf(prf: CreationExtensions['prf']): void {
  if (prf?.evalByCredential === undefined) return;
  throw new WebAuthnError(
    'NotSupportedError',
    'prf.evalByCredential makes no sense before there is a credential',
  );
}

/** Rules for `get()` (authentication steps 1 and 2). @throws WebAuthnError `NotSupportedError`, `SyntaxError` */
export function checkRequestPrf(
  prf: PrfInputs | undefined,
  allowed: readonly PublicKeyCredentialDescriptor[],
): void {
  const keys = Object.keys(prf?.evalByCredential ?? {});
  if (keys.length > 0 && allowed.length === 0)
    throw new WebAuthnError('NotSupportedError', 'prf.evalByCredential needs allowCredentials');
  for (const key of keys) {
    const id = key === '' ? undefined : fromBase64url(key);
    if (id === undefined || !allowed.some((one) => sameBytes(one.id, id)))
      throw new WebAuthnError(
        'SyntaxError',
        `prf.evalByCredential has the key ${JSON.stringify(key)}, which is no allowed credential`,
      );
  }
}

/** The inputs for one credential: its own before those for all (authentication step 4). */
export function prfInputsFor(
  prf: PrfInputs | undefined,
  credentialId: Uint8Array | undefined,
): PrfValues | undefined {
  const own =
    credentialId && new Map(Object.entries(prf?.evalByCredential ?? {})).get(toBase64url(credentialId));
  return own ?? prf?.eval;
}

const CONTEXT = utf8('WebAuthn PRF');

/** A page's input as hmac-secret's salt, so that no page can ask for what the platform asks for. */
function saltOf(crypto: Crypto, input: Uint8Array): Uint8Array {
  return crypto.sha256(CONTEXT, Uint8Array.of(0), input);
}

/** Salts on their way to a device, and the outputs back. */
export interface PrfExchange {
  /** The value of hmac-secret or hmac-secret-mc. */
  readonly input: CborValue;
  /** @throws KeyrigError `message-malformed` for an output that these salts can't have */
  readonly open: (output: CborValue | undefined) => PrfValues | undefined;
}

/** Agrees on a secret with the device and encrypts the salts of `values`; nothing without values or without a protocol to do it with. */
export async function startPrf(
  session: Pick<DeviceSession, 'pin' | 'crypto'>,
  values: PrfValues | undefined,
): Promise<Outcome<PrfExchange | undefined>> {
  if (values === undefined || session.pin === undefined) return done(undefined);
  const shared = await session.pin.agree();
  if (!shared.ok) return refused('status', { status: shared.status });
  return done(exchangePrf(session.crypto, shared.value, values));
}

/** Encrypts the salts of one or two inputs. */
export function exchangePrf(crypto: Crypto, shared: SharedSecret, values: PrfValues): PrfExchange {
  const inputs = values.second === undefined ? [values.first] : [values.first, values.second];
  const salts = new Uint8Array(inputs.length * SALT_LENGTH);
  inputs.forEach((input, at) => {
    salts.set(saltOf(crypto, input), at * SALT_LENGTH);
  });
  const saltEnc = shared.encrypt(salts);
  const input = hmacSecretInput.write({
    keyAgreement: shared.keyAgreement,
    saltEnc,
    saltAuth: shared.authenticate(saltEnc),
    // Protocol one is what an absent member means, and all that authenticators of CTAP 2.0 know.
    ...(shared.protocol === 1 ? {} : { pinUvAuthProtocol: shared.protocol }),
  });
  return { input, open: (output) => openOutput(shared, output, salts.length) };
}

function openOutput(
  shared: SharedSecret,
  output: CborValue | undefined,
  length: number,
): PrfValues | undefined {
  if (output === undefined) return undefined;
  const plain = output instanceof Uint8Array ? shared.decrypt(output) : undefined;
  if (plain?.length !== length)
    throw new KeyrigError('message-malformed', 'the output of hmac-secret does not fit its salts');
  const first = plain.slice(0, SALT_LENGTH);
  return length === SALT_LENGTH ? { first } : { first, second: plain.slice(SALT_LENGTH) };
}
