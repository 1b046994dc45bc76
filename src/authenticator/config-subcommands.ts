/**
 * Which sub-commands of authenticatorConfig a key has: those that there is something for (CTAP 2.1 §6.11, CTAP 2.3 §6.4).
 */
import { CONFIG_SUBCOMMANDS, type ConfigSubcommandName } from '../ctap/messages/config.js';
import type { AuthenticatorConfig } from './config.js';

/** Everything but `vendorPrototype`, for no vendor has prototypes here. */
export type OfferedSubcommandName = Exclude<ConfigSubcommandName, 'vendorPrototype'>;

const OFFERED: Readonly<Record<OfferedSubcommandName, (config: AuthenticatorConfig) => boolean>> = {
  enableEnterpriseAttestation: ({ options }) => options.ep === true,
  toggleAlwaysUv: ({ options }) => options.alwaysUv !== undefined,
  setMinPINLength: ({ options }) => options.setMinPINLength === true,
  enableLongTouchForReset: ({ reset }) => reset?.longTouch === 'configurable',
};

/** The sub-commands of a key with authenticatorConfig, in the order of their numbers. */
export function configSubcommands(config: AuthenticatorConfig): readonly OfferedSubcommandName[] {
  const names = Object.keys(OFFERED) as OfferedSubcommandName[];
  return names.filter((name) => OFFERED[name](config));
}

/** The sub-command of a number, if the key has it. */
export function configSubcommand(
  config: AuthenticatorConfig,
  number: number,
): OfferedSubcommandName | undefined {
  return configSubcommands(config).find((name) => CONFIG_SUBCOMMANDS[name] === number);
}
