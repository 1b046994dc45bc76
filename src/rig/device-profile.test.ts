import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTestRoot } from '../attestation/attestation.js';
import { IMPLEMENTED } from '../authenticator/config.js';
import { createNodeCrypto } from '../crypto/node.js';
import { parseYaml } from '../data/located-yaml.js';
import { formatError, KeyrigError } from '../errors.js';
import { VirtualClock } from '../ports.js';
import { ATTESTATIONS, COMPOUND_PARTS } from './device-attestation.js';
import { type DeviceProfile, deviceProfileSchema } from './device-profile.js';
import { createEmulatedDevice } from './emulated-device.js';

const FILE = 'my-key.yaml';

const listed = (names: readonly string[]) => names.map((name) => `"${name}"`).join(', ');

/** A good profile, one line per member; tests change one. */
const GOOD = `id: my-key
title: A key
summary: A key for tests.
kind: security-key
label: Security key
transport: usb
sources: { made-up: 'nobody sells it' }
authenticator:
  aaguid: 00000000-0000-0000-0000-000000000001
  versions: [FIDO_2_0]
  transports: [usb]
  algorithms: [ES256, EdDSA]
  extensions: [credProtect, hmac-secret]
  attestation: packed-basic
  pin: { minLength: 4 }
  discoverable: true
  pinUvAuthToken: true
  limits: { maxCredentialIdLength: 128 }
claimedOnly: [option largeBlobs]
`;

function parse(text: string): DeviceProfile {
  return parseYaml(deviceProfileSchema, text, FILE, 'profile-invalid');
}

/** Every problem of a faulty text, as users see them. */
function problems(text: string): readonly unknown[] {
  try {
    parse(text);
  } catch (error) {
    if (!(error instanceof KeyrigError)) throw error;
    expect(error.code).toBe('profile-invalid');
    const { problems: listed } = error.facts;
    return Array.isArray(listed) ? listed : [formatError(error)];
  }
  return [];
}

/** The good profile with one piece of text replaced, which must be there. */
function changed(from: string, to: string): string {
  expect(GOOD).toContain(from);
  return GOOD.replace(from, to);
}

describe('a device profile', () => {
  it('is accepted, and gets its defaults', () => {
    const { authenticator } = parse(GOOD);
    expect(authenticator).toMatchObject({
      pinUvAuthProtocols: [2, 1],
      backup: 'device-bound',
      signatureCounter: 'global',
      limits: { maxMsgSize: 1200, discoverableCredentials: 100, maxCredentialIdLength: 128 },
    });
  });

  it.each([
    [
      'an unknown key, with what was meant',
      'transport: usb',
      'transprot: usb',
      [
        `${FILE}:6:1: transprot: expected one of the keys id, title, summary, kind, label, transport, sources, authenticator, claimedOnly, snapshot, latency (did you mean "transport"?)`,
      ],
    ],
    [
      'an unknown key further inside',
      'discoverable: true',
      'discoverable: true\n  discoverble: true',
      [
        `${FILE}:17:3: authenticator.discoverble: expected one of the keys aaguid, versions, transports, algorithms, extensions, attestation, moreAttestations, compoundOf, pin, userVerification, discoverable, pinUvAuthToken, pinUvAuthProtocols, alwaysUv, makeCredUvNotRqd, options, optionsOff, enterprise, alwaysUvFixed, reset, backup, signatureCounter, firmwareVersion, hides, claims, limits, quirks, faults (did you mean "discoverable"?)`,
      ],
    ],
    [
      'a missing member, at what lacks it',
      'label: Security key\n',
      '',
      [`${FILE}:1:1: label: expected string, but it is missing`],
    ],
    [
      'a missing member further inside',
      '  discoverable: true\n',
      '',
      [`${FILE}:8:1: authenticator.discoverable: expected boolean, but it is missing`],
    ],
    [
      'a wrong AAGUID',
      '00000000-0000-0000-0000-000000000001',
      'yubikey',
      [`${FILE}:9:11: authenticator.aaguid: expected an AAGUID, e.g. 00000000-0000-0000-0000-000000000000`],
    ],
    [
      'an AAGUID of the wrong length',
      '00000000-0000-0000-0000-000000000001',
      '00000000-0000-0000-0000-00000001',
      [`${FILE}:9:11: authenticator.aaguid: expected an AAGUID, e.g. 00000000-0000-0000-0000-000000000000`],
    ],
    [
      'the same algorithm twice',
      '[ES256, EdDSA]',
      '[ES256, ES256]',
      [`${FILE}:12:15: authenticator.algorithms: expected each algorithm once`],
    ],
    [
      'no algorithm at all',
      '[ES256, EdDSA]',
      '[]',
      [`${FILE}:12:15: authenticator.algorithms: expected a count of at least 1, got array`],
    ],
    [
      'an algorithm that is not implemented',
      '[ES256, EdDSA]',
      '[ES256, PS256]',
      [
        `${FILE}:12:23: authenticator.algorithms[1]: expected one of "ES256", "EdDSA", "ESP256", "Ed25519", "ES384", "ES512", "ES256K", "ML-DSA-44", "ML-DSA-65", "ML-DSA-87", "ESP384", "ESP512", "Ed448", "RS256", "RS384", "RS512", got "PS256" (did you mean "ES256"?)`,
      ],
    ],
    [
      'an extension that is not implemented',
      '[credProtect, hmac-secret]',
      '[credProtect, txAuthSimple]',
      [
        `${FILE}:13:29: authenticator.extensions[1]: expected one of ${listed(IMPLEMENTED.extensions)}, got "txAuthSimple"`,
      ],
    ],
    [
      'the same extension twice',
      '[credProtect, hmac-secret]',
      '[credProtect, credProtect]',
      [`${FILE}:13:15: authenticator.extensions: expected each extension once`],
    ],
    [
      'a version that is not implemented',
      '[FIDO_2_0]',
      '[FIDO_2_9]',
      [
        `${FILE}:10:14: authenticator.versions[0]: expected one of ${listed(IMPLEMENTED.versions)}, got "FIDO_2_9" (did you mean "FIDO_2_0"?)`,
      ],
    ],
    [
      'U2F alone',
      '[FIDO_2_0]',
      '[U2F_V2]',
      [`${FILE}:10:13: authenticator.versions: expected a version of CTAP2 among them`],
    ],
    [
      'a version twice',
      '[FIDO_2_0]',
      '[FIDO_2_0, FIDO_2_0]',
      [`${FILE}:10:13: authenticator.versions: expected each version once`],
    ],
    [
      'U2F without ES256',
      '[FIDO_2_0]\n  transports: [usb]\n  algorithms: [ES256, EdDSA]',
      '[U2F_V2, FIDO_2_0]\n  transports: [usb]\n  algorithms: [EdDSA]',
      [`${FILE}:12:15: authenticator.algorithms: U2F_V2 signs with ES256: expected it in algorithms`],
    ],
    [
      'assertions that do not fit',
      GOOD.slice(GOOD.indexOf('  algorithms'), GOOD.indexOf('claimedOnly')),
      `  algorithms: [ML-DSA-65]
  extensions: []
  attestation: none
  discoverable: false
  pinUvAuthToken: false
  limits: { maxMsgSize: 3000 }
`,
      [
        `${FILE}:17:25: authenticator.limits.maxMsgSize: assertions with these algorithms have up to 3633 bytes: expected at least that`,
      ],
    ],
    [
      'an id that is no file name',
      'id: my-key',
      'id: My Key',
      [`${FILE}:1:5: id: expected lower-case words joined by hyphens, e.g. yubikey-5`],
    ],
    [
      'text where a number belongs',
      'minLength: 4',
      'minLength: four',
      [`${FILE}:15:21: authenticator.pin.minLength: expected number, got "four"`],
    ],
    [
      'a PIN that is shorter than any key takes',
      'minLength: 4',
      'minLength: 3',
      [`${FILE}:15:21: authenticator.pin.minLength: expected a value of at least 4, got 3`],
    ],
    [
      'a kind that there is not',
      'kind: security-key',
      'kind: securty-key',
      [
        `${FILE}:4:7: kind: expected one of "security-key", "phone", "platform", got "securty-key" (did you mean "security-key"?)`,
      ],
    ],
    [
      'a claim of an unknown kind',
      '[option largeBlobs]',
      '[largeBlobs]',
      [
        `${FILE}:19:15: claimedOnly[0]: expected version, extension, option, member, algorithm or transport and its name, e.g. option largeBlobs`,
      ],
    ],
    [
      'a claim of what is done',
      '[option largeBlobs]',
      '[extension hmac-secret]',
      [`${FILE}:19:15: claimedOnly[0]: extension hmac-secret is not only claimed: the profile has it above`],
    ],
    [
      'credential IDs that are too short for its algorithms',
      'maxCredentialIdLength: 128',
      'maxCredentialIdLength: 64',
      [
        `${FILE}:18:36: authenticator.limits.maxCredentialIdLength: credential IDs of these algorithms have up to 95 bytes: expected at least that`,
      ],
    ],
    [
      'messages that are too short for its registrations',
      'algorithms: [ES256, EdDSA]',
      'algorithms: [ES256, RS256]',
      [
        `${FILE}:18:36: authenticator.limits.maxCredentialIdLength: credential IDs of these algorithms have up to 319 bytes: expected at least that`,
        `${FILE}:18:3: authenticator.limits.maxMsgSize: registrations with these algorithms and this attestation have up to 1276 bytes: expected at least that`,
      ],
    ],
    [
      'tokens without a way to verify anybody',
      '  pin: { minLength: 4 }\n',
      '',
      [
        `${FILE}:16:19: authenticator.pinUvAuthToken: tokens need a PIN or user verification: expected false, or pin or userVerification`,
      ],
    ],
    [
      'hmac-secret without key agreement',
      '  pin: { minLength: 4 }\n  discoverable: true\n  pinUvAuthToken: true',
      '  discoverable: true\n  pinUvAuthToken: false',
      [
        `${FILE}:13:15: authenticator.extensions: hmac-secret needs key agreement: expected pin, or pinUvAuthToken: true`,
      ],
    ],
    [
      'minPinLength that tells nobody',
      '[credProtect, hmac-secret]',
      '[credProtect, minPinLength]',
      [
        `${FILE}:13:15: authenticator.extensions: minPinLength needs somebody to tell: expected pin.minLengthRpIds`,
      ],
    ],
    [
      'relying parties to tell without minPinLength',
      'pin: { minLength: 4 }',
      'pin: { minLengthRpIds: [example.org] }',
      [
        `${FILE}:15:26: authenticator.pin.minLengthRpIds: only an extension tells relying parties: expected minPinLength in extensions`,
      ],
    ],
    [
      'a PIN without a protocol',
      'pinUvAuthToken: true',
      'pinUvAuthToken: true\n  pinUvAuthProtocols: []',
      [
        `${FILE}:18:23: authenticator.pinUvAuthProtocols: a PIN or a token needs a protocol: expected at least one`,
      ],
    ],
    [
      'alwaysUv without a way to verify anybody',
      '  pin: { minLength: 4 }\n  discoverable: true\n  pinUvAuthToken: true',
      '  discoverable: true\n  pinUvAuthToken: false\n  alwaysUv: true',
      [
        `${FILE}:17:13: authenticator.alwaysUv: it needs a PIN or user verification: expected pin or userVerification as well`,
        `${FILE}:13:15: authenticator.extensions: hmac-secret needs key agreement: expected pin, or pinUvAuthToken: true`,
      ],
    ],
    [
      'compound attestation without its parts',
      'attestation: packed-basic',
      'attestation: packed-basic\n  moreAttestations: [compound]',
      [
        `${FILE}:8:1: authenticator.compoundOf: compound attestation and its parts belong together: expected both or neither`,
      ],
    ],
    [
      'parts of a compound attestation that it does not make',
      'attestation: packed-basic',
      'attestation: packed-basic\n  compoundOf: [packed-self, apple]',
      [
        `${FILE}:15:15: authenticator.compoundOf: compound attestation and its parts belong together: expected both or neither`,
      ],
    ],
    [
      'a compound attestation of one part',
      'attestation: packed-basic',
      'attestation: compound\n  compoundOf: [packed-self]',
      [`${FILE}:15:15: authenticator.compoundOf: expected at least two: a compound statement has several`],
    ],
    [
      'an algorithm whose credentials nobody vouches for',
      'attestation: packed-basic',
      'attestation: apple\n  moreAttestations: [fido-u2f]',
      [
        `${FILE}:12:23: authenticator.algorithms[1]: apple can't vouch for credentials of EdDSA: expected another algorithm, or moreAttestations with packed-basic`,
      ],
    ],
    [
      'the same key twice',
      'title: A key',
      'title: A key\ntitle: Another',
      [`${FILE}:3:1: Map keys must be unique`],
    ],
    ['broken YAML', 'sources: {', 'sources: [', [expect.stringMatching(/^my-key\.yaml:7:\d+: /)]],
    [
      'something else altogether',
      GOOD,
      'just text\n',
      [`${FILE}:1:1: (root): expected object, got "just text"`],
    ],
  ])('is refused for %s', (_, from, to, expected) => {
    expect(problems(changed(from, to))).toEqual(expected);
  });

  it('is told everything that is wrong with it at once', () => {
    const text = changed('kind: security-key', 'kind: stick').replace('[FIDO_2_0]', '[FIDO_2_9]');
    expect(problems(text)).toHaveLength(2);
  });
});

/** Every way in which a profile can combine what its members need each other for. */
const anyProfile = fc.record({
  pin: fc.constantFrom(undefined, '{}', '{ minLengthRpIds: [example.org] }'),
  uv: fc.boolean(),
  pinUvAuthToken: fc.boolean(),
  alwaysUv: fc.constantFrom(true, false, undefined),
  protocols: fc.constantFrom('[]', '[1]', '[2]', '[2, 1]'),
  extensions: fc.subarray(['credProtect', 'hmac-secret', 'minPinLength']),
  versions: fc.constantFrom('[FIDO_2_0]', '[U2F_V2, FIDO_2_0]'),
  algorithms: fc.subarray(['ES256', 'EdDSA', 'ES512', 'ES256K', 'ML-DSA-44', 'RS256'], { minLength: 1 }),
  idLength: fc.option(fc.integer({ min: 16, max: 1023 }), { nil: undefined }),
  maxMsgSize: fc.oneof(fc.integer({ min: 1024, max: 2048 }), fc.integer({ min: 2048, max: 7609 })),
  discoverable: fc.boolean(),
  attestation: fc.constantFrom(...ATTESTATIONS),
  moreAttestations: fc.uniqueArray(fc.constantFrom(...ATTESTATIONS), { maxLength: 2 }),
  parts: fc.uniqueArray(fc.constantFrom(...COMPOUND_PARTS), { minLength: 2, maxLength: 3 }),
});

type Axes = typeof anyProfile extends fc.Arbitrary<infer T> ? T : never;

function textOf(axes: Axes): string {
  const compound = [axes.attestation, ...axes.moreAttestations].includes('compound');
  const optional = [
    axes.pin === undefined ? '' : `  pin: ${axes.pin}`,
    axes.uv ? '  userVerification: { modality: face }' : '',
    `  moreAttestations: [${axes.moreAttestations.join(', ')}]`,
    compound ? `  compoundOf: [${axes.parts.join(', ')}]` : '',
    axes.alwaysUv === undefined ? '' : `  alwaysUv: ${axes.alwaysUv}`,
    `  limits: ${JSON.stringify({ maxMsgSize: axes.maxMsgSize, maxCredentialIdLength: axes.idLength })}`,
  ].filter((one) => one !== '');
  return [
    ...GOOD.split('\n').slice(0, 9),
    `  versions: ${axes.versions}`,
    '  transports: [usb]',
    `  algorithms: [${axes.algorithms.join(', ')}]`,
    `  extensions: [${axes.extensions.join(', ')}]`,
    `  attestation: ${axes.attestation}`,
    `  discoverable: ${axes.discoverable}`,
    `  pinUvAuthToken: ${axes.pinUvAuthToken}`,
    `  pinUvAuthProtocols: ${axes.protocols}`,
    ...optional,
  ].join('\n');
}

describe('a profile that passes', () => {
  it('can be made into a device, whatever it combines', async () => {
    const crypto = createNodeCrypto();
    const clock = new VirtualClock();
    const root = await createTestRoot(crypto, clock.now());
    const trace = { emit: () => {} };
    let made = 0;
    await fc.assert(
      fc.asyncProperty(anyProfile, async (axes) => {
        const text = textOf(axes);
        fc.pre(problems(text).length === 0);
        made += 1;
        const profile = parse(text);
        const device = await createEmulatedDevice({ id: 'key', profile, crypto, clock, trace, root });
        await device.close();
      }),
      { numRuns: 150 },
    );
    expect(made).toBeGreaterThan(20);
  });
});
