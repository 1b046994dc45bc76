/**
 * A relying party that an adapter describes.
 */

import type { Clock } from '../ports.js';
import type { TraceSink } from '../trace/events.js';
import { usesPlaceholder } from './adapter-references.js';
import type { Adapter } from './adapter-schema.js';
import { AdapterSession, type SessionSetting } from './adapter-session.js';
import { type Fetch, HttpClient } from './http-client.js';
import { SavedSecrets } from './saved-secrets.js';
import type { Target, TargetCapability, TargetPolicy, TargetSession, TargetUser } from './target.js';

/** Where a relying party is, with every default filled in. */
export interface TargetPlace {
  readonly baseUrl: string;
  readonly origin: string;
  readonly rpId: string;
}

/** What an adapter target is made of. */
export interface AdapterTargetParts {
  readonly id: string;
  readonly adapter: Adapter;
  readonly place: TargetPlace;
  readonly trace: TraceSink;
  readonly clock: Clock;
  readonly deadlines: Clock;
  readonly fetch: Fetch;
  /** Ends what was started for it. */
  close(): Promise<void>;
}

/** Makes a {@link Target} of an adapter. */
export function createAdapterTarget(parts: AdapterTargetParts): Target {
  const { adapter, place } = parts;
  const { trace, clock, deadlines, fetch } = parts;
  const setting: SessionSetting = {
    adapter,
    client: new HttpClient({ origin: place.baseUrl, limits: adapter.limits, trace, clock, deadlines, fetch }),
    scope: { ...place },
    usersByEmail: new Map(),
    secrets: new SavedSecrets(adapter),
  };
  return {
    id: parts.id,
    origin: place.origin,
    rpId: place.rpId,
    policy: adapter.policy satisfies TargetPolicy,
    capabilities: capabilitiesOf(adapter),
    openSession: (name): TargetSession => new AdapterSession(name, setting),
    // A session of its own: a sign-up that signs in must not sign anybody else in.
    createUser: (user: TargetUser) => new AdapterSession('set-up', setting).createUser(user),
    close: () => parts.close(),
  };
}

function capabilitiesOf({
  users,
  signIn,
  register,
  whoami,
  credentials,
  signOut,
}: Adapter): ReadonlySet<TargetCapability> {
  const verbs: Record<TargetCapability, unknown> = {
    users: users.create,
    register,
    'signIn.username': signIn.username,
    'signIn.usernameless': signIn.usernameless,
    'signIn.password': signIn.password ?? users.login,
    'signIn.methods': signIn.methods,
    whoami,
    'credentials.list': credentials.list,
    'credentials.delete': credentials.delete,
    signOut,
    'options.wishes': usesPlaceholder([register, signIn], 'wishes') || undefined,
  };
  return new Set(capabilityNames(verbs).filter((name) => verbs[name] !== undefined));
}

function capabilityNames(verbs: Record<TargetCapability, unknown>): TargetCapability[] {
  // Object.keys forgets the names' type; they are exactly those of the record above.
  return Object.keys(verbs) as TargetCapability[];
}
