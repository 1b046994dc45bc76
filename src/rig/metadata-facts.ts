/**
 * What metadata says of a device, as far as it decides what an authenticator does (FIDO Metadata Statement v3). Facts only: names and
 * numbers. Icons, certificates and legal texts are left where they are.
 */
import { z } from 'zod';

const whole = z.int().min(0);
const text = z.string().min(1);

/** getInfo of a statement: the members of CTAP 2.1, by their names there; later ones are read past. */
const infoShape = {
  versions: z.array(text).min(1),
  extensions: z.array(text).optional(),
  options: z.record(text, z.boolean()).optional(),
  maxMsgSize: whole.optional(),
  pinUvAuthProtocols: z.array(whole).optional(),
  maxCredentialCountInList: whole.optional(),
  maxCredentialIdLength: whole.optional(),
  transports: z.array(text).optional(),
  maxSerializedLargeBlobArray: whole.optional(),
  forcePINChange: z.boolean().optional(),
  minPINLength: whole.optional(),
  firmwareVersion: whole.optional(),
  maxCredBlobLength: whole.optional(),
  maxRPIDsForSetMinPINLength: whole.optional(),
  preferredPlatformUvAttempts: whole.optional(),
  uvModality: whole.optional(),
  certifications: z.record(text, whole).optional(),
  remainingDiscoverableCredentials: whole.optional(),
};

const anyAaguid = z
  .string()
  .regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, 'expected an AAGUID with hyphens')
  .transform((value) => value.toLowerCase());

/** A device as the data file of keyrig has it: the same facts, written shorter. */
export const deviceFactsSchema = z.strictObject({
  aaguid: anyAaguid,
  /** The vendor's name for the model; several models may have one. */
  description: text,
  /** authenticatorVersion. */
  version: whole,
  attestation: z.array(text).default([]),
  /** attachmentHint. */
  attachment: z.array(text).default([]),
  /** Methods of user verification, without presence and none. */
  verification: z.array(text).default([]),
  /** Of a fingerprint sensor. */
  fingers: z.strictObject({ templates: whole.optional(), retries: whole.optional() }).optional(),
  /** authenticationAlgorithms, where getInfo lists none. */
  signs: z.array(text).optional(),
  /** getInfo without the AAGUID; algorithms as COSE numbers. */
  getInfo: z.strictObject({ ...infoShape, algorithms: z.array(z.int()).optional() }),
});

/** A device as metadata describes it. */
export type DeviceFacts = z.infer<typeof deviceFactsSchema>;

/** getInfo of one, in JSON. */
export type MetadataInfo = DeviceFacts['getInfo'];

/** What of `baDesc` matters. */
const method = z.object({
  userVerificationMethod: text,
  baDesc: z.object({ maxRetries: whole.optional(), maxTemplates: whole.optional() }).optional(),
});

const statementInfo = z.object({
  ...infoShape,
  aaguid: z.string().optional(),
  algorithms: z.array(z.object({ type: text, alg: z.int() })).optional(),
});

/** A statement of the service, or one entry of a plain list; what isn't named here is read past. */
export const statementSchema = z
  .object({
    aaguid: anyAaguid,
    description: text,
    authenticatorVersion: whole.default(0),
    attestationTypes: z.array(text).default([]),
    attachmentHint: z.array(text).default([]),
    authenticationAlgorithms: z.array(text).default([]),
    userVerificationDetails: z.array(z.array(method)).default([]),
    authenticatorGetInfo: statementInfo.optional(),
    /** As plain lists call it. */
    getInfo: statementInfo.optional(),
  })
  .refine((entry) => (entry.authenticatorGetInfo ?? entry.getInfo) !== undefined, {
    message: 'expected authenticatorGetInfo: without it nobody knows what the device says of itself',
    path: ['authenticatorGetInfo'],
  });

type Statement = z.infer<typeof statementSchema>;

/** The facts of a statement. */
export function factsOf(statement: Statement): DeviceFacts {
  const info = statement.authenticatorGetInfo ?? statement.getInfo;
  const { aaguid: _, algorithms, ...members } = info ?? { versions: [] };
  const methods = statement.userVerificationDetails.flat();
  const names = methods.map((one) => one.userVerificationMethod);
  const fingers = fingersOf(methods);
  return {
    aaguid: statement.aaguid,
    description: statement.description.trim(),
    version: statement.authenticatorVersion,
    attestation: statement.attestationTypes,
    attachment: statement.attachmentHint,
    verification: [...new Set(names.filter((name) => !UNVERIFYING.includes(name)))],
    ...(fingers === undefined ? {} : { fingers }),
    ...(algorithms === undefined ? { signs: statement.authenticationAlgorithms } : {}),
    getInfo: { ...members, ...(algorithms && { algorithms: algorithms.map(({ alg }) => alg) }) },
  };
}

/** Methods that verify nobody. */
const UNVERIFYING: readonly string[] = ['none', 'all', 'presence_internal'];

function fingersOf(methods: readonly z.infer<typeof method>[]): DeviceFacts['fingers'] {
  const sensors = methods.filter((one) => one.userVerificationMethod === 'fingerprint_internal');
  const most = (name: 'maxRetries' | 'maxTemplates') =>
    Math.max(0, ...sensors.map(({ baDesc }) => baDesc?.[name] ?? 0));
  const [templates, retries] = [most('maxTemplates'), most('maxRetries')];
  if (templates === 0 && retries === 0) return undefined;
  return { ...(templates > 0 && { templates }), ...(retries > 0 && { retries }) };
}
