import { describe, expect, it } from 'vitest';
import { lintGetInfo } from '../ctap/get-info-linter.js';
import { BIO, CONFIGURABLE } from './management.suite.js';
import { type ConfigChange, createTestKey, FINGERPRINT, getInfo, setPin } from './test-platform.suite.js';

/** Everything that this room has, at once. */
const EVERYTHING = {
  ...CONFIGURABLE,
  ...BIO,
  versions: ['FIDO_2_0', 'FIDO_2_1', 'FIDO_2_3'],
  extensions: [...CONFIGURABLE.extensions, 'hmac-secret-mc'],
  options: {
    ...CONFIGURABLE.options,
    ...BIO.options,
    uvAcfg: true,
    credMgmt: true,
    perCredMgmtRO: true,
  },
  countsVerifications: true,
  limits: { maxRpIdsForMinPinLength: 2, maxPinLength: 63 },
  pinComplexity: { enforced: false, configurable: true, url: 'https://example.org/pins' },
  reset: { longTouch: 'configurable', transports: ['usb'] },
} as const satisfies ConfigChange;

/** The member that the refusal names. */
function refused(change: ConfigChange): string | undefined {
  try {
    createTestKey({ config: change });
    return undefined;
  } catch (error) {
    expect(error).toMatchObject({ name: 'KeyrigError', code: 'option-invalid' });
    return error instanceof Error && 'where' in error ? String(error.where) : undefined;
  }
}

describe('a key that can be managed', () => {
  it('describes itself consistently, before and after a PIN is set', async () => {
    const key = createTestKey({ config: EVERYTHING });
    expect(lintGetInfo(await getInfo(key))).toEqual([]);
    await setPin(key, '4071');
    const info = await getInfo(key);
    expect(lintGetInfo(info)).toEqual([]);
    expect(info).toMatchObject({
      versions: ['FIDO_2_0', 'FIDO_2_1', 'FIDO_2_3'],
      authenticatorConfigCommands: [2, 3, 4],
      maxRPIDsForSetMinPINLength: 2,
      maxPINLength: 63,
      pinComplexityPolicy: false,
      longTouchForReset: false,
      transportsForReset: ['usb'],
      uvCountSinceLastPinEntry: 0,
    });
  });

  const options = (change: object): ConfigChange => ({
    ...EVERYTHING,
    options: { ...EVERYTHING.options, ...change },
  });

  it.each<[string, ConfigChange, string]>([
    ['nothing to configure', { options: { authnrCfg: true } }, 'options.authnrCfg'],
    [
      'setMinPINLength without authnrCfg',
      options({ authnrCfg: false, uvAcfg: false }),
      'options.setMinPINLength',
    ],
    [
      'setMinPINLength without a PIN',
      { ...CONFIGURABLE, options: { ...CONFIGURABLE.options, clientPin: false }, extensions: [] },
      'options.pinUvAuthToken',
    ],
    [
      'setMinPINLength without its extension',
      { options: CONFIGURABLE.options, limits: CONFIGURABLE.limits },
      'options.setMinPINLength',
    ],
    [
      'RP IDs without setMinPINLength',
      { limits: { maxRpIdsForMinPinLength: 1 } },
      'limits.maxRpIdsForMinPinLength',
    ],
    [
      'minPinLength for nobody',
      { ...CONFIGURABLE, minPinLengthRpIds: [], limits: { maxRpIdsForMinPinLength: 0 } },
      'minPinLengthRpIds',
    ],
    [
      'pinComplexityPolicy without a policy',
      { extensions: ['pinComplexityPolicy'], minPinLengthRpIds: ['example.org'] },
      'extensions',
    ],
    [
      'a policy that nobody can configure',
      { pinComplexity: { enforced: false, configurable: true } },
      'pinComplexity.configurable',
    ],
    [
      'a policy without PINs',
      {
        options: { clientPin: false, pinUvAuthToken: false },
        extensions: [],
        pinComplexity: { enforced: true },
      },
      'pinComplexity',
    ],
    ['alwaysUv for good, and not at all', { alwaysUvFixed: true }, 'alwaysUvFixed'],
    ['a count of nothing', { countsVerifications: true }, 'countsVerifications'],
    ['a maximum below the minimum', { limits: { minPinLength: 10, maxPinLength: 9 } }, 'limits.maxPinLength'],
    ['a maximum of seven', { limits: { maxPinLength: 7 } }, 'limits.maxPinLength'],
    ['a long touch that nobody can configure', { reset: { longTouch: 'configurable' } }, 'reset.longTouch'],
    ['a sensor and no bioEnroll', { ...FINGERPRINT, bio: BIO.bio }, 'bio'],
    ['bioEnroll and no sensor', { ...FINGERPRINT, options: { bioEnroll: true } }, 'bio'],
    ['a sensor for faces', { ...BIO, builtInUv: { modality: 'face', maxRetries: 3 } }, 'bio'],
    [
      'fingers and no PIN',
      { ...BIO, options: { ...BIO.options, clientPin: undefined }, extensions: [] },
      'bio',
    ],
    ['a sensor for no finger', { ...BIO, bio: { ...BIO.bio, templates: 0 } }, 'bio.templates'],
    ['a finger of no sample', { ...BIO, bio: { ...BIO.bio, samples: 0 } }, 'bio.samples'],
    ['names of 300 bytes', { ...BIO, bio: { ...BIO.bio, friendlyNameBytes: 300 } }, 'bio.friendlyNameBytes'],
    [
      'more templates than a message has room for',
      { ...BIO, bio: { ...BIO.bio, templates: 255, friendlyNameBytes: 255 } },
      'limits.maxMsgSize',
    ],
    [
      'uvBioEnroll without bioEnroll',
      { ...FINGERPRINT, options: { uvBioEnroll: true } },
      'options.uvBioEnroll',
    ],
    ['uvAcfg without authnrCfg', { ...FINGERPRINT, options: { uvAcfg: true } }, 'options.uvAcfg'],
    ['perCredMgmtRO without credMgmt', { options: { perCredMgmtRO: true } }, 'options.perCredMgmtRO'],
  ])('is refused with %s', (_, change, member) => {
    expect(refused(change)).toBe(member);
  });
});

describe('FIDO_2_1', () => {
  const good = { versions: ['FIDO_2_0', 'FIDO_2_1'], options: { credMgmt: true } } satisfies ConfigChange;

  it('is possible with its mandatory features', () => {
    expect(refused(good)).toBeUndefined();
  });

  it.each<[string, ConfigChange]>([
    ['hmac-secret', { extensions: ['credProtect'] }],
    ['credProtect', { extensions: ['hmac-secret'] }],
    ['pinUvAuthToken', { options: { credMgmt: true, pinUvAuthToken: false } }],
    ['protocol two', { pinUvAuthProtocols: [1] }],
    ['credMgmt', { options: {} }],
  ])('is refused without %s', (_, change) => {
    expect(refused({ ...good, ...change })).toBe('versions[1]');
  });
});
