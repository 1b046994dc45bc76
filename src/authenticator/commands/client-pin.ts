/**
 * authenticatorClientPIN (CTAP 2.1 §6.5): which sub-commands there are, and the ones that only tell something.
 */
import type { CborMap } from '../../ctap/cbor.js';
import {
  CLIENT_PIN_SUBCOMMANDS,
  type ClientPinRequest,
  type ClientPinSubcommandName,
} from '../../ctap/messages/client-pin.js';
import type { AuthenticatorConfig } from '../config.js';
import type { CommandContext } from '../context.js';
import { needsPowerCycle } from '../pin.js';
import { chooseProtocol } from '../protocol-choice.js';
import type { CommandResult } from '../result.js';
import { pinState } from '../state.js';
import { changePin, setPin } from './client-pin-set.js';
import { getPinToken, tokenUsingPin, tokenUsingUv } from './client-pin-token.js';
import { answer, must, PIN_MEMBERS, type Subcommand, subcommand, unknownSubcommand } from './subcommand.js';

type Offered = (config: AuthenticatorConfig) => boolean;

const withPin: Offered = ({ options }) => options.clientPin === true;
const withTokens: Offered = ({ options }) => options.pinUvAuthToken === true;
const withUv: Offered = ({ builtInUv }) => builtInUv !== undefined;

/** Whether the key knows the command at all. */
export const offersClientPin: Offered = (config) => withPin(config) || withTokens(config);

const getPinRetries = subcommand({}, async (context) => {
  const { pinRetries } = await context.store.read((reader) => pinState(context.config, reader));
  return answer({ pinRetries, powerCycleState: needsPowerCycle(context) });
});

const getKeyAgreement = subcommand(
  { pinUvAuthProtocol: must(PIN_MEMBERS.pinUvAuthProtocol) },
  async (context, { pinUvAuthProtocol }) => {
    const version = chooseProtocol(context.config, pinUvAuthProtocol);
    if (!version.ok) return version;
    return answer({ keyAgreement: context.session.tokens.agreement(version.value).publicKey });
  },
);

const getUvRetries = subcommand({}, async (context) => {
  const { uvRetries } = await context.store.read((reader) => pinState(context.config, reader));
  return answer({ uvRetries });
});

/** Every sub-command, with the keys that have it. */
const SUBCOMMANDS: Readonly<
  Record<ClientPinSubcommandName, { readonly offered: Offered; readonly run: Subcommand }>
> = {
  getPINRetries: { offered: withPin, run: getPinRetries },
  getKeyAgreement: { offered: offersClientPin, run: getKeyAgreement },
  setPIN: { offered: withPin, run: setPin },
  changePIN: { offered: withPin, run: changePin },
  getPinToken: { offered: withPin, run: getPinToken },
  getPinUvAuthTokenUsingUvWithPermissions: {
    offered: (config) => withTokens(config) && withUv(config),
    run: tokenUsingUv,
  },
  getUVRetries: { offered: withUv, run: getUvRetries },
  getPinUvAuthTokenUsingPinWithPermissions: {
    offered: (config) => withTokens(config) && withPin(config),
    run: tokenUsingPin,
  },
};

const BY_NUMBER = new Map<number, (typeof SUBCOMMANDS)[ClientPinSubcommandName]>(
  (Object.keys(SUBCOMMANDS) as ClientPinSubcommandName[]).map((name) => [
    CLIENT_PIN_SUBCOMMANDS[name],
    SUBCOMMANDS[name],
  ]),
);

/** Runs a sub-command; `parameters` are the members that `request` was read from. */
export async function clientPin(
  context: CommandContext,
  request: ClientPinRequest,
  parameters: CborMap,
): Promise<CommandResult> {
  const found = BY_NUMBER.get(request.subCommand);
  if (found?.offered(context.config) === true) return found.run(context, parameters);
  return unknownSubcommand(context.quirks);
}
