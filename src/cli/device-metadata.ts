/**
 * What `keyrig profiles metadata` prints.
 */
import { X509Certificate } from 'node:crypto';
import { createTestRoot } from '../attestation/attestation.js';
import { metadataBlob } from '../attestation/metadata-blob.js';
import { loadOrCreateTestRoot } from '../attestation/test-root-file.js';
import { createNodeCrypto } from '../crypto/node.js';
import { systemClock } from '../ports.js';
import { deviceMetadata } from '../rig/device-metadata.js';
import { loadDeviceProfile } from '../rig/profiles.js';

/** What is asked for. */
export interface DescribeOptions {
  /** JSON, a JWT, or PEM. */
  readonly what: 'statement' | 'blob' | 'root';
  /** A state directory; without one the root is a new one. */
  readonly state: string | undefined;
}

/**
 * The text, with a line break behind it.
 *
 * @throws KeyrigError `profile-not-found`, `profile-invalid`; `store-invalid` and `store-unavailable` for the root of a state directory
 */
export async function describeDevice(device: string, { what, state }: DescribeOptions): Promise<string> {
  const profile = await loadDeviceProfile(device);
  const crypto = createNodeCrypto();
  const now = systemClock.now();
  const root =
    state === undefined
      ? await createTestRoot(crypto, now)
      : await loadOrCreateTestRoot(state, { crypto, now });
  if (what === 'root') return new X509Certificate(root.certificate).toString();
  const statement = await deviceMetadata(profile, { crypto, clock: systemClock, root });
  if (what === 'statement') return `${JSON.stringify(statement, null, 2)}\n`;
  return `${await metadataBlob({ crypto, root, statements: [statement], now })}\n`;
}
