/**
 * The options of getInfo as they stand now, from which both GetInfo and the other commands read. Absent, false and true mean three
 * different things (CTAP 2.1 §6.4, "options").
 */
import type { AuthenticatorConfig, AuthenticatorOptions } from './config.js';
import type { AuthenticatorState, PinState } from './ports.js';

/** The options by name; a missing one is not supported. */
export interface OptionValues extends AuthenticatorOptions {
  readonly up: true;
  /** Built-in verification: absent there is none, false it is not set up. */
  readonly uv?: boolean;
}

/** What the options depend on besides the configuration. */
export interface OptionSources {
  readonly pin: PinState | undefined;
  readonly state: Pick<AuthenticatorState, 'alwaysUv'>;
  /** Whether built-in verification is set up. */
  readonly verificationConfigured: boolean;
}

/** The options as they stand. */
export function optionValues(config: AuthenticatorConfig, sources: OptionSources): OptionValues {
  const { clientPin, alwaysUv, ...fixed } = config.options;
  const strict = alwaysUv !== undefined && sources.state.alwaysUv;
  return {
    ...fixed,
    up: true,
    ...(clientPin === true ? { clientPin: sources.pin?.hash !== undefined } : {}),
    ...(config.builtInUv === undefined ? {} : { uv: sources.verificationConfigured }),
    ...(alwaysUv === undefined ? {} : { alwaysUv: strict }),
    // CTAP 2.1 §7.2: while every operation needs verification, none can do without.
    ...(strict && fixed.makeCredUvNotRqd === true ? { makeCredUvNotRqd: false } : {}),
  };
}

/** "Protected by some form of user verification" (CTAP 2.1 §6.1.2): a PIN is set or built-in verification is set up, nothing else. */
export function isProtected(options: OptionValues): boolean {
  return options.clientPin === true || options.uv === true;
}

/** Whether a PIN that is set could authorise MakeCredential and GetAssertion. */
export function pinServes(options: OptionValues): boolean {
  return options.clientPin === true && options.noMcGaPermissionsWithClientPin !== true;
}

/** Whether a PIN, set or still to be set, could authorise MakeCredential and GetAssertion. */
export function pinCouldServe(options: OptionValues): boolean {
  return options.clientPin !== undefined && options.noMcGaPermissionsWithClientPin !== true;
}
