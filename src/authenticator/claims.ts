/**
 * What getInfo shows and the key does not do. Real devices claim more than an emulation does, and leave out what it could say; a key that is
 * to look like one of them, member by member, has to do the same.
 *
 * A claim changes what is shown and nothing else. Whoever relies on one is refused as any key refuses what it doesn't have: unknown commands
 * with CTAP1_ERR_INVALID_COMMAND, algorithms with CTAP2_ERR_UNSUPPORTED_ALGORITHM; an extension gets no output.
 */
import { type credentialParameters, PUBLIC_KEY_TYPE } from '../ctap/messages/entities.js';
import type { GetInfoResponse } from '../ctap/messages/get-info.js';
import type { Value } from '../ctap/messages/shape.js';
import type { AuthenticatorConfig } from './config.js';
import { type Fault, faultIf } from './config-fault.js';

type Parameters = Value<typeof credentialParameters>;

/** Members with one value, which a claim may put in place of what follows from the configuration. */
export type ClaimableMembers = Pick<
  GetInfoResponse,
  | 'maxMsgSize'
  | 'pinUvAuthProtocols'
  | 'maxCredentialCountInList'
  | 'maxCredentialIdLength'
  | 'maxSerializedLargeBlobArray'
  | 'forcePINChange'
  | 'minPINLength'
  | 'firmwareVersion'
  | 'maxCredBlobLength'
  | 'maxRPIDsForSetMinPINLength'
  | 'preferredPlatformUvAttempts'
  | 'uvModality'
  | 'certifications'
  | 'remainingDiscoverableCredentials'
>;

/** All of {@link ClaimableMembers}, so that none is forgotten. */
export const CLAIMABLE_MEMBERS = [
  'maxMsgSize',
  'pinUvAuthProtocols',
  'maxCredentialCountInList',
  'maxCredentialIdLength',
  'maxSerializedLargeBlobArray',
  'forcePINChange',
  'minPINLength',
  'firmwareVersion',
  'maxCredBlobLength',
  'maxRPIDsForSetMinPINLength',
  'preferredPlatformUvAttempts',
  'uvModality',
  'certifications',
  'remainingDiscoverableCredentials',
] as const satisfies readonly (keyof ClaimableMembers)[];

/**
 * How getInfo differs from what the key does.
 *
 * @example
 * ```ts
 * const claims: InfoClaims = { versions: ['FIDO_2_0', 'FIDO_2_3'], options: { ep: false }, hiddenOptions: ['plat'] };
 * ```
 */
export interface InfoClaims {
  /** These lists are shown as they stand here, whatever is done. */
  readonly versions?: readonly string[];
  readonly extensions?: readonly string[];
  readonly transports?: readonly string[];
  /** COSE numbers. */
  readonly algorithms?: readonly number[];
  /** Shown besides the others, or in their place. */
  readonly options?: Readonly<Record<string, boolean>>;
  /** Options that are not shown; without any option that is, there is no member `options`. */
  readonly hiddenOptions?: readonly string[];
  readonly members?: ClaimableMembers;
}

/** getInfo with the claims in it. */
export function withClaims(info: GetInfoResponse, claims: InfoClaims | undefined): GetInfoResponse {
  if (claims === undefined) return info;
  const { versions, extensions, transports, algorithms } = claims;
  const { options: _, ...others } = info;
  const options = optionsWith(info.options ?? new Map(), claims);
  return {
    ...others,
    ...(options.size === 0 ? {} : { options }),
    ...(versions === undefined ? {} : { versions }),
    ...(extensions === undefined ? {} : { extensions }),
    ...(transports === undefined ? {} : { transports }),
    ...(algorithms === undefined ? {} : { algorithms: algorithms.map(parameters) }),
    ...claims.members,
  };
}

function optionsWith(
  shown: ReadonlyMap<string, boolean>,
  { options = {}, hiddenOptions = [] }: InfoClaims,
): ReadonlyMap<string, boolean> {
  const kept = [...shown].filter(([name]) => !hiddenOptions.includes(name));
  return new Map([...kept, ...Object.entries(options)]);
}

const parameters = (alg: number): Parameters => ({ alg, type: PUBLIC_KEY_TYPE });

/** A claim that hides what it claims is a slip. */
export function claimFaults({ claims }: AuthenticatorConfig): readonly Fault[] {
  if (claims === undefined) return [];
  const { options = {}, hiddenOptions = [], members = {} } = claims;
  const strangers = Object.keys(members).filter((name) => !CLAIMABLE_MEMBERS.some((known) => known === name));
  return [
    ...hiddenOptions.flatMap((name, at) =>
      faultIf(name in options, `claims.hiddenOptions[${at}]`, `${name} can't be claimed and hidden at once`),
    ),
    ...strangers.map((name) => ({
      member: `claims.members.${name}`,
      why: `there is no member ${name} to claim`,
    })),
  ];
}
