/**
 * A browser that is none: our client and a platform's screens behind `navigator.credentials`. A page has one request at a time,
 * and a platform shows one at a time.
 */
import { createWebAuthnClient, type WebAuthnClient } from '../client/webauthn-client.js';
import type { Crypto } from '../crypto/crypto.js';
import type { ScriptedPeople } from '../platform/person.js';
import type { Environment, World } from '../platform/ports.js';
import type { PlatformProfile } from '../platform/profile.js';
import { type PlatformUserInterface, platformUserInterface } from '../platform/user-interface.js';
import type { Clock } from '../ports.js';
import type { TraceSink } from '../trace/events.js';
import { WebAuthnError } from '../webauthn/errors.js';
import type { EmulatedDevice } from './emulated-device.js';
import type { Browser, CeremonyOptions, PromptSummary } from './rig.js';
import type { Turns } from './turns.js';

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
  /** The platform's screens: all pages of a rig share them. */
  readonly turns: Turns;
  /** Told what each ceremony showed, when it is over. */
  readonly onSummary: (summary: PromptSummary) => void;
}

/** A page at `origin`. */
export function emulatedBrowser(origin: string, parts: BrowserParts): Browser {
  const page = new Page(parts);
  return {
    origin,
    create: (options, call = {}) =>
      page.run(call, (client, signal) => client.createJson({ origin }, options, { ...call, signal })),
    get: (options, call = {}) =>
      page.run(call, (client, signal) => client.getJson({ origin }, options, { ...call, signal })),
  };
}

class Page {
  readonly #parts: BrowserParts;
  #busy = false;

  constructor(parts: BrowserParts) {
    this.#parts = parts;
  }

  /** Runs a ceremony, unless one of this page runs already (Credential Management §2.5.1, active credential types). */
  async run<T>(
    call: CeremonyOptions,
    work: (client: WebAuthnClient, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    if (this.#busy) throw new WebAuthnError('NotAllowedError', 'a request of this page is pending already');
    this.#busy = true;
    try {
      const { closed, turns } = this.#parts;
      const given = call.signal === undefined ? closed : AbortSignal.any([call.signal, closed]);
      return await turns.take(() => ceremony(this.#parts, given, work), given);
    } finally {
      this.#busy = false;
    }
  }
}

/** Runs one ceremony in front of screens of its own. */
async function ceremony<T>(
  parts: BrowserParts,
  given: AbortSignal,
  run: (client: WebAuthnClient, signal: AbortSignal) => Promise<T>,
): Promise<T> {
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
    return await run(client, AbortSignal.any([given, ui.cancelled]));
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
