/**
 * The least that options must have to be handed to a client. Everything else that they have is kept, also what nobody knows.
 */
import { z } from 'zod';
import { checkSchema, formatPath } from '../data/schema-problems.js';
import { KeyrigError } from '../errors.js';
import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '../webauthn/types.js';

const descriptor = z.looseObject({
  type: z.string(),
  id: z.string(),
  transports: z.array(z.string()).exactOptional(),
});

const shared = {
  challenge: z.string(),
  timeout: z.number().exactOptional(),
  hints: z.array(z.string()).exactOptional(),
  extensions: z.record(z.string(), z.unknown()).exactOptional(),
};

const selection = z.looseObject({
  authenticatorAttachment: z.enum(['platform', 'cross-platform']).exactOptional(),
  residentKey: z.enum(['required', 'preferred', 'discouraged']).exactOptional(),
  requireResidentKey: z.boolean().exactOptional(),
  userVerification: z.enum(['required', 'preferred', 'discouraged']).exactOptional(),
});

const creationOptions = z.looseObject({
  ...shared,
  rp: z.looseObject({ id: z.string().exactOptional(), name: z.string() }),
  user: z.looseObject({ id: z.string(), name: z.string(), displayName: z.string() }),
  pubKeyCredParams: z.array(z.looseObject({ type: z.string(), alg: z.number() })),
  excludeCredentials: z.array(descriptor).exactOptional(),
  authenticatorSelection: selection.exactOptional(),
  attestation: z.string().exactOptional(),
  attestationFormats: z.array(z.string()).exactOptional(),
});

const requestOptions = z.looseObject({
  ...shared,
  rpId: z.string().exactOptional(),
  allowCredentials: z.array(descriptor).exactOptional(),
  userVerification: z.string().exactOptional(),
});

/** @throws KeyrigError `target-answer` with the member at fault. */
export function asCreationOptions(value: unknown): PublicKeyCredentialCreationOptionsJSON {
  return check(creationOptions, value, 'registration');
}

/** @throws KeyrigError `target-answer` with the member at fault. */
export function asRequestOptions(value: unknown): PublicKeyCredentialRequestOptionsJSON {
  return check(requestOptions, value, 'sign-in');
}

function check<Schema extends z.ZodType>(schema: Schema, value: unknown, what: string): z.output<Schema> {
  const verdict = checkSchema(schema, value);
  if (verdict.ok) return verdict.value;
  const [problem] = verdict.problems;
  const member = formatPath(problem.path);
  throw new KeyrigError(
    'target-answer',
    `the ${what} options are not usable: ${member}: ${problem.message}`,
    {
      where: member,
      hint: "does the adapter's extract name the place where the options are?",
    },
  );
}
