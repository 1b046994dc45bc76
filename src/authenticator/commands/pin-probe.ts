/**
 * Step 1 of MakeCredential and GetAssertion: a pinUvAuthParam of no bytes asks whether a PIN is set, on the one key that the user touches
 * (CTAP 2.1 §6.1.2 and §6.2.2; how platforms of CTAP 2.0 let the user select a key).
 *
 * It comes before everything but CBOR and its map: before the types of other members, before mandatory ones, before the protocol. Such a
 * request is made up, so nothing in it means anything but that one member.
 */
import type { CborKey, CborMap, CborValue } from '../../ctap/cbor.js';
import { rpEntity } from '../../ctap/messages/entities.js';
import { getAssertionRequest } from '../../ctap/messages/get-assertion.js';
import { makeCredentialRequest } from '../../ctap/messages/make-credential.js';
import type { CommandContext } from '../context.js';
import { type CommandResult, refuse } from '../result.js';
import { readStanding, requirePresence } from './authorization.js';

/** Answers the probe in a request's parameters; `undefined` when there is none. */
export type Probe = (context: CommandContext, parameters: CborMap) => Promise<CommandResult> | undefined;

const { rp, pinUvAuthParam: registrationParam } = makeCredentialRequest.members;
const { rpId, pinUvAuthParam: assertionParam } = getAssertionRequest.members;

/** MakeCredential's. */
export const registrationProbe = probe(registrationParam.key, (parameters) => {
  const entity = parameters.get(rp.key);
  return entity instanceof Map ? entity.get(rpEntity.members.id.key) : undefined;
});

/** GetAssertion's. */
export const assertionProbe = probe(assertionParam.key, (parameters) => parameters.get(rpId.key));

/** `rpIdOf` is for the user's eyes only: it may find nothing, or no text. */
function probe(key: CborKey, rpIdOf: (parameters: CborMap) => CborValue | undefined): Probe {
  return (context, parameters) => {
    const { clientPin, pinUvAuthToken } = context.config.options;
    const param = parameters.get(key);
    if (!(param instanceof Uint8Array) || param.length > 0) return undefined;
    // A key that knows neither PINs nor tokens has nothing to be probed for
    return clientPin === true || pinUvAuthToken === true ? answer(context, rpIdOf(parameters)) : undefined;
  };
}

async function answer(context: CommandContext, rpId: CborValue | undefined): Promise<CommandResult> {
  const { options } = await readStanding(context);
  const shown = typeof rpId === 'string' ? { rpId } : {};
  const touched = await requirePresence(context, { reason: 'pin-probe', ...shown });
  if (!touched.ok) return touched;
  return options.clientPin === true ? refuse('CTAP2_ERR_PIN_INVALID') : refuse('CTAP2_ERR_PIN_NOT_SET');
}
