/**
 * The platform's half of authenticatorConfig (CTAP 2.1 §6.11).
 */
import {
  CONFIG_SUBCOMMANDS,
  type ConfigSubcommandName,
  configProofMessage,
  type SetMinPinLengthParams,
  setMinPinLengthParams,
} from '../ctap/messages/config.js';
import type { Answer } from '../ctap/messages/message.js';
import type { Acknowledgement, CtapClient } from './ctap-client.js';
import type { PinUvAuthToken } from './pin-client.js';

/** The sub-commands. Methods resolve to statuses as values and reject like those of {@link CtapClient}. */
export interface ConfigClient {
  enableEnterpriseAttestation(): Promise<Answer<Acknowledgement>>;
  toggleAlwaysUv(): Promise<Answer<Acknowledgement>>;
  setMinPinLength(params: SetMinPinLengthParams): Promise<Answer<Acknowledgement>>;
  enableLongTouchForReset(): Promise<Answer<Acknowledgement>>;
}

/**
 * Makes a client.
 *
 * @param token With the permission `acfg`; without one for a key that nothing protects yet
 *
 * @example
 * ```ts
 * await createConfigClient(ctap, token).setMinPinLength({ newMinPINLength: 6, minPinLengthRPIDs: ['example.org'] });
 * ```
 */
export function createConfigClient(ctap: CtapClient, token?: PinUvAuthToken): ConfigClient {
  const ask = (name: ConfigSubcommandName, params?: SetMinPinLengthParams) => {
    const subCommand = CONFIG_SUBCOMMANDS[name];
    const subCommandParams = params && setMinPinLengthParams.write(params);
    const message = configProofMessage(subCommand, subCommandParams);
    return ctap.config({
      subCommand,
      ...(subCommandParams === undefined ? {} : { subCommandParams }),
      ...(token === undefined
        ? {}
        : { pinUvAuthProtocol: token.protocol, pinUvAuthParam: token.authenticate(message) }),
    });
  };
  return {
    enableEnterpriseAttestation: () => ask('enableEnterpriseAttestation'),
    toggleAlwaysUv: () => ask('toggleAlwaysUv'),
    setMinPinLength: (params) => ask('setMinPINLength', params),
    enableLongTouchForReset: () => ask('enableLongTouchForReset'),
  };
}
