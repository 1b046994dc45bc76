/**
 * The options of getInfo as they stand now, from which both GetInfo and the other commands read. Absent, false and true mean three
 * different things (CTAP 2.1 §6.4, "options").
 */
import type { AuthenticatorConfig, AuthenticatorOptions } from './config.js';
import type { Key } from './context.js';
import type { AuthenticatorState, PinState, StoreReader } from './ports.js';

/** The options by name; a missing one is not supported. */
export interface OptionValues extends AuthenticatorOptions {
  readonly up: true;
  /** Built-in verification: absent there is none, false it is not set up. */
  readonly uv?: boolean;
}

/** What the options depend on besides the configuration. */
export interface OptionSources {
  readonly pin: PinState | undefined;
  readonly state: Pick<AuthenticatorState, 'alwaysUv' | 'enterpriseAttestation'>;
  /** Whether built-in verification is set up. */
  readonly verificationConfigured: boolean;
}

/** The options of a key, by what they depend on. */
export type Options = (sources: OptionSources) => OptionValues;

/** The options of a configuration. There are sixteen cases at most, each worked out when it first occurs. */
export function optionsOf(config: AuthenticatorConfig): Options {
  const cases: OptionValues[] = [];
  return ({ pin, state, verificationConfigured }) => {
    const at =
      (pin?.hash === undefined ? 0 : 1) |
      (state.alwaysUv ? 2 : 0) |
      (verificationConfigured ? 4 : 0) |
      (state.enterpriseAttestation ? 8 : 0);
    cases[at] ??= optionValues(config, { pin, state, verificationConfigured });
    return cases[at];
  };
}

function optionValues(config: AuthenticatorConfig, sources: OptionSources): OptionValues {
  const {
    clientPin,
    alwaysUv,
    ep,
    bioEnroll,
    userVerificationMgmtPreview: preview,
    ...fixed
  } = config.options;
  const enrolled = sources.verificationConfigured;
  const strict = alwaysUv !== undefined && sources.state.alwaysUv;
  return {
    ...fixed,
    up: true,
    ...(clientPin === true ? { clientPin: sources.pin?.hash !== undefined } : {}),
    ...(config.builtInUv === undefined ? {} : { uv: enrolled }),
    ...(bioEnroll === true ? { bioEnroll: enrolled } : {}),
    ...(preview === true ? { userVerificationMgmtPreview: enrolled } : {}),
    ...(alwaysUv === undefined ? {} : { alwaysUv: strict }),
    ...(ep === true ? { ep: sources.state.enterpriseAttestation } : {}),
    // CTAP 2.1 §7.2: while every operation needs verification, none can do without.
    ...(strict && fixed.makeCredUvNotRqd === true ? { makeCredUvNotRqd: false } : {}),
  };
}

/** Whether built-in verification is set up: a key that enrols fingers itself knows, of all others their user does. */
export function isVerificationConfigured(
  { config, user }: Pick<Key, 'config' | 'user'>,
  reader: StoreReader,
): boolean {
  return config.bio === undefined ? user.verificationConfigured : reader.templates().length > 0;
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
