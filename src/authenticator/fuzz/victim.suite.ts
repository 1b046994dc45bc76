/**
 * A key with everything, in the middle of its life, and good requests to it: what is damaged to see what the damage does.
 */
import type { CborMap, CborValue } from '../../ctap/cbor.js';
import { encode } from '../../ctap/cbor.js';
import type { CommandName } from '../../ctap/commands.js';
import { bioEnrollmentRequest } from '../../ctap/messages/bio-enrollment.js';
import { CLIENT_PIN_SUBCOMMANDS, clientPinRequest, PERMISSIONS } from '../../ctap/messages/client-pin.js';
import { configRequest } from '../../ctap/messages/config.js';
import { credentialManagementRequest } from '../../ctap/messages/credential-management.js';
import { hmacSecretInput } from '../../ctap/messages/extensions.js';
import { getAssertionRequest } from '../../ctap/messages/get-assertion.js';
import { largeBlobsRequest } from '../../ctap/messages/large-blobs.js';
import { makeCredentialRequest } from '../../ctap/messages/make-credential.js';
import { encodeRequest } from '../../ctap/messages/message.js';
import { utf8 } from '../../data/bytes.js';
import {
  blobArray,
  blobProof,
  type HeldToken,
  hashOf,
  heldToken,
  MANAGED,
  managementMembers,
} from '../credential-management.suite.js';
import { BIO, bioMembers, CONFIGURABLE, configMembers } from '../management.suite.js';
import type { StoredCredential } from '../ports.js';
import {
  agree,
  CLIENT_DATA_HASH,
  createTestKey,
  goodRegistration,
  mustSucceed,
  padded,
  pinHash,
  pinToken,
  RP_ID,
  register,
  registerDiscoverable,
  setPin,
  type TestKey,
} from '../test-platform.suite.js';
import { USUAL_FINGER } from '../user.js';

/** A good request as a command with members. */
export interface Good {
  readonly command: CommandName;
  readonly members: CborMap;
}

const TEMPLATE = new Uint8Array(8).fill(7);

/** All that can be asked of a key. */
const EVERYTHING = {
  ...MANAGED,
  ...CONFIGURABLE,
  ...BIO,
  extensions: [...MANAGED.extensions, 'hmac-secret-mc', 'minPinLength', 'pinComplexityPolicy'],
  minPinLengthRpIds: [RP_ID],
  options: {
    ...MANAGED.options,
    ...CONFIGURABLE.options,
    ...BIO.options,
    userVerificationMgmtPreview: true,
    uvAcfg: true,
  },
  limits: { ...MANAGED.limits, ...CONFIGURABLE.limits },
} as const;

/** A key with a PIN, a finger and credentials, past the time for a reset, with a token in use; and good requests to it. */
export async function createVictim(): Promise<{ key: TestKey; good: readonly Good[] }> {
  const key = createTestKey({ config: EVERYTHING });
  await key.store.write((writer) => writer.putTemplate({ id: TEMPLATE, finger: USUAL_FINGER }));
  const wrapped = await register(key, { options: { uv: true } });
  for (const name of ['ada', 'bob']) {
    const extensions = new Map(['hmac-secret', 'largeBlobKey', 'thirdPartyPayment'].map((id) => [id, true]));
    await registerDiscoverable(key, name, { options: { rk: true, uv: true }, extensions });
  }
  const elsewhere = { rp: { id: 'elsewhere.example' }, options: { rk: true, uv: true } };
  await registerDiscoverable(key, 'cyd', elsewhere);
  await setPin(key, '1234');
  await key.clock.advance(10_001);
  const good = await goodRequests(key, wrapped.descriptor);
  const readOnly = await heldToken(key, { permission: 'pcmr' });
  const permissions = (['mc', 'ga', 'cm', 'be', 'lbw', 'acfg'] as const).reduce(
    (all, name) => all | PERMISSIONS[name],
    0,
  );
  const { bytes, proof } = mustSucceed(await pinToken(key, { permissions }));
  const [stored] = await key.store.read((reader) => reader.credentialsOf(RP_ID));
  const proven: readonly Good[] = [
    registration({ ...goodRegistration(), ...proof, options: { rk: true } }),
    assertion({ ...proof, allowList: [wrapped.descriptor] }),
    ...managementRequests(key, stored, { readOnly, token: { bytes, version: 2 } }),
    ...blobRequests(key, { bytes, version: 2 }),
    ...bioRequests(key, bytes),
    ...configRequests(key, bytes),
  ];
  key.events.length = 0;
  return { key, good: [...good, ...proven] };
}

type Registration = Parameters<typeof makeCredentialRequest.write>[0];
type Assertion = Parameters<typeof getAssertionRequest.write>[0];

const registration = (request: Registration): Good => ({
  command: 'authenticatorMakeCredential',
  members: makeCredentialRequest.write(request),
});
const assertion = (change: Partial<Assertion>): Good => ({
  command: 'authenticatorGetAssertion',
  members: getAssertionRequest.write({ rpId: RP_ID, clientDataHash: CLIENT_DATA_HASH, ...change }),
});

const KEPT = ['credBlob', 'largeBlobKey', 'thirdPartyPayment'];

/** Each sub-command with a proof that holds, and the next steps of both enumerations. */
function managementRequests(
  key: TestKey,
  stored: StoredCredential | undefined,
  { readOnly, token }: { readonly readOnly: HeldToken; readonly token: HeldToken },
): readonly Good[] {
  const credentialID = { id: stored?.id ?? utf8(''), type: 'public-key' };
  const user = { id: stored?.userId ?? utf8(''), name: 'ada', displayName: 'Ada' };
  const requests = [
    managementMembers(key, 'getCredsMetadata', undefined, readOnly),
    managementMembers(key, 'enumerateRPsBegin', undefined, readOnly),
    managementMembers(key, 'enumerateRPsGetNextRP'),
    managementMembers(key, 'enumerateCredentialsBegin', { rpIDHash: hashOf(RP_ID) }, token),
    managementMembers(key, 'enumerateCredentialsGetNextCredential'),
    managementMembers(key, 'updateUserInformation', { credentialID, user }, token),
    managementMembers(key, 'deleteCredential', { credentialID }, token),
  ];
  const commands = ['authenticatorCredentialManagement', 'authenticatorCredentialManagementPreview'] as const;
  return commands.flatMap((command) =>
    requests.map((request) => ({ command, members: credentialManagementRequest.write(request) })),
  );
}

/** Reading, and writing in two fragments. */
function blobRequests(key: TestKey, token: HeldToken): readonly Good[] {
  const array = blobArray(encode([new Map([[1, new Uint8Array(40)]])]));
  const [first, second] = [array.subarray(0, 30), array.subarray(30)];
  const requests = [
    { get: 100, offset: 0 },
    { set: first, offset: 0, length: array.length, ...blobProof(key, token, 0, first) },
    { set: second, offset: 30, ...blobProof(key, token, 30, second) },
  ];
  return requests.map((request) => ({
    command: 'authenticatorLargeBlobs',
    members: largeBlobsRequest.write(request),
  }));
}

/** Each sub-command with a proof that holds, and one sample too many. */
function bioRequests(key: TestKey, token: Uint8Array): readonly Good[] {
  const templateId = TEMPLATE;
  const requests = [
    { getModality: true },
    bioMembers(key, 'getFingerprintSensorInfo'),
    bioMembers(key, 'enrollBegin', { timeoutMilliseconds: 1_000 }, token),
    bioMembers(key, 'enrollCaptureNextSample', { templateId }, token),
    bioMembers(key, 'cancelCurrentEnrollment'),
    bioMembers(key, 'enumerateEnrollments', undefined, token),
    bioMembers(key, 'setFriendlyName', { templateId, templateFriendlyName: 'thumb' }, token),
    bioMembers(key, 'removeEnrollment', { templateId }, token),
  ];
  const commands = ['authenticatorBioEnrollment', 'authenticatorBioEnrollmentPreview'] as const;
  return commands.flatMap((command) =>
    requests.map((request) => ({ command, members: bioEnrollmentRequest.write(request) })),
  );
}

/** Each sub-command with a proof that holds, nothing that would end the token at once, and the vendors' one. */
function configRequests(key: TestKey, token: Uint8Array): readonly Good[] {
  const told = { minPinLengthRPIDs: [RP_ID, 'other.example'], newMinPINLength: 4, forceChangePin: false };
  const requests = [
    configMembers(key, 'toggleAlwaysUv', undefined, token),
    configMembers(key, 'setMinPINLength', told, token),
    configMembers(key, 'enableLongTouchForReset', undefined, token),
    configMembers(key, 'vendorPrototype', undefined, token),
  ];
  return requests.map((request) => ({
    command: 'authenticatorConfig',
    members: configRequest.write(request),
  }));
}

async function goodRequests(
  key: TestKey,
  descriptor: { readonly id: Uint8Array; readonly type: string },
): Promise<readonly Good[]> {
  const exchange = await agree(key);
  const saltEnc = exchange.encrypt(new Uint8Array(32));
  const saltAuth = exchange.authenticate(saltEnc);
  const salts = hmacSecretInput.write({ ...exchange.members, saltEnc, saltAuth });
  const newPinEnc = exchange.encrypt(padded('1234'));
  const pinHashEnc = exchange.encrypt(pinHash('1234'));
  const pin = { ...exchange.members, newPinEnc, pinHashEnc, permissions: 3, rpId: RP_ID };
  const subcommands = Object.values(CLIENT_PIN_SUBCOMMANDS).map((subCommand): Good => {
    const pinUvAuthParam =
      subCommand === CLIENT_PIN_SUBCOMMANDS.changePIN
        ? exchange.authenticate(newPinEnc, pinHashEnc)
        : exchange.authenticate(newPinEnc);
    return {
      command: 'authenticatorClientPIN',
      members: clientPinRequest.write({ subCommand, pinUvAuthParam, ...pin }),
    };
  });
  return [
    registration(goodRegistration()),
    registration({
      ...goodRegistration(),
      excludeList: [{ ...descriptor, transports: ['usb'] }],
      extensions: new Map<string, CborValue>([
        ['credProtect', 3],
        ['hmac-secret', true],
        ['hmac-secret-mc', salts],
        ['minPinLength', true],
        ['pinComplexityPolicy', true],
        ['credBlob', new Uint8Array(32)],
        ['largeBlobKey', true],
        ['thirdPartyPayment', true],
      ]),
      options: { rk: true, up: true, uv: true },
      enterpriseAttestation: 1,
      attestationFormatsPreference: ['packed', 'none'],
    }),
    registration({ ...goodRegistration(), pinUvAuthParam: new Uint8Array(0) }),
    assertion({}),
    assertion({ allowList: [descriptor], options: { up: false } }),
    assertion({ extensions: new Map([['hmac-secret', salts]]), options: { uv: true } }),
    assertion({ extensions: new Map(KEPT.map((id) => [id, true])), options: { uv: true } }),
    ...subcommands,
  ];
}

export const bytesOf = ({ command, members }: Good) => encodeRequest(command, members);
