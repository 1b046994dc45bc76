/**
 * What a ceremony does with one device, in two steps: find out whether it fits without bothering anybody, then do it.
 */
import type { DeviceSession } from './device-session.js';
import type { Outcome } from './outcome.js';

/** `create()` or `get()` on any device. */
export interface DeviceOperation<T> {
  /** Whether the device can serve, asked without its user. */
  prepare(session: DeviceSession): Promise<Outcome<PreparedOperation<T>>>;
}

/** It can. */
export interface PreparedOperation<T> {
  /** Whether `run` asks for a PIN or a finger before the command. Of several devices, a touch then picks the one that is meant. */
  readonly asksFirst: boolean;
  run(): Promise<Outcome<T>>;
}
