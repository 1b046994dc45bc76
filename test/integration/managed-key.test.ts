/**
 * A platform that manages a real key over its port: fingers, configuration, and what the key says afterwards.
 */
import { describe, expect, it } from 'vitest';
import type { AuthenticatorConfig } from '../../src/authenticator/config.js';
import { createBioClient } from '../../src/client/bio-client.js';
import { createConfigClient } from '../../src/client/config-client.js';
import { createCtapClient } from '../../src/client/ctap-client.js';
import { createPinClient } from '../../src/client/pin-client.js';
import { createNodeCrypto } from '../../src/crypto/node.js';
import type { SampleStatusName } from '../../src/ctap/messages/bio-enrollment.js';
import { PERMISSIONS, type PermissionName } from '../../src/ctap/messages/client-pin.js';
import type { GetInfoResponse } from '../../src/ctap/messages/get-info.js';
import type { Answer } from '../../src/ctap/messages/message.js';
import { statusName } from '../../src/ctap/status.js';
import { VirtualClock } from '../../src/ports.js';
import { plugIn } from './key-and-client.js';

const PIN = '4071';
const crypto = createNodeCrypto();

const MANAGED = {
  extensions: ['credProtect', 'hmac-secret', 'minPinLength'],
  options: {
    rk: true,
    clientPin: true,
    pinUvAuthToken: true,
    bioEnroll: true,
    authnrCfg: true,
    setMinPINLength: true,
    alwaysUv: false,
  },
  builtInUv: { modality: 'fingerprint', maxRetries: 5 },
  bio: { kind: 'touch', samples: 3, templates: 2, friendlyNameBytes: 16 },
  presence: 'with-uv',
  reset: { longTouch: 'configurable' },
} as const satisfies Partial<AuthenticatorConfig>;

function succeeded<T>(answer: Answer<T>): T {
  if (!answer.ok) throw new TypeError(statusName(answer.status));
  return answer.value;
}

/** A key with a PIN, and a connection to it. */
async function managed(change: Partial<AuthenticatorConfig> = {}) {
  const clock = new VirtualClock();
  const limits = {
    maxMsgSize: 2048,
    discoverableCredentials: 5,
    minPinLength: 4,
    maxRpIdsForMinPinLength: 2,
  };
  const key = plugIn(clock, { config: { ...MANAGED, limits, ...change } });
  const ctap = createCtapClient(await key.client.connect(), { clock });
  const info = async (): Promise<GetInfoResponse> => succeeded(await ctap.getInfo());
  const first = await info();
  const pins = createPinClient(ctap, first, crypto);
  if (pins === undefined) throw new TypeError('no PIN protocol in common');
  succeeded(await pins.setPin(PIN));
  const token = async (permission: PermissionName) =>
    succeeded(await pins.tokenByPin(PIN, { permissions: PERMISSIONS[permission] }));
  const bio = async () => {
    const client = createBioClient(ctap, first, await token('be'));
    if (client === undefined) throw new TypeError('no fingers');
    return client;
  };
  return { key, ctap, info, token, bio };
}

const { bioEnroll: _, ...others } = MANAGED.options;

describe.each([
  ['a key', {}],
  ['a key of FIDO_2_1_PRE', { options: { ...others, userVerificationMgmtPreview: true } }],
] as const)('%s with fingers', (_name, change) => {
  it('enrols, lists, names and removes them', async () => {
    const { key, info, bio } = await managed(change);
    const client = await bio();
    expect(succeeded(await client.sensor())).toEqual({ samples: 3, nameBytes: 16 });
    expect(succeeded(await client.templates())).toEqual([]);
    key.person.setSamples('tooFast', 'good', 'tooSkewed');
    const seen: [SampleStatusName, number][] = [];
    const enrolment = succeeded(await client.enrol((...sample) => seen.push(sample)));
    expect(seen).toEqual([
      ['tooFast', 3],
      ['good', 2],
      ['tooSkewed', 2],
      ['good', 1],
      ['good', 0],
    ]);
    const templateId = enrolment.kind === 'enrolled' ? enrolment.templateId : new Uint8Array(0);
    succeeded(await client.rename(templateId, 'index'));
    expect(succeeded(await client.templates())).toEqual([{ templateId, templateFriendlyName: 'index' }]);
    expect((await info()).options?.get('uv')).toBe(true);
    succeeded(await client.remove(templateId));
    expect((await info()).options?.get('uv')).toBe(false);
  });

  it('gives up when the finger is known already, and when nobody comes', async () => {
    const { key, bio } = await managed(change);
    const client = await bio();
    await client.enrol();
    expect(succeeded(await client.enrol())).toEqual({ kind: 'given-up', why: 'exists' });
    key.person.setFinger('left thumb');
    key.person.setTouch({ kind: 'deny' });
    expect(succeeded(await client.enrol())).toEqual({ kind: 'given-up', why: 'noUserActivity' });
    expect(succeeded(await client.templates())).toHaveLength(1);
  });
});

it('a key without fingers has no client for them', async () => {
  const { ctap, token } = await managed();
  const options = new Map([['clientPin', true]]);
  const info = { versions: ['FIDO_2_0'], aaguid: new Uint8Array(16), options };
  expect(createBioClient(ctap, info, await token('be'))).toBeUndefined();
});

describe('a key that can be configured', () => {
  it('is, and says so', async () => {
    const { ctap, token, info } = await managed();
    const config = createConfigClient(ctap, await token('acfg'));
    succeeded(await config.toggleAlwaysUv());
    succeeded(await config.enableLongTouchForReset());
    succeeded(await config.setMinPinLength({ newMinPINLength: 6, minPinLengthRPIDs: ['example.org'] }));
    expect(await info()).toMatchObject({ minPINLength: 6, forcePINChange: true, longTouchForReset: true });
    expect((await info()).options?.get('alwaysUv')).toBe(true);
    // The PIN is too short now, so the token has ended.
    expect(await config.toggleAlwaysUv()).toEqual({ ok: false, status: 0x33 });
  });

  it('refuses who has no token, and what it does not have', async () => {
    const { ctap, token } = await managed();
    expect(await createConfigClient(ctap).toggleAlwaysUv()).toEqual({ ok: false, status: 0x36 });
    const config = createConfigClient(ctap, await token('acfg'));
    expect(await config.enableEnterpriseAttestation()).toEqual({ ok: false, status: 0x3e });
  });
});
