import { describe, expect, it } from 'vitest';
import { type Attester, selfAttester } from '../attestation/attestation.js';
import { createNobleCrypto } from '../crypto/noble.js';
import { createSeededRandom } from '../crypto/seeded-random.js';
import type { AuthenticatorConfig, Limits } from './config.js';
import { checkConfig } from './config-check.js';
import { FINGERPRINT, KEY_CONFIG, nodeCrypto } from './test-platform.suite.js';
import { u2fAttester } from './u2f/u2f-client.suite.js';
import { wrappedCredentialLength } from './wrapped-credential.js';

const FINGERPRINT_KEY: AuthenticatorConfig = { ...KEY_CONFIG, ...FINGERPRINT };

/** The member that the refusal names, `undefined` when there is no refusal. */
function refused(
  change: object,
  base: AuthenticatorConfig = KEY_CONFIG,
  attester: Attester = selfAttester,
): string | undefined {
  try {
    // What a profile says may be anything, so changes here go around the types.
    checkConfig(Object.assign({}, base, change), nodeCrypto, attester);
    return undefined;
  } catch (error) {
    expect(error).toMatchObject({ name: 'KeyrigError', code: 'option-invalid' });
    return error instanceof Error && 'where' in error ? String(error.where) : undefined;
  }
}

const options = (change: object) => ({ options: { ...KEY_CONFIG.options, ...change } });
const limits = (change: Partial<Limits>) => ({ limits: { ...KEY_CONFIG.limits, ...change } });
const uv = (change: object) => ({ builtInUv: { ...FINGERPRINT.builtInUv, ...change } });

describe('a configuration with U2F', () => {
  it('is accepted with a certificate and ES256, and refused without either', async () => {
    const attester = await u2fAttester;
    const versions = ['U2F_V2', 'FIDO_2_0'];
    expect(refused({ versions }, KEY_CONFIG, attester)).toBeUndefined();
    expect(refused({ versions, algorithms: [-8] }, KEY_CONFIG, attester)).toBe('versions[0]');
    expect(refused({ versions }, KEY_CONFIG, selfAttester)).toBe('versions[0]');
  });
});

describe('a configuration', () => {
  it('is accepted with a PIN, with a fingerprint, and with neither', () => {
    expect(refused({})).toBeUndefined();
    expect(refused({}, FINGERPRINT_KEY)).toBeUndefined();
    expect(refused({ options: { rk: true }, extensions: ['credProtect'] })).toBeUndefined();
    expect(refused({ extensions: ['minPinLength'], minPinLengthRpIds: ['example.org'] })).toBeUndefined();
  });

  it.each([
    ['FIDO_2_2, which never was', { versions: ['FIDO_2_0', 'FIDO_2_2'] }, 'versions[1]'],
    ['an extension that is not here', { extensions: ['uvm'] }, 'extensions[0]'],
    ['an option that is not here', options({ purrs: true }), 'options.purrs'],
    ['hiding which PIN protocols there are', { hiddenInfo: ['pinUvAuthProtocols'] }, 'hiddenInfo'],
    ['a member that means nothing here', { attestation: 'packed-basic' }, 'attestation'],
    ['a quirk that there is not', { quirks: { purring: 'loudly' } }, 'quirks.purring'],
    ['protocol three', { pinUvAuthProtocols: [2, 3] }, 'pinUvAuthProtocols[1]'],
    ['RS1', { algorithms: [-7, -65_535] }, 'algorithms[1]'],
  ])('that asks for %s is refused', (_, change, member) => {
    expect(refused(change)).toBe(member);
  });

  it.each([
    ['no version', { versions: [] }, 'versions'],
    ['U2F alone', { versions: ['U2F_V2'] }, 'versions'],
    ['U2F without a certificate', { versions: ['FIDO_2_0', 'U2F_V2'] }, 'versions[1]'],
    ['ML-DSA in short messages', { algorithms: [-7, -48] }, 'limits.maxMsgSize'],
    ['a version twice', { versions: ['FIDO_2_0', 'FIDO_2_0'] }, 'versions'],
    ['no algorithm', { algorithms: [] }, 'algorithms'],
    ['an algorithm twice', { algorithms: [-7, -7] }, 'algorithms'],
    ['an AAGUID of 15 bytes', { aaguid: new Uint8Array(15) }, 'aaguid'],
    ['a PIN without a protocol', { pinUvAuthProtocols: [] }, 'pinUvAuthProtocols'],
    ['a backup of what can have none', { backup: { eligible: false, backedUp: true } }, 'backup.backedUp'],
    ['presence with a verification that there is not', { presence: 'with-uv' }, 'presence'],
    [
      'PIN permissions without a PIN',
      { options: { noMcGaPermissionsWithClientPin: true }, extensions: [] },
      'options.noMcGaPermissionsWithClientPin',
    ],
    [
      'a token that nothing grants',
      { options: { pinUvAuthToken: true }, extensions: [] },
      'options.pinUvAuthToken',
    ],
    ['hmac-secret without key agreement', { options: { rk: true } }, 'extensions'],
    ['minPinLength that tells nobody', { extensions: ['minPinLength'] }, 'minPinLengthRpIds'],
    [
      'relying parties to tell without minPinLength',
      { minPinLengthRpIds: ['example.org'] },
      'minPinLengthRpIds',
    ],
    [
      'minPinLength without a PIN',
      { extensions: ['minPinLength'], minPinLengthRpIds: ['example.org'], options: { rk: true } },
      'extensions',
    ],
    ['messages of 1023 bytes', limits({ maxMsgSize: 1023 }), 'limits.maxMsgSize'],
    ['empty lists', limits({ maxCredentialCountInList: 0 }), 'limits.maxCredentialCountInList'],
    ['a PIN of 3 code points', limits({ minPinLength: 3 }), 'limits.minPinLength'],
    ['a PIN of 64 code points', limits({ minPinLength: 64 }), 'limits.minPinLength'],
    ['nine PIN retries', limits({ maxPinRetries: 9 }), 'limits.maxPinRetries'],
    ['half a credential', limits({ discoverableCredentials: 0.5 }), 'limits.discoverableCredentials'],
    ['an endless token', limits({ tokenUsageLimit: 600_001 }), 'limits.tokenUsageLimit'],
    ['26 attempts at verification', uv({ maxRetries: 26 }), 'builtInUv.maxRetries'],
    ['six internal attempts', uv({ internalAttempts: 6 }), 'builtInUv.internalAttempts'],
    ['no platform attempt', uv({ preferredPlatformAttempts: 0 }), 'builtInUv.preferredPlatformAttempts'],
    ['an unknown modality', uv({ modality: 'smell' }), 'builtInUv.modality'],
  ])('with %s is refused', (_, change, member) => {
    expect(refused(change)).toBe(member);
  });

  it('is refused when its credential IDs would be too long for it', () => {
    const needed = wrappedCredentialLength(-257);
    expect(refused(limits({ maxCredentialIdLength: needed }))).toBeUndefined();
    expect(refused(limits({ maxCredentialIdLength: needed - 1 }))).toBe('limits.maxCredentialIdLength');
  });

  it('has ES256 credential IDs that fit the 96 bytes of many real keys', () => {
    expect(wrappedCredentialLength(-7)).toBe(95);
    expect(wrappedCredentialLength(-8)).toBe(95);
    expect(wrappedCredentialLength(-48)).toBe(95);
  });

  it('is held to what the implementation of cryptography serves', () => {
    const crypto = createNobleCrypto({ random: createSeededRandom('1') });
    expect(refused({ algorithms: [-37] })).toBeUndefined();
    expect(() => checkConfig({ ...KEY_CONFIG, algorithms: [-37] }, crypto, selfAttester)).toThrow(/PS256/);
  });
});
