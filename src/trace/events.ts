/**
 * What can happen, as data: every layer writes these events onto one timeline.
 *
 * An event is redacted before it reaches a sink (`redact.ts`); reports are drawn from events and results alone.
 * They are type aliases, not interfaces, so that a result's open event records take them without a cast.
 */

/** JSON as it is written to `trace.jsonl`. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json | undefined };

/** One CTAP message between client and device, decoded with named fields. */
export type CtapEvent = {
  readonly layer: 'ctap';
  readonly kind: 'request' | 'response' | 'keepalive' | 'cancel';
  readonly device: string;
  /** Command or status by name, e.g. `authenticatorGetAssertion`, `CTAP2_ERR_PIN_INVALID`. */
  readonly name: string;
  readonly fields?: Json;
  /** The message in hex; left out where it carries a secret in the clear. */
  readonly hex?: string;
};

/** A call of `navigator.credentials` as the page sees it; `device` says why one of the devices left the ceremony. */
export type WebAuthnEvent = {
  readonly layer: 'webauthn';
  readonly kind: 'create' | 'get' | 'device' | 'result' | 'error';
  readonly origin: string;
  readonly name: string;
  readonly fields?: Json;
};

/** What the platform shows, and what the user does with it. */
export type PromptEvent = {
  readonly layer: 'prompt';
  readonly kind: 'show' | 'act' | 'close';
  /** The prompt's step id, e.g. `W1`. */
  readonly step: string;
  readonly title?: string;
  readonly fields?: Json;
};

/** What the person at the device does: touch, deny, PIN entered, plug. */
export type UserEvent = {
  readonly layer: 'user';
  readonly kind:
    | 'wait'
    | 'touch'
    | 'deny'
    | 'verify'
    | 'pin'
    | 'plug'
    | 'unplug'
    | 'power-cycle'
    | 'timeout'
    /** The device did something wrong that it had been told to do wrong. */
    | 'fault';
  readonly device: string;
  readonly fields?: Json;
};

/** One HTTP exchange with the relying party. */
export type HttpEvent = {
  readonly layer: 'http';
  readonly kind: 'request' | 'response' | 'failure';
  /** Which cookie jar sent it, e.g. `alice`. */
  readonly jar: string;
  readonly name: string;
  readonly fields?: Json;
};

/** The engine's own marks: steps, checks, observations. */
export type ScenarioEvent = {
  readonly layer: 'scenario';
  readonly kind: 'step' | 'check' | 'observation' | 'note';
  readonly name: string;
  readonly fields?: Json;
};

/** Any event, without its place on the timeline. */
export type TraceEvent = CtapEvent | WebAuthnEvent | PromptEvent | UserEvent | HttpEvent | ScenarioEvent;

/** An event on the timeline. */
export type TimedTraceEvent = TraceEvent & {
  /** Position in the run, from 0. */
  readonly sequence: number;
  /** Milliseconds since the Unix epoch, by the run's clock. */
  readonly at: number;
};

/** Where events go. Emitting never throws and never waits. */
export interface TraceSink {
  emit(event: TraceEvent): void;
}
