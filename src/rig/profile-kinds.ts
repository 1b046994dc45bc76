/**
 * What profiles describe.
 */

/** Every kind of profile, each in a folder of its own below `profiles/`. */
export const PROFILE_KINDS = ['device', 'platform', 'relying-party'] as const;

/** One of {@link PROFILE_KINDS}. */
export type ProfileKind = (typeof PROFILE_KINDS)[number];
