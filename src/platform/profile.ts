/**
 * A platform as data: what is shown, what leads where, and how we know. The schema is also published as JSON Schema.
 */
import { checkProfile } from './profile-check.js';
import { profileShape } from './profile-shape.js';

export type {
  Evidence,
  ObservedRow,
  PlatformProfile,
  ProfileBrowser,
  ProfileStep,
} from './profile-shape.js';

/**
 * The schema of `profiles/platforms/*.yaml`, cross-references included: a profile that passes can be run.
 *
 * @example
 * ```ts
 * const profile = parseYaml(platformProfileSchema, text, 'win11-23h2.yaml', 'profile-invalid');
 * ```
 */
export const platformProfileSchema = profileShape.check((context) => {
  for (const { path, message } of checkProfile(context.value))
    context.issues.push({ code: 'custom', input: context.value, path: [...path], message });
});
