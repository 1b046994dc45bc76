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
import type { EmulatedDevice } from './emulated-device.js';
import type { Browser, CeremonyOptions, PromptSummary } from './rig.js';

/** What is around the page. */
export interface BrowserParts {
  readonly devices: readonly EmulatedDevice[];
  readonly profile: PlatformProfile;
  /** Of the profile. */
  readonly browser: string;
  readonly environment: Environment;
  readonly people: ScriptedPeople;
  readonly world: World;
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly trace: TraceSink;
  /** Aborts when the rig is closed; its reason is what ceremonies end with. */
  readonly closed: AbortSignal;
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
  parts.closed.throwIfAborted();
  const { profile, browser, environment, world, crypto, clock, trace } = parts;
  const person = parts.people.next();
  const ui = platformUserInterface({ profile, browser, environment, person, world, trace });
  const stopWatching = parts.devices.map((device) => watch(device, ui));
  const client = createWebAuthnClient({
    devices: () => parts.devices.map((device) => device.client),
    ui,
    clock,
    crypto,
    trace,
  });
  try {
    const ends = [ui.cancelled, parts.closed];
    return await run(client, AbortSignal.any(call.signal === undefined ? ends : [call.signal, ...ends]));
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
