/**
 * The flows that scenarios are made of: open an account, register a passkey, sign in with it.
 *
 * Each speaks to the relying party through a session and to the authenticators through the browser, and leaves a step per move.
 */
import type {
  OptionsWishes,
  SignInFlow,
  SubmitOutcome,
  TargetCapability,
  TargetSession,
  TargetUser,
} from '../target/target.js';
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '../webauthn/types.js';
import type { ScenarioContext } from './context.js';
import { askRegistrationOptions, askSignInOptions } from './wishes.js';

/** What the built-in scenarios' keys get: six digits, which every key takes. */
export const DEFAULT_PIN = '246810';

/** Gives a device its PIN, and tells its user. */
export async function setUpPin(context: ScenarioContext, device: string, pin = DEFAULT_PIN): Promise<void> {
  const control = context.rig.device(device);
  await context.step(`set a PIN on ${device}`, () => control.initialisePin(pin));
  control.setKnownPin(pin);
}

/** Makes the account where the adapter can, and signs in with its password where there is one. */
export async function openAccount(context: ScenarioContext, user: TargetUser): Promise<TargetSession> {
  const { target } = context.rig;
  if (target.capabilities.has('users'))
    await context.step(`make the account ${user.name}`, () => target.createUser(user));
  const session = target.openSession(user.name);
  if (target.capabilities.has('signIn.password')) await signInWithPassword(context, session, user);
  return session;
}

/** Signs in with the password, which must work. */
export async function signInWithPassword(
  context: ScenarioContext,
  session: TargetSession,
  user: TargetUser,
): Promise<void> {
  const outcome = await context.step(`sign in as ${user.name} with the password`, () =>
    session.signInWithPassword(user),
  );
  context.expectAccepted('the relying party accepts the password', outcome);
}

/** How the person gets through the platform's screens. */
export interface PersonPlan {
  /** Heads for this device, whatever is shown. */
  readonly device?: string | undefined;
  /** Follows written instructions instead. */
  readonly follows?: readonly string[] | undefined;
  /** Picks this account when several are offered. */
  readonly account?: string | undefined;
}

/** Tells the person what to do in the next ceremony. */
export function directPerson(context: ScenarioContext, plan: PersonPlan): void {
  const { person } = context.rig;
  if (plan.follows !== undefined) {
    context.note('the person follows the instructions', plan.follows.join(' → '));
    person.follows(plan.follows);
  } else if (plan.device !== undefined) {
    const { kind } = context.rig.device(plan.device);
    person.wants(kind === 'platform' ? 'whatever-comes-first' : kind);
  }
  person.picksAccount(plan.account);
}

/** A new passkey to be made. */
export interface RegisterRequest extends PersonPlan {
  readonly user: TargetUser;
  /** By default one is opened with {@link openAccount}. */
  readonly session?: TargetSession | undefined;
  readonly wishes?: OptionsWishes | undefined;
}

/** A passkey that the relying party has accepted. */
export interface RegisteredPasskey {
  readonly session: TargetSession;
  readonly options: PublicKeyCredentialCreationOptionsJSON;
  readonly response: RegistrationResponseJSON;
}

/** Registers a passkey, which must work. */
export async function registerPasskey(
  context: ScenarioContext,
  request: RegisterRequest,
): Promise<RegisteredPasskey> {
  const { user } = request;
  const session = request.session ?? (await openAccount(context, user));
  const options = await askRegistrationOptions(context, session, user, request.wishes);
  directPerson(context, request);
  const response = await context.step(`make a passkey for ${user.name}`, () =>
    context.rig.browser().create(options, { signal: context.signal }),
  );
  const outcome = await context.step('submit the new passkey', () => session.submitRegistration(response));
  context.expectAccepted('the relying party accepts the new passkey', outcome);
  return { session, options, response };
}

/** A sign-in to be tried. */
export interface SignInRequest extends PersonPlan {
  readonly flow: SignInFlow;
  /** Whose name is typed in the username flow, and who must be signed in at the end. */
  readonly user: TargetUser;
  /** Id of the only passkey that may sign. */
  readonly credential?: string | undefined;
  /** By default a browser without cookies. */
  readonly session?: TargetSession | undefined;
  readonly wishes?: OptionsWishes | undefined;
}

/** A sign-in up to the relying party's answer. */
export interface SignInAttempt {
  readonly session: TargetSession;
  readonly options: PublicKeyCredentialRequestOptionsJSON;
  readonly response: AuthenticationResponseJSON;
  readonly outcome: SubmitOutcome;
}

/** Options for a sign-in, in a session where nobody is signed in. */
export async function startSignIn(
  context: ScenarioContext,
  request: SignInRequest,
): Promise<{ readonly session: TargetSession; readonly options: PublicKeyCredentialRequestOptionsJSON }> {
  const session = request.session ?? context.rig.target.openSession(`${request.user.name} signing in`);
  const user = request.flow === 'username' ? request.user : undefined;
  const options = await askSignInOptions(context, session, { flow: request.flow, user }, request.wishes);
  // The oracle is worth something afterwards only if it says nobody before.
  await context.expectSignedOut(session);
  return { session, options };
}

/** Has the browser sign, and submits what it gives. The answer is not judged here. */
export async function tryPasskey(context: ScenarioContext, request: SignInRequest): Promise<SignInAttempt> {
  const { session, options } = await startSignIn(context, request);
  directPerson(context, request);
  const response = await context.step('sign in with a passkey', () =>
    context.rig.browser().get(options, { signal: context.signal }),
  );
  if (request.credential !== undefined)
    context.expectEqual('the passkey made before signs', response.id, request.credential);
  const outcome = await context.step('submit the assertion', () => session.submitSignIn(response));
  return { session, options, response, outcome };
}

/** Signs in with a passkey, which must work and sign in this user. */
export async function signInWithPasskey(
  context: ScenarioContext,
  request: SignInRequest,
): Promise<SignInAttempt> {
  const attempt = await tryPasskey(context, request);
  context.expectAccepted('the relying party accepts the assertion', attempt.outcome);
  await context.expectSignedIn(attempt.session, request.user);
  return attempt;
}

/** For scenarios that can use either flow: the one without a username, where the adapter has it. */
export const ANY_SIGN_IN: readonly TargetCapability[] = ['signIn.usernameless', 'signIn.username'];

/** The flow that {@link ANY_SIGN_IN} stands for at this relying party. */
export function anyFlow(context: ScenarioContext): SignInFlow {
  return context.rig.target.capabilities.has('signIn.usernameless') ? 'usernameless' : 'username';
}
