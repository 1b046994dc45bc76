/**
 * What products refuse before they look any further (`product-quirks.ts`).
 */
import type { GetAssertionRequest } from '../../ctap/messages/get-assertion.js';
import type { MakeCredentialRequest } from '../../ctap/messages/make-credential.js';
import type { Quirks } from '../quirks.js';
import { type Refusal, refuse } from '../result.js';

/** Why this product takes no such registration, `undefined` when it does. */
export function refusesRegistration(quirks: Quirks, request: MakeCredentialRequest): Refusal | undefined {
  const { displayName } = request.user;
  if (displayName === '' && quirks.emptyDisplayName === 'invalid-length')
    return refuse('CTAP1_ERR_INVALID_LENGTH');
  if (displayName === undefined && quirks.missingDisplayName === 'invalid-cbor')
    return refuse('CTAP2_ERR_INVALID_CBOR');
  return refusesExtensions(quirks, request);
}

/** The same for an assertion. */
export function refusesAssertion(quirks: Quirks, request: GetAssertionRequest): Refusal | undefined {
  return refusesExtensions(quirks, request);
}

function refusesExtensions(
  quirks: Quirks,
  { extensions }: Pick<GetAssertionRequest, 'extensions'>,
): Refusal | undefined {
  const any = extensions !== undefined && extensions.size > 0;
  return any && quirks.extensionInputs === 'other' ? refuse('CTAP1_ERR_OTHER') : undefined;
}
