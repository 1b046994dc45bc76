/**
 * What the scenario engine needs from the rooms around it. Types only.
 */
import type { Clock } from '../ports.js';
import type { DeviceControl, Rig } from '../rig/rig.js';
import type { TimedTraceEvent, TraceSink } from '../trace/events.js';

/** The timeline as the engine uses it; `trace/timeline.ts` is one. */
export interface Recorder extends TraceSink {
  /** A recorder for one result, in the same numbering. */
  child(): Recorder;
  /** Hands over what was recorded since the last call, in order, and forgets it. */
  take(): { readonly events: readonly TimedTraceEvent[] };
}

/** What a device profile must be able to do to stand for a scenario's device. */
export type DeviceTrait =
  /** Takes a PIN (clientPin). */
  | 'pin'
  /** Keeps discoverable credentials. */
  | 'discoverable'
  /** Its credentials never leave it: BE = 0. */
  | 'device-bound'
  /** Its credentials are backed up: BE = 1, BS = 1. */
  | 'synced';

/** A device that a run may use: what `--device` named, or the default ones. */
export interface AvailableDevice {
  /** What `makeRig` knows it by: a profile's name, or an address such as `hid:/dev/hidraw3`. */
  readonly profile: string;
  readonly kind: DeviceControl['kind'];
  readonly traits: ReadonlySet<DeviceTrait>;
  /** True for one piece of hardware: it can't stand for two devices of a scenario. */
  readonly exclusive?: boolean;
}

/** One device of a rig to be made. */
export interface RequestedDevice {
  /** What the scenario calls it: `Rig.device(id)`. */
  readonly id: string;
  readonly profile: string;
}

/** A rig to be made for one run. */
export interface RigRequest {
  /** The run's id, e.g. `prioritised-phone/edge`. */
  readonly run: string;
  /** This run's own seed: it does not depend on which runs came before. */
  readonly seed: string;
  /** Name of the platform profile. */
  readonly platform: string;
  /** `undefined`: the profile's default browser. */
  readonly browser: string | undefined;
  /** Fresh, plugged in, without a PIN. */
  readonly devices: readonly RequestedDevice[];
  readonly trace: TraceSink;
  readonly clock: Clock;
  /** Aborts when the run is over: nobody waits any longer. */
  readonly signal: AbortSignal;
}

/** Wires one target, one platform and its devices together. The engine closes what it made. */
export type MakeRig = (request: RigRequest) => Promise<Rig>;
