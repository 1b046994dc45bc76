/**
 * Why there was no answer, told from the codes that Node's fetch puts into `cause`, never from its texts.
 */
import { type ErrorCode, KeyrigError, type KeyrigErrorDetails } from '../errors.js';

/** Every way in which an exchange ends without an answer. */
export const HTTP_FAILURES = {
  unreachable: 'no connection came about: nobody listens, no such name, no route, no TLS',
  reset: 'the connection broke, or what came is not HTTP',
  silence: 'no whole answer came in time',
  oversized: 'the answer is longer than is read',
  'redirect-loop': 'redirects did not end',
} as const;

export type HttpFailure = keyof typeof HTTP_FAILURES;

/** A request without an answer. What it means is the caller's to say: for a submitted response a reset is a verdict. */
export class HttpError extends KeyrigError {
  readonly failure: HttpFailure;

  constructor(failure: HttpFailure, code: ErrorCode, message: string, details: KeyrigErrorDetails = {}) {
    super(code, message, { ...details, facts: { ...details.facts, failure } });
    this.failure = failure;
  }
}

/** Codes that say that no request was ever seen by the relying party. TLS failures are added by their prefix. */
const NO_CONNECTION: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'EADDRNOTAVAIL',
  'UND_ERR_CONNECT_TIMEOUT',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
]);

const TLS_FAILURE = /^(?:ERR_TLS_|CERT_|ERR_SSL_)/;

/** Sorts what `fetch` threw. An error without a code in its chain counts as a broken connection: something was there. */
export function failureOf(thrown: unknown): { failure: HttpFailure; reason: string } {
  const code = codeIn(thrown);
  if (code === undefined) return { failure: 'reset', reason: messageOf(thrown) };
  const unreachable = NO_CONNECTION.has(code) || TLS_FAILURE.test(code);
  return { failure: unreachable ? 'unreachable' : 'reset', reason: code };
}

/** The first code on the way down the causes. */
function codeIn(error: unknown): string | undefined {
  for (let here = error; here instanceof Error; here = here.cause) {
    if ('code' in here && typeof here.code === 'string') return here.code;
  }
  return undefined;
}

/** The innermost message: fetch's own is always "fetch failed". */
function messageOf(error: unknown): string {
  let here = error;
  while (here instanceof Error && here.cause instanceof Error) here = here.cause;
  return here instanceof Error ? here.message : String(here);
}
