/**
 * What a request is answered with that has another structure than its command's.
 */
import type { Malformed } from '../../ctap/messages/shape.js';
import { STATUS, type StatusName } from '../../ctap/status.js';
import type { CommandContext } from '../context.js';
import type { Quirks } from '../quirks.js';
import { type Refusal, refuse } from '../result.js';

const NESTED: Readonly<Record<Quirks['missingNestedMember'], StatusName>> = {
  'missing-parameter': 'CTAP2_ERR_MISSING_PARAMETER',
  'unexpected-type': 'CTAP2_ERR_CBOR_UNEXPECTED_TYPE',
  'invalid-cbor': 'CTAP2_ERR_INVALID_CBOR',
};

/** What is missing at the top is MISSING_PARAMETER; what the answer is further down is disputed. */
export function structural({ quirks }: CommandContext, { status, path }: Malformed): Refusal {
  const disputed = status === STATUS.CTAP2_ERR_MISSING_PARAMETER && /[.[]/.test(path);
  return disputed ? refuse(NESTED[quirks.missingNestedMember]) : { ok: false, status };
}
