/**
 * What is wrong with the managed side of a profile, in the profile's own words: the rules are the authenticator's.
 */
import { claimFaults } from '../authenticator/claims.js';
import type { Fault } from '../authenticator/config-fault.js';
import { credentialFaults } from '../authenticator/credential-check.js';
import { enterpriseFaults, managementFaults, tellingFaults } from '../authenticator/management-check.js';
import { versionFaults } from '../authenticator/version-check.js';
import { coseAlgorithm } from '../ctap/cose.js';
import { voucherOf } from './device-attestation.js';
import { authenticatorConfig } from './device-config.js';
import type { DeviceProfile } from './device-profile.js';

/** One thing that no authenticator can be. */
export interface Contradiction {
  /** Below the root. */
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Where the members of an authenticator's configuration stand in a profile, below `authenticator`. */
const PLACES: readonly (readonly [prefix: string, path: readonly string[]])[] = [
  ['options.alwaysUv', ['alwaysUv']],
  ['options', ['options']],
  ['minPinLengthRpIds', ['pin', 'minLengthRpIds']],
  ['limits.maxPinLength', ['pin', 'maxLength']],
  ['pinComplexity', ['pin', 'complexity']],
  ['builtInUv', ['userVerification']],
  ['bio', ['userVerification', 'sensor']],
  ['enterprise', ['enterprise']],
  ['countsVerifications', ['userVerification', 'counted']],
  ['extensions', ['extensions']],
  ['claims.hiddenOptions', ['hides', 'options']],
  ['claims', ['claims']],
];

/** What needs something that the profile doesn't have. */
export function managementProblems(profile: DeviceProfile): readonly Contradiction[] {
  const config = authenticatorConfig(profile);
  const faults = [
    ...tellingFaults(config),
    ...managementFaults(config),
    ...enterpriseFaults(config, voucherOf(profile.authenticator)),
    ...credentialFaults(config),
    ...claimFaults(config),
    ...versionFaults(config),
  ];
  return [
    ...faults.map((fault) => ({ path: ['authenticator', ...placeOf(fault)], message: fault.why })),
    ...unlistedClaims(profile),
  ];
}

function placeOf({ member }: Fault): readonly string[] {
  const place = PLACES.find(([prefix]) => member === prefix || member.startsWith(`${prefix}.`));
  return place?.[1] ?? member.replace(/\[.*/, '').split('.');
}

/** Nothing is claimed in silence. */
function unlistedClaims(profile: DeviceProfile): readonly Contradiction[] {
  return claimsOf(profile)
    .filter((claim) => !profile.claimedOnly.includes(claim))
    .map((claim) => ({
      path: ['authenticator', 'claims'],
      message: `${claim} is claimed and not done: expected it under claimedOnly`,
    }));
}

/** What a profile shows and its device does not do, as `claimedOnly` lists it. */
export function claimsOf({ authenticator: key }: Pick<DeviceProfile, 'authenticator'>): readonly string[] {
  const {
    versions = [],
    extensions = [],
    transports = [],
    algorithms = [],
    options = {},
    members = {},
  } = key.claims ?? {};
  const done = {
    versions: new Set<string>(key.versions),
    extensions: new Set<string>(key.extensions),
    transports: new Set<string>(key.transports),
    algorithms: new Set<string>(key.algorithms),
  };
  return [
    ...versions.filter((name) => !done.versions.has(name)).map((name) => `version ${name}`),
    ...extensions.filter((name) => !done.extensions.has(name)).map((name) => `extension ${name}`),
    ...transports.filter((name) => !done.transports.has(name)).map((name) => `transport ${name}`),
    ...algorithms
      .map(algorithmName)
      .filter((name) => !done.algorithms.has(name))
      .map((name) => `algorithm ${name}`),
    ...Object.keys(options).map((name) => `option ${name}`),
    ...Object.keys(members).map((name) => `member ${name}`),
  ];
}

function algorithmName(id: number): string {
  return coseAlgorithm(id)?.name ?? String(id);
}
