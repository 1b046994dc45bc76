/**
 * authenticatorGetAssertion (CTAP 2.1 §6.2.2, with the errata of June 2022).
 */
import { COMMANDS } from '../../ctap/commands.js';
import type { GetAssertionRequest } from '../../ctap/messages/get-assertion.js';
import type { CommandContext } from '../context.js';
import { type Credential, findCredential, readList } from '../credentials.js';
import { settleAssertion } from '../extensions/assertion.js';
import { isVisible } from '../extensions/cred-protect.js';
import type { AssertionInputs } from '../extensions/inputs.js';
import { isProtected } from '../options.js';
import type { TokenIdentity } from '../pin-uv-auth-token.js';
import type { StoredCredential } from '../ports.js';
import type { RelyingParty } from '../relying-parties.js';
import { type CommandResult, done, type Result, refuse } from '../result.js';
import type { Reason } from '../user-interaction.js';
import { assertionOptions } from '../uv-rules.js';
import { type AssertionTerms, assertion } from './assertion.js';
import {
  checkClientDataHash,
  ensurePresence,
  readProof,
  readStanding,
  requirePresence,
  verifyProof,
  verifyUser,
} from './authorization.js';
import { refusesAssertion } from './product-habits.js';

/** Signs an assertion. Step numbers are those of CTAP 2.1 §6.2.2; step 1 is in `pin-probe.ts`, for it comes before the request is read. */
export async function getAssertion(
  context: CommandContext,
  request: GetAssertionRequest,
  inputs: AssertionInputs | undefined,
): Promise<CommandResult> {
  const { config, session } = context;
  const { clientDataHash, rpId, options: asked = {} } = request;
  const why: Reason = { reason: 'get-assertion', rpId };
  const { options } = await readStanding(context);
  const habit = refusesAssertion(context.quirks, request);
  if (habit !== undefined) return habit;
  // Lengths that the CBOR types leave open
  const allowed = readAllowList(context, request);
  if (!allowed.ok) return allowed;
  // Step 2: pinUvAuthProtocol
  const proof = readProof(config, request);
  if (!proof.ok) return proof;
  // Steps 4 and 5: options, and what alwaysUv demands
  const rules = assertionOptions(
    options,
    { options: asked, proven: proof.value !== undefined },
    context.quirks,
  );
  if (!rules.ok) return rules;
  // Step 3: the response's bits
  let userVerified = false;
  let userPresent = false;
  let token: TokenIdentity | undefined;
  // Step 6: user verification; a key that isn't protected ignores the proof
  const proven = isProtected(options) ? proof.value : undefined;
  if (proven !== undefined) {
    const verified = verifyProof(context, proven, clientDataHash, { permission: 'ga', rpId });
    if (!verified.ok) return verified;
    userVerified = true;
    token = session.tokens.identity;
  } else if (rules.value.uv) {
    const verified = await verifyUser(context, options, why);
    if (!verified.ok) return verified;
    userVerified = true;
    // Step 8: the gesture may have been a touch already
    userPresent = config.presence === 'with-uv';
  }
  // Step 7: credentials that may be used
  const rp = context.relyingParties.of(rpId);
  const applicable = await findApplicable(context, rp, allowed.value, userVerified);
  const listed = allowed.value?.length ?? 0;
  if (applicable === undefined) {
    return refuseNoCredentials(context, why, { listed, interactive: rules.value.up && !userPresent });
  }
  // Step 9: user presence, unless the request is silent
  if (rules.value.up && !userPresent) {
    const touched = await ensurePresence(context, why, proven !== undefined);
    if (!touched.ok) return touched;
    userPresent = true;
  }
  // Step 10: extensions
  const extensions = settleAssertion(context, inputs, rules.value.up);
  if (!extensions.ok) return extensions;
  const sole = applicable.others.length === 0;
  const terms = { rp, clientDataHash, userPresent, userVerified, extensions: extensions.value, sole, listed };
  // Step 11: one credential, or all of an allow list, of which any will do
  if (sole) return assertion(context, terms, applicable.first);
  // Step 12.2: on a display of its own the user picks one, here the newest
  const shown = userPresent || userVerified;
  if (shown && context.quirks.accountChoice === 'device')
    return assertion(context, terms, applicable.first, { userSelected: true });
  // Step 12.1: several accounts and no display to choose on
  return firstOfSeveral(context, terms, applicable, token);
}

/** Step 7 in one value. */
interface Applicable {
  readonly first: Credential;
  /** Only without an allow list: the other accounts, newest first. */
  readonly others: readonly StoredCredential[];
}

/** The IDs of the allow list; `undefined` without one. */
function readAllowList(
  context: CommandContext,
  request: GetAssertionRequest,
): Result<readonly Uint8Array[] | undefined> {
  const hash = checkClientDataHash(context, request.clientDataHash);
  if (!hash.ok) return hash;
  const list = request.allowList;
  // Clients must not send an empty list; what it would mean is disputed.
  if (list === undefined || (list.length === 0 && context.quirks.emptyAllowList === 'as-absent')) {
    return done(undefined);
  }
  return readList(context, list);
}

function findApplicable(
  context: CommandContext,
  rp: RelyingParty,
  allowed: readonly Uint8Array[] | undefined,
  userVerified: boolean,
): Promise<Applicable | undefined> {
  return context.store.read((reader) => {
    if (allowed === undefined) {
      const visible = (one: StoredCredential) => isVisible(one.credProtect, 'discovered', userVerified);
      const [first, ...others] = reader.credentialsOf(rp.id).filter(visible);
      return first && { first, others };
    }
    for (const id of allowed) {
      const first = findCredential(context, reader, rp, id);
      if (first !== undefined && isVisible(first.credProtect, 'listed', userVerified))
        return { first, others: [] };
    }
    return undefined;
  });
}

async function refuseNoCredentials(
  context: CommandContext,
  why: Reason,
  { listed, interactive }: { readonly listed: number; readonly interactive: boolean },
): Promise<CommandResult> {
  if (listed > 0 && context.quirks.unknownCredential === 'invalid-credential')
    return refuse('CTAP2_ERR_INVALID_CREDENTIAL');
  if (interactive && context.quirks.noCredentials === 'after-touch') {
    const touched = await requirePresence(context, why);
    if (!touched.ok) return touched;
  }
  return refuse('CTAP2_ERR_NO_CREDENTIALS');
}

async function firstOfSeveral(
  context: CommandContext,
  terms: AssertionTerms,
  { first, others }: Applicable,
  token: TokenIdentity | undefined,
): Promise<CommandResult> {
  const { session, clock } = context;
  const numberOfCredentials = 1 + others.length;
  const answer = await assertion(context, terms, first, { numberOfCredentials });
  const next = COMMANDS.authenticatorGetNextAssertion;
  if (answer.ok) {
    session.sequence = { kind: 'assertions', next, terms, credentials: others, since: clock.now(), token };
  }
  return answer;
}
