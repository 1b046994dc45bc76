/**
 * Everything that the demo says no with: a status and a code that stays, so that no client has to read the text.
 */
import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** Every refusal. */
export const DEMO_ERRORS = {
  'bad-request': { status: 400, message: 'the body is not what this address takes' },
  'signed-out': { status: 401, message: 'sign in first' },
  'wrong-password': { status: 401, message: 'the username or the password is wrong' },
  'passkey-refused': { status: 401, message: 'this passkey could not be verified' },
  'no-passkey': { status: 400, message: 'there is no passkey to sign in with; use the password' },
  'registration-refused': { status: 400, message: 'this passkey could not be verified, and was not added' },
  'credential-exists': { status: 409, message: 'this passkey is registered already' },
  'user-exists': { status: 409, message: 'this username is taken' },
  'cross-site': { status: 403, message: 'requests from other sites are not taken' },
  'wrong-host': { status: 421, message: 'this server answers under its own name only' },
  'not-found': { status: 404, message: 'there is nothing here' },
  'length-required': { status: 411, message: 'say how long the body is' },
  'too-large': { status: 413, message: 'the body is too large' },
  internal: { status: 500, message: 'the demo made a mistake' },
} as const satisfies Record<string, { status: ContentfulStatusCode; message: string }>;

/** A refusal's code. */
export type DemoErrorCode = keyof typeof DEMO_ERRORS;
