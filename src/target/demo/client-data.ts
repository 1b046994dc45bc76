/**
 * The demo's own look at client data: for the checks that its verification library leaves to the relying party.
 */
import { z } from 'zod';
import { fromBase64url } from '../../data/bytes.js';

const clientDataSchema = z.object({
  type: z.string(),
  challenge: z.string(),
  origin: z.string(),
  crossOrigin: z.literal(false).optional(),
  topOrigin: z.never().optional(),
});

/** What a client says that it was asked. */
export type ClientData = z.output<typeof clientDataSchema>;

/**
 * Reads client data; `undefined` when it isn't usable, or comes from a frame in another origin's page: the demo is never embedded
 * (WebAuthn L3 §7.1 steps 5, 6, 10 and 11; §7.2 steps 8, 9, 13 and 14).
 */
export function readClientData(clientDataJson: string): ClientData | undefined {
  const bytes = fromBase64url(clientDataJson);
  if (bytes === undefined) return undefined;
  const parsed = clientDataSchema.safeParse(parseJson(bytes));
  return parsed.success ? parsed.data : undefined;
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    // "UTF-8 decode" strips a byte order mark, as TextDecoder does by itself.
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}
