/**
 * Files of metadata: a plain list of entries, the payload of a BLOB of the FIDO Metadata Service, or the BLOB itself (MDS v3.0 §3.1).
 */
import { z } from 'zod';
import { fromBase64url } from '../data/bytes.js';
import { checkSchema, formatPath } from '../data/schema-problems.js';
import { KeyrigError } from '../errors.js';
import { type DeviceFacts, factsOf, statementSchema } from './metadata-facts.js';

/** What a file of metadata has. */
export interface MetadataFile {
  readonly devices: readonly DeviceFacts[];
  /** Entries that are of no FIDO2 device: they have no AAGUID. */
  readonly others: number;
  /** Whether the file is a signed BLOB. Its signature is not checked here. */
  readonly signed: boolean;
  /** When a BLOB says it was made for: its number and its date of expiry. */
  readonly edition: string | undefined;
}

const list = z.array(z.unknown()).min(1);
const payload = z.object({
  no: z.int().optional(),
  nextUpdate: z.string().optional(),
  entries: z
    .array(z.object({ aaguid: z.string().optional(), metadataStatement: z.unknown().optional() }))
    .min(1),
});

/**
 * Reads a file's text.
 *
 * @param fileName For messages.
 * @throws KeyrigError `profile-invalid`: `where` is the file and the JSON path, the message what was expected there
 */
export function readMetadata(text: string, fileName: string): MetadataFile {
  const parts = text.trim().split('.');
  const signed = parts.length === 3 && !/[\s{["]/.test(text.trim());
  const value = parseJson(signed ? payloadOf(parts[1] ?? '', fileName) : text, fileName);
  if (Array.isArray(value)) {
    const entries = check(list, value, fileName, []);
    const devices = entries.map((entry, at) => factsOf(check(statementSchema, entry, fileName, [at])));
    return { devices, others: 0, signed, edition: undefined };
  }
  const { no, nextUpdate, entries } = check(payload, value, fileName, []);
  const devices = entries.flatMap(({ aaguid, metadataStatement }, at) =>
    aaguid === undefined || metadataStatement === undefined
      ? []
      : [factsOf(check(statementSchema, metadataStatement, fileName, ['entries', at, 'metadataStatement']))],
  );
  const edition = no === undefined ? undefined : `number ${no}, next update ${nextUpdate ?? 'unknown'}`;
  return { devices, others: entries.length - devices.length, signed, edition };
}

function payloadOf(part: string, fileName: string): string {
  const bytes = fromBase64url(part);
  if (bytes !== undefined) return new TextDecoder().decode(bytes);
  throw invalid('the payload of the JWT is not base64url', fileName);
}

function parseJson(text: string, fileName: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalid('this is neither JSON nor a JWT', fileName, cause);
  }
}

function check<S extends z.ZodType>(
  schema: S,
  value: unknown,
  fileName: string,
  at: readonly PropertyKey[],
): z.output<S> {
  const verdict = checkSchema(schema, value);
  if (verdict.ok) return verdict.value;
  const [first] = verdict.problems;
  const path = [...at, ...first.path];
  throw invalid(first.message, path.length === 0 ? fileName : `${fileName}: ${formatPath(path)}`);
}

function invalid(message: string, where: string, cause?: unknown): KeyrigError {
  return new KeyrigError('profile-invalid', message, {
    where,
    hint: 'expected a list of metadata entries, a payload with `entries`, or the JWT of the FIDO Metadata Service',
    ...(cause === undefined ? {} : { cause }),
  });
}
