/**
 * The options that the demo hands out (WebAuthn L3 §5.4 and §5.5). Wishes change how authenticators are chosen, never what is demanded of them.
 */
import { COSE_ALGORITHMS } from '../../ctap/cose.js';
import type {
  AttestationConveyancePreference,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialDescriptorJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '../../webauthn/types.js';
import type { OptionsWishes } from '../target.js';
import { CEREMONY_LIFETIME } from './ceremonies.js';
import type { Account, Passkey } from './store.js';

/** Whether the library that verifies can verify ML-DSA: through WebCrypto, where OpenSSL is 3.5 or newer, as in Node 24. */
const KNOWS_ML_DSA = Number.parseFloat(process.versions.openssl) >= 3.5;

/**
 * Offered and accepted, most preferred first: EdDSA, ES256 and RS256, the three that WebAuthn L3 §5.4 recommends, and behind them what else
 * the library can verify, for keys that have nothing else.
 */
export const ALGORITHMS: readonly number[] = [
  COSE_ALGORITHMS.EdDSA.id,
  COSE_ALGORITHMS.ES256.id,
  COSE_ALGORITHMS.RS256.id,
  COSE_ALGORITHMS.ES384.id,
  COSE_ALGORITHMS.ES512.id,
  ...(KNOWS_ML_DSA ? [COSE_ALGORITHMS['ML-DSA-44'].id, COSE_ALGORITHMS['ML-DSA-65'].id] : []),
];

/** What the demo's operator decides. */
export interface PasskeyPolicy {
  readonly rpId: string;
  readonly origin: string;
  readonly attestation: AttestationConveyancePreference;
}

/** Options for a new passkey. */
export function registrationOptions(
  policy: PasskeyPolicy,
  account: Account,
  known: readonly Passkey[],
  challenge: string,
  wishes: OptionsWishes,
): PublicKeyCredentialCreationOptionsJSON {
  const residentKey = wishes.residentKey ?? 'required';
  return {
    rp: { id: policy.rpId, name: 'Keyrig demo' },
    user: { id: account.id, name: account.name, displayName: account.displayName },
    challenge,
    pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: 'public-key', alg })),
    timeout: CEREMONY_LIFETIME,
    excludeCredentials: known.map((passkey) => descriptorOf(passkey)),
    authenticatorSelection: {
      residentKey,
      requireResidentKey: residentKey === 'required',
      userVerification: 'required',
      ...(wishes.attachment === undefined ? {} : { authenticatorAttachment: wishes.attachment }),
    },
    attestation: policy.attestation,
    extensions: { credProps: true },
    ...hintsOf(wishes),
  };
}

/** Options for a sign-in; without `allowed` any passkey of this site may answer. */
export function signInOptions(
  policy: PasskeyPolicy,
  allowed: readonly Passkey[],
  challenge: string,
  wishes: OptionsWishes,
): PublicKeyCredentialRequestOptionsJSON {
  return {
    challenge,
    timeout: CEREMONY_LIFETIME,
    rpId: policy.rpId,
    allowCredentials: allowed.map((passkey) => descriptorOf(passkey, wishes.transports)),
    userVerification: 'required',
    ...hintsOf(wishes),
  };
}

/** With the transports that were stored at registration, or those wished for; no transports mean "any". */
function descriptorOf(passkey: Passkey, wished?: readonly string[]): PublicKeyCredentialDescriptorJSON {
  const transports = wished ?? passkey.transports;
  return { type: 'public-key', id: passkey.id, ...(transports.length === 0 ? {} : { transports }) };
}

function hintsOf({ hints }: OptionsWishes): { hints?: readonly string[] } {
  return hints === undefined ? {} : { hints };
}
