/**
 * Verification by @simplewebauthn/server, which is told exactly what is expected.
 *
 * A broken demo expects what it got, or hands over what the library will take; a sound one passes everything as it came.
 */
import type { DemoBreak } from './breaks.js';
import type { ClientData } from './client-data.js';
import { ALGORITHMS, type PasskeyPolicy } from './passkey-options.js';
import { resign, resignForRpId, type SignedAssertion } from './re-signing.js';
import type { RegistrationResponse, SignInResponse } from './responses.js';

/** A credential as its authenticator data states it. */
export interface VerifiedCredential {
  readonly id: string;
  readonly publicKey: Uint8Array;
  readonly counter: number;
}

/** What an answer is held against. */
export interface Expectation {
  readonly challenge: string;
  readonly clientData: ClientData;
}

/** Verifies responses against one policy. */
export class Verifier {
  readonly #policy: PasskeyPolicy;
  readonly #breaks: ReadonlySet<DemoBreak>;

  constructor(policy: PasskeyPolicy, breaks: ReadonlySet<DemoBreak>) {
    this.#policy = policy;
    this.#breaks = breaks;
  }

  /** WebAuthn L3 §7.1 steps 7 to 25. `undefined`: not good. */
  async registration(
    response: RegistrationResponse,
    expectation: Expectation,
  ): Promise<VerifiedCredential | undefined> {
    const { verifyRegistrationResponse } = await loadLibrary();
    const { rpId } = this.#policy;
    const verdict = await unlessThrown(
      verifyRegistrationResponse({
        // The library only passes transports on, and they are stored from the response itself.
        response: {
          ...response,
          response: { ...response.response, transports: [] },
          clientExtensionResults: {},
        },
        ...this.#expected(expectation),
        ...(this.#breaks.has('accept-any-rp-id-hash') ? {} : { expectedRPID: rpId }),
        supportedAlgorithmIDs: [...ALGORITHMS],
      }),
    );
    return verdict?.verified === true ? verdict.registrationInfo.credential : undefined;
  }

  /** WebAuthn L3 §7.2 steps 10 to 22. The new counter, or `undefined`: not good. */
  async signIn(
    response: SignInResponse,
    credential: VerifiedCredential,
    expectation: Expectation,
  ): Promise<number | undefined> {
    const { verifyAuthenticationResponse } = await loadLibrary();
    const signed = await this.#signed({ response, publicKey: credential.publicKey });
    const { userHandle: _, ...assertion } = signed.response.response;
    const verdict = await unlessThrown(
      verifyAuthenticationResponse({
        response: { ...signed.response, response: assertion, clientExtensionResults: {} },
        ...this.#expected(expectation),
        expectedRPID: this.#policy.rpId,
        // Copied: the library wants bytes with a buffer of their own.
        credential: { ...credential, publicKey: new Uint8Array(signed.publicKey) },
      }),
    );
    return verdict?.verified === true ? verdict.authenticationInfo.newCounter : undefined;
  }

  #expected({ challenge, clientData }: Expectation) {
    return {
      expectedChallenge: challenge,
      expectedOrigin: this.#breaks.has('accept-any-origin') ? clientData.origin : this.#policy.origin,
      requireUserVerification: !this.#breaks.has('skip-user-verification'),
    };
  }

  /** The assertion as it came, unless a rule about its signature or RP ID hash is broken. */
  async #signed(assertion: SignedAssertion): Promise<SignedAssertion> {
    if (this.#breaks.has('skip-signature')) return resign(assertion);
    if (this.#breaks.has('accept-any-rp-id-hash')) return resignForRpId(assertion, this.#policy.rpId);
    return assertion;
  }
}

/** Loaded at the first response: the library takes most of a second. */
function loadLibrary() {
  return import('@simplewebauthn/server');
}

/** The library says no by throwing. */
async function unlessThrown<Verdict>(verdict: Promise<Verdict>): Promise<Verdict | undefined> {
  try {
    return await verdict;
  } catch {
    return undefined;
  }
}
