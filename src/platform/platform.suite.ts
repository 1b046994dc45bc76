/** What the tests of this room start from: the shipped profiles, a plain request, a key and a phone. */
import { readdirSync, readFileSync } from 'node:fs';
import type { CeremonyRequest } from '../client/ports.js';
import { parseYaml } from '../data/located-yaml.js';
import type { PublicKeyCredentialDescriptor } from '../webauthn/types.js';
import { browserOf, type EnvironmentWishes, resolveEnvironment } from './environment.js';
import { PromptMachine } from './machine.js';
import type { Environment } from './ports.js';
import { type PlatformProfile, platformProfileSchema } from './profile.js';
import type { MachineDevice, PromptState } from './state.js';

const FOLDER = new URL('../../profiles/platforms/', import.meta.url);

/** A shipped profile. */
export function loadProfile(id: string): PlatformProfile {
  const name = `${id}.yaml`;
  return parseYaml(
    platformProfileSchema,
    readFileSync(new URL(name, FOLDER), 'utf8'),
    name,
    'profile-invalid',
  );
}

/** All shipped profiles. */
export function loadProfiles(): readonly PlatformProfile[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => loadProfile(name.replace(/\.yaml$/, '')));
}

/** A sign-in without a username: the plainest way for a phone to come first. */
export const signIn: CeremonyRequest = {
  operation: 'get',
  rpId: 'example.com',
  origin: 'https://example.com',
  allowCredentials: [],
  excludeCredentials: [],
  residentKey: 'preferred',
  userVerification: 'preferred',
  hints: [],
  mediation: 'optional',
};

/** A new passkey on a device that can be carried. */
export const register: CeremonyRequest = {
  ...signIn,
  operation: 'create',
  attachment: 'cross-platform',
  residentKey: 'required',
  userName: 'ada',
};

/** One descriptor per list of transports; `undefined` stands for none said. */
export function allow(
  ...transports: (readonly string[] | undefined)[]
): Pick<CeremonyRequest, 'allowCredentials'> {
  return {
    allowCredentials: transports.map(
      (names, at): PublicKeyCredentialDescriptor => ({
        type: 'public-key',
        id: Uint8Array.of(at),
        ...(names === undefined ? {} : { transports: names }),
      }),
    ),
  };
}

/** A key in a drawer, without a PIN. */
export const key: MachineDevice = {
  id: 'key',
  label: 'Security key',
  kind: 'security-key',
  plugged: false,
  pinSet: false,
};

/** A phone within reach. */
export const phone: MachineDevice = {
  id: 'phone',
  label: "Ada's phone",
  kind: 'phone',
  plugged: false,
  pinSet: false,
};

/** The machine's own authenticator. */
export const laptop: MachineDevice = {
  id: 'laptop',
  label: 'This device',
  kind: 'platform',
  plugged: false,
  pinSet: false,
};

/** A local credential of one user. */
export function local(user: string): Environment['localCredentials'][number] {
  const bytes = new TextEncoder().encode(user);
  return { device: 'laptop', id: bytes, userId: bytes, userName: user };
}

/** What a machine is made from, in short. */
export interface MachineWishes {
  readonly environment?: EnvironmentWishes;
  readonly local?: readonly string[];
  readonly request?: CeremonyRequest;
  readonly devices?: readonly MachineDevice[];
}

/** A machine for a profile. */
export function machineFor(
  profile: PlatformProfile,
  { environment, local: users = [], request = signIn, devices = [key, phone] }: MachineWishes = {},
): PromptMachine {
  return new PromptMachine({
    profile,
    browser: browserOf(profile),
    environment: { ...resolveEnvironment(profile, environment), localCredentials: users.map(local) },
    request,
    devices,
  });
}

/** Does what instructions' words say, by label, and fails on anything that is not offered. */
export function walk(machine: PromptMachine, start: PromptState, ...words: readonly string[]): PromptState {
  return words.reduce((state, word) => {
    const [verb, ...label] = word.split(' ');
    const screen = machine.screen(state);
    const name = label.join(' ');
    const row = screen.choices.find((one) => one.label === name);
    const action =
      verb === 'select'
        ? { kind: 'select' as const, choice: row?.id ?? name }
        : verb === 'press'
          ? { kind: 'press' as const, control: name }
          : machine.offered(state).find(({ kind }) => kind === verb);
    const result = machine.act(state, action ?? { kind: 'press', control: word });
    if (!result.ok) throw new Error(`${state.step} does not offer "${word}"`);
    return result.state;
  }, start);
}
