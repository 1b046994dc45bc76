/**
 * Related origin requests: an RP ID that lists other origins which may use it (WebAuthn L3 §5.11).
 */
import { z } from 'zod';
import { parse } from './caller.js';
import { registrableLabel } from './registrable-domain.js';

/** What came back from the RP ID's site after following redirects. */
export interface WellKnownAnswer {
  readonly status: number;
  /** The Content-Type header. */
  readonly contentType: string | undefined;
  readonly body: string;
}

/**
 * Fetches a document over https, through https redirects only, without credentials and without a referrer. Rejecting means that the
 * origin is not related; `signal` aborts when nobody waits any more.
 */
export type RelatedOriginsFetcher = (url: string, signal: AbortSignal) => Promise<WellKnownAnswer>;

/** How many different registrable labels are looked at (§5.11.1 asks for at least five). */
export const MAX_LABELS = 5;

const documentShape = z.object({ origins: z.array(z.string()) });

/** Whether the site of `rpId` names `origin` among its related origins. Never rejects for what the site does. */
export async function isRelatedOrigin(
  origin: string,
  rpId: string,
  fetch: RelatedOriginsFetcher,
  signal: AbortSignal,
): Promise<boolean> {
  const origins = await listedOrigins(`https://${rpId}/.well-known/webauthn`, fetch, signal);
  const labels = new Set<string>();
  for (const listed of origins) {
    const label = labelOf(listed);
    if (label === undefined || (labels.size >= MAX_LABELS && !labels.has(label))) continue;
    if (parse(listed)?.origin === origin) return true;
    labels.add(label);
  }
  return false;
}

async function listedOrigins(
  url: string,
  fetch: RelatedOriginsFetcher,
  signal: AbortSignal,
): Promise<readonly string[]> {
  try {
    const answer = await fetch(url, signal);
    const type = answer.contentType?.split(';')[0]?.trim().toLowerCase();
    if (answer.status !== 200 || type !== 'application/json') return [];
    return documentShape.parse(JSON.parse(answer.body)).origins;
  } catch {
    // Whatever is wrong with the document, the page learns no more than SecurityError.
    return [];
  }
}

/** `undefined` for what is no origin of a registrable domain: such entries are passed over. */
function labelOf(listed: string): string | undefined {
  const host = parse(listed)?.hostname;
  return host === undefined ? undefined : registrableLabel(host);
}
