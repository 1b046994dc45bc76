/**
 * The "compound" attestation statement (WebAuthn L3 §8.9): several whole statements about the same registration.
 */
import type { CborMap, CborValue } from '../ctap/cbor.js';
import { sameBytes } from '../data/bytes.js';
import { KeyrigError } from '../errors.js';
import type {
  AttestationInput,
  AttestationStatement,
  Attester,
  CompoundStatement,
  FormatVoucher,
} from './statement.js';

/** Fewer statements are none (§8.9: "2* nonCompoundAttStmt"). */
const LEAST_PARTS = 2;

/**
 * The statement, its parts in their order.
 *
 * @throws KeyrigError `attestation-failed` for fewer than two parts, and for one that is compound itself
 */
export function compoundStatement(parts: readonly AttestationStatement[]): CompoundStatement {
  if (parts.length < LEAST_PARTS)
    throw refusal(`has at least ${LEAST_PARTS} statements, not ${parts.length}`);
  return { fmt: 'compound', attStmt: parts.map(partOf) };
}

function partOf({ fmt, attStmt }: AttestationStatement): CborMap {
  if (fmt === 'compound') throw refusal('has no compound statement inside');
  return new Map<string, CborValue>([
    ['fmt', fmt],
    ['attStmt', attStmt],
  ]);
}

/**
 * An attester that vouches in several ways at once.
 *
 * @throws KeyrigError `attestation-failed` for fewer than two parts, for one that is compound itself, and for parts that want different AAGUIDs
 */
export function compoundAttester(...parts: readonly Attester[]): Attester {
  const [aaguid, ...others] = parts.map((part) => part.aaguid ?? ANY);
  if (aaguid !== undefined && others.some((other) => !sameBytes(other, aaguid)))
    throw refusal('vouches for one AAGUID: fido-u2f, which has none, stands alone');
  const wanted = aaguid === undefined || aaguid === ANY ? {} : { aaguid };
  return {
    ...compoundVoucher(...parts),
    ...wanted,
    type: 'compound',
    // All of them begin at once, so that all that is random is drawn in the order of the parts.
    attest: async (input) => compoundStatement(await Promise.all(parts.map((part) => part.attest(input)))),
  };
}

/** Stands for the device's own AAGUID, whatever it is. */
const ANY = new Uint8Array(0);

/** What is known before there are keys. @throws KeyrigError `attestation-failed` for parts that can't be together */
export function compoundVoucher(...parts: readonly FormatVoucher[]): FormatVoucher {
  if (parts.length < LEAST_PARTS)
    throw refusal(`has at least ${LEAST_PARTS} statements, not ${parts.length}`);
  if (parts.some(({ format }) => format === 'compound')) throw refusal('has no compound statement inside');
  const lengths = parts.flatMap(({ longest }) => longest ?? []);
  return {
    format: 'compound',
    vouchesFor: (algorithm) => parts.every(({ vouchesFor }) => vouchesFor?.(algorithm) ?? true),
    ...(lengths.length < parts.length
      ? {}
      : {
          longest: (input: AttestationInput) => compoundStatement(lengths.map((longest) => longest(input))),
        }),
  };
}

function refusal(what: string): KeyrigError {
  return new KeyrigError('attestation-failed', `compound attestation ${what}`, {
    hint: 'make it from two or more formats that can vouch for the same credential',
  });
}
