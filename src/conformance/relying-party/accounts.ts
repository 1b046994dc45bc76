/**
 * The cast of every check: accounts with passkeys that the suite made and the relying party accepted.
 */
import { createNobleCrypto } from '../../crypto/noble.js';
import { createSeededRandom } from '../../crypto/seeded-random.js';
import { type AssertionChange, forgeAssertion } from '../../forge/assertion.js';
import type { CeremonySetting } from '../../forge/ceremony.js';
import { makePasskey, type Passkey } from '../../forge/passkey.js';
import { forgeRegistration, type RegistrationChange } from '../../forge/registration.js';
import type { ScenarioContext } from '../../scenarios/context.js';
import { ScenarioStop } from '../../scenarios/verdict.js';
import type {
  SignInFlow,
  SubmitOutcome,
  TargetCapability,
  TargetSession,
  TargetUser,
} from '../../target/target.js';

/** Somebody with an account and one passkey. */
export interface Account {
  readonly user: TargetUser;
  readonly passkey: Passkey;
  /** The user handle that the relying party chose: base64url. */
  readonly userHandle: string;
}

/** Where this run's ceremonies take place. Keys and signatures follow from its seed. */
export function settingOf(context: ScenarioContext): CeremonySetting {
  const crypto = createNobleCrypto({ random: createSeededRandom(context.seed) });
  return { crypto, origin: context.rig.target.origin, rpId: context.rig.target.rpId };
}

/** A session in which `user` is signed in by password. */
export async function passwordSession(context: ScenarioContext, user: TargetUser): Promise<TargetSession> {
  const session = context.rig.target.openSession(user.name);
  mustAccept('signing in by password', await session.signInWithPassword(user));
  return session;
}

/**
 * Makes an account and registers a passkey for it.
 *
 * @param passkey Taken in place of a new one.
 */
export async function openAccount(
  context: ScenarioContext,
  setting: CeremonySetting,
  name: string,
): Promise<Account> {
  return context.step(`${name} has an account and a passkey`, async () => {
    const user = context.user(name);
    await context.rig.target.createUser(user);
    const passkey = await makePasskey(setting.crypto);
    const { outcome, userHandle } = await register(
      await passwordSession(context, user),
      setting,
      user,
      passkey,
    );
    mustAccept('registering a good passkey', outcome);
    return { user, passkey, userHandle };
  });
}

/** Met by a relying party with either way of signing in. */
export const EITHER_FLOW: readonly TargetCapability[] = ['signIn.username', 'signIn.usernameless'];

/** The flow of a check that works with either: with a username where there is one, since more relying parties list credentials there. */
export function eitherFlow(context: ScenarioContext): SignInFlow {
  return context.rig.target.capabilities.has('signIn.username') ? 'username' : 'usernameless';
}

/** One registration in a signed-in session. */
export async function register(
  session: TargetSession,
  setting: CeremonySetting,
  user: TargetUser,
  passkey: Passkey,
  change: RegistrationChange = {},
): Promise<{ readonly outcome: SubmitOutcome; readonly userHandle: string }> {
  const options = await session.registrationOptions(user);
  const outcome = await session.submitRegistration(forgeRegistration(setting, options, passkey, change));
  return { outcome, userHandle: options.user.id };
}

/** One sign-in: options for `account`, answered with its passkey. */
export async function signIn(
  session: TargetSession,
  setting: CeremonySetting,
  flow: SignInFlow,
  account: Account,
  change: AssertionChange = {},
): Promise<SubmitOutcome> {
  const options = await session.signInOptions(flow, flow === 'username' ? account.user : undefined);
  return session.submitSignIn(forgeAssertion(setting, options, account.passkey, account.userHandle, change));
}

/** What has to work before anything can be said about a wrong response. */
export function mustAccept(what: string, outcome: SubmitOutcome): void {
  if (outcome.verdict === 'accepted') return;
  throw new ScenarioStop('INCONCLUSIVE', `${what} was not accepted: ${outcome.detail}`);
}

/**
 * The control twin: the same ceremony with nothing wrong in it must sign the account in. Without that, a refusal proves nothing.
 */
export async function controlTwin(
  context: ScenarioContext,
  setting: CeremonySetting,
  flow: SignInFlow,
  account: Account,
  when: 'before' | 'after',
): Promise<void> {
  await context.step(`control twin ${when}: the same without the change`, async () => {
    const session = context.rig.target.openSession(`${account.user.name}, twin ${when}`);
    mustAccept('the control twin', await signIn(session, setting, flow, account));
    const who = await session.whoami();
    if (who === account.user.name) return;
    throw new ScenarioStop(
      'INCONCLUSIVE',
      `after the control twin the oracle says ${who ?? 'nobody'}, not ${account.user.name}`,
    );
  });
}
