/**
 * The metadata statement of a profile's device: made from what the running key says of itself, so that both always agree.
 */
import type { CertifiedKey } from '../attestation/certificates.js';
import { type MetadataStatement, metadataStatement } from '../attestation/metadata.js';
import { createCtapClient } from '../client/ctap-client.js';
import type { Crypto } from '../crypto/crypto.js';
import type { GetInfoResponse } from '../ctap/messages/get-info.js';
import { statusName } from '../ctap/status.js';
import { KeyrigError } from '../errors.js';
import type { Clock } from '../ports.js';
import type { TraceSink } from '../trace/events.js';
import { attestationTypesOf } from './device-attestation.js';
import { authenticatorConfig } from './device-config.js';
import type { DeviceProfile } from './device-profile.js';
import { createEmulatedDevice } from './emulated-device.js';

/** What a statement is made with. */
export interface DeviceMetadataOptions {
  readonly crypto: Crypto;
  readonly clock: Clock;
  /** Whom the device's certificates chain up to. */
  readonly root: CertifiedKey;
}

const nowhere: TraceSink = { emit: () => {} };

/** Wrong PINs that every key forgives (CTAP 2.1 §6.5.2.2), unless its configuration says fewer. */
const PIN_RETRIES = 8;

/** The statement of a device as it comes from the factory, without a PIN and without credentials. */
export async function deviceMetadata(
  profile: DeviceProfile,
  options: DeviceMetadataOptions,
): Promise<MetadataStatement> {
  const { kind, title, authenticator } = profile;
  const types = attestationTypesOf(authenticator);
  const { limits } = authenticatorConfig(profile);
  const { pin, userVerification } = authenticator;
  return metadataStatement({
    description: title,
    info: await infoOf(profile, options),
    kind,
    attestationTypes: types,
    // Who vouches alone has no certificates.
    roots: types.some((type) => type !== 'none' && type !== 'self') ? [options.root.certificate] : [],
    pin: pin && { minLength: limits.minPinLength, maxRetries: limits.maxPinRetries ?? PIN_RETRIES },
    userVerification,
  });
}

async function infoOf(profile: DeviceProfile, options: DeviceMetadataOptions): Promise<GetInfoResponse> {
  const device = await createEmulatedDevice({ ...options, id: profile.id, profile, trace: nowhere });
  try {
    const transport = await device.client.connect();
    const answer = await createCtapClient(transport, { ...options, trace: nowhere }).getInfo();
    if (answer.ok) return answer.value;
    throw new KeyrigError(
      'ctap-status',
      `${profile.id} does not describe itself: ${statusName(answer.status)}`,
    );
  } finally {
    await device.close();
  }
}
