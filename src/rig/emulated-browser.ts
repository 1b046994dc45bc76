/**
 * A browser that is none: our client and a platform's screens behind `navigator.credentials`, one ceremony at a time.
 */
import { createWebAuthnClient, type WebAuthnClient } from '../client/webauthn-client.js';
import type { Crypto } from '../crypto/crypto.js';
import type { ScriptedPeople } from '../platform/person.js';
import type { Environment, World } from '../platform/ports.js';
import type { PlatformProfile } from '../platform/profile.js';
import { type PlatformUserInterface, platformUserInterface } from '../platform/user-interface.js';
import type { Clock } from '../ports.js';
import type { TraceSink } from '../trace/events.js';
import { compact } from '../webauthn/compact.js';
import type { EmulatedDevice } from './emulated-device.js';
import type { Browser, CeremonyOptions, PromptSummary } from './rig.js';

/** What is around the page. */
export interface BrowserParts {
  readonly devices: readonly EmulatedDevice[];
  readonly profile: PlatformProfile;
  /** Of the profile; by default its first. */
  readonly browser: string | undefined;
  readonly environment: Environment;
  readonly people: ScriptedPeople;
  readonly world: World;
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly trace: TraceSink;
  /** Told what each ceremony showed, when it is over. */
  readonly onSummary: (summary: PromptSummary) => void;
}

/** A page at `origin`. */
export function emulatedBrowser(origin: string, parts: BrowserParts): Browser {
  return {
    origin,
    create: (options, call = {}) =>
      ceremony(parts, call, (client, signal) => client.createJson({ origin }, options, { ...call, signal })),
    get: (options, call = {}) =>
      ceremony(parts, call, (client, signal) => client.getJson({ origin }, options, { ...call, signal })),
  };
}

/** Runs one ceremony in front of screens of its own. */
async function ceremony<T>(
  parts: BrowserParts,
  call: CeremonyOptions,
  run: (client: WebAuthnClient, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const ui = platformUserInterface(
    compact({
      profile: parts.profile,
      browser: parts.browser,
      environment: parts.environment,
      person: parts.people.next(),
      world: parts.world,
      trace: parts.trace,
    }),
  );
  const stopWatching = parts.devices.map((device) => watch(device, ui));
  const { crypto, clock, trace } = parts;
  const client = createWebAuthnClient({
    devices: () => parts.devices.map((device) => device.client),
    ui,
    clock,
    crypto,
    trace,
  });
  try {
    return await run(
      client,
      call.signal === undefined ? ui.cancelled : AbortSignal.any([call.signal, ui.cancelled]),
    );
  } finally {
    for (const stop of stopWatching) stop();
    ui.close();
    parts.onSummary(ui.summary());
  }
}

/** Screens change when keys come and go. */
function watch(device: EmulatedDevice, ui: PlatformUserInterface): () => void {
  if (device.kind !== 'security-key') return () => {};
  return device.watch((plugged) => (plugged ? ui.plugged(device.id) : ui.unplugged(device.id)));
}
