/**
 * What both plans share: the client data, the RP ID, and the entries of enumerations that the client knows.
 */

import type { Crypto } from '../crypto/crypto.js';
import { PUBLIC_KEY_TYPE } from '../ctap/messages/entities.js';
import { toBase64url, utf8 } from '../data/bytes.js';
import { type ExtraClientData, serializeClientData } from '../webauthn/client-data.js';
import { compact } from '../webauthn/compact.js';
import type { PublicKeyCredentialDescriptor, PublicKeyCredentialHint } from '../webauthn/types.js';
import { HINTS, knownWord } from '../webauthn/vocabulary.js';
import type { CallerContext, CallerOrigin } from './caller.js';
import type { Ceremony } from './ceremony.js';
import type { RelatedOriginsFetcher } from './related-origins.js';

/** What plans are made with. */
export interface PlanPorts {
  readonly crypto: Crypto;
  readonly fetchRelatedOrigins?: RelatedOriginsFetcher;
  readonly extraClientData?: ExtraClientData;
}

/** One call, as far as its plan needs it. */
export interface PlanRequest {
  readonly context: CallerContext;
  readonly mediation: 'optional' | 'required' | 'conditional' | 'silent';
  readonly ceremony: Ceremony;
}

/** Client data, and the hash that goes to devices. */
export interface ClientData {
  readonly clientDataJSON: Uint8Array;
  readonly clientDataHash: Uint8Array;
}

/** The steps on collectedClientData, clientDataJSON and clientDataHash. */
export function collectClientData(
  ports: PlanPorts,
  type: 'webauthn.create' | 'webauthn.get',
  challenge: Uint8Array,
  caller: CallerOrigin,
  context: CallerContext,
): ClientData {
  const crossOrigin = context.sameOriginWithAncestors === false;
  const data = compact({
    type,
    challenge: toBase64url(challenge),
    origin: caller.origin,
    crossOrigin,
    topOrigin: crossOrigin ? context.topOrigin : undefined,
  });
  const clientDataJSON = serializeClientData(data, ports.extraClientData);
  return { clientDataJSON, clientDataHash: ports.crypto.sha256(clientDataJSON) };
}

/** Descriptors of the one type that there is. Others are ignored (§5.8.3). */
export function knownDescriptors(
  list: readonly PublicKeyCredentialDescriptor[] = [],
): readonly PublicKeyCredentialDescriptor[] {
  return list.filter((one) => one.type === PUBLIC_KEY_TYPE);
}

/** Hints in the page's order; unknown ones are ignored (§5.8.7). */
export function knownHints(hints: readonly string[] = []): readonly PublicKeyCredentialHint[] {
  return hints.map((hint) => knownWord(HINTS, hint)).filter((hint) => hint !== undefined);
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Text as a device can be told it: half a surrogate pair, which has no UTF-8, becomes U+FFFD. */
export function utf8Text(text: string): string {
  return decoder.decode(utf8(text));
}
