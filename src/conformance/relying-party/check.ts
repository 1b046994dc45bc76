/**
 * The two kinds of check that most rules need; a rule with a story of its own is written as a scenario.
 *
 * Both run: control twin, the wrong response, the oracle, control twin again.
 */
import type { AssertionChange } from '../../forge/assertion.js';
import type { CeremonySetting } from '../../forge/ceremony.js';
import { makePasskey } from '../../forge/passkey.js';
import type { RegistrationChange } from '../../forge/registration.js';
import type { ScenarioContext } from '../../scenarios/context.js';
import type { Result } from '../../scenarios/results.js';
import { defineScenario, type Scenario } from '../../scenarios/scenario.js';
import { ScenarioStop } from '../../scenarios/verdict.js';
import type { SignInFlow, TargetCapability, TargetSession } from '../../target/target.js';
import {
  type Account,
  controlTwin,
  EITHER_FLOW,
  eitherFlow,
  mustAccept,
  openAccount,
  passwordSession,
  register,
  settingOf,
  signIn,
} from './accounts.js';

/** What every check says of its rule. */
export interface Rule {
  /** Stable, e.g. `AUTH-20`. */
  readonly id: string;
  /** What the relying party must do, as a sentence about it. */
  readonly title: string;
  readonly level: NonNullable<Result['level']>;
  readonly severity: NonNullable<Result['severity']>;
  /** The verification step that is broken. */
  readonly clause: string;
}

/** What the accounts of a check need. */
const ACCOUNT_CAPABILITIES: readonly TargetCapability[] = ['users', 'register', 'signIn.password', 'whoami'];

/** A check of the relying party: no devices, no platform. */
export function relyingPartyCheck(
  rule: Rule,
  capabilities: readonly (TargetCapability | readonly TargetCapability[])[],
  run: (context: ScenarioContext) => Promise<void>,
): Scenario {
  return defineScenario({
    ...rule,
    kind: 'check',
    needs: { capabilities: [...ACCOUNT_CAPABILITIES, ...capabilities] },
    run,
  });
}

/** What a wrong response is made from. */
export interface Scene {
  readonly setting: CeremonySetting;
  /** Whose sign-in is attacked. */
  readonly victim: Account;
  /** Another account with a good passkey of its own. */
  readonly attacker: Account;
}

/** A wrong sign-in that must be refused. */
export interface SignInCheck extends Rule {
  /** Left out where either shows the fault. */
  readonly flow?: SignInFlow;
  /** Who answers the victim's options; the victim's own passkey unless said otherwise. */
  readonly answeredBy?: 'victim' | 'attacker';
  readonly change: (scene: Scene) => AssertionChange;
  /** Why this relying party can't be held to the rule; the check is skipped then. */
  readonly unless?: (context: ScenarioContext) => string | undefined;
}

/** Makes the check of a sign-in with one thing wrong. */
export function signInCheck(check: SignInCheck): Scenario {
  const { answeredBy = 'victim', change, unless, flow: only, ...rule } = check;
  return relyingPartyCheck(rule, [only === undefined ? EITHER_FLOW : `signIn.${only}`], async (context) => {
    const flow = only ?? eitherFlow(context);
    skipIf(unless?.(context));
    const scene = await setScene(context);
    const answering = scene[answeredBy];
    await controlTwin(context, scene.setting, flow, answering, 'before');
    const session = context.rig.target.openSession('wrong response');
    await context.step('the wrong response', async () => {
      const target = answeredBy === 'victim' ? answering : { ...answering, user: scene.victim.user };
      const outcome = await signIn(session, scene.setting, flow, target, change(scene));
      await mustNotSignIn(context, session, rule.title, outcome);
    });
    await controlTwin(context, scene.setting, flow, answering, 'after');
  });
}

/** Refused by its answer, and nobody signed in by the oracle: the worst faults answer an error and set the cookie anyway. */
async function mustNotSignIn(
  context: ScenarioContext,
  session: TargetSession,
  title: string,
  outcome: Parameters<ScenarioContext['expectRefused']>[1],
): Promise<void> {
  context.expectEqual('nobody is signed in after the wrong response', await session.whoami(), undefined);
  if (outcome.verdict === 'accepted')
    context.inconclusive(
      `the adapter's success rule holds for an answer after which nobody is signed in: ${outcome.detail}`,
    );
  context.expectRefused(title, outcome);
}

async function setScene(context: ScenarioContext): Promise<Scene> {
  const setting = settingOf(context);
  const victim = await openAccount(context, setting, 'victim');
  const attacker = await openAccount(context, setting, 'attacker');
  return { setting, victim, attacker };
}

/** Skips with a reason, if there is one. */
export function skipIf(reason: string | undefined): void {
  if (reason !== undefined) throw new ScenarioStop('SKIP', reason);
}

/** A wrong registration that must be refused and leave nothing behind. */
export interface RegistrationCheck extends Rule {
  readonly change: (scene: Scene) => RegistrationChange;
  /** In place of a random credential ID. */
  readonly credentialId?: (scene: Scene) => Uint8Array;
}

/** Makes the check of a registration by the attacker with one thing wrong. */
export function registrationCheck(check: RegistrationCheck): Scenario {
  const { change, credentialId, ...rule } = check;
  return relyingPartyCheck(rule, [EITHER_FLOW], async (context) => {
    const flow = eitherFlow(context);
    // The scene's own registrations are the control twin before.
    const scene = await setScene(context);
    await controlTwin(context, scene.setting, flow, scene.victim, 'before');
    const id = credentialId?.(scene);
    const passkey = await makePasskey(scene.setting.crypto, id === undefined ? {} : { id });
    const refused = { ...scene.attacker, passkey };
    await mustBeUnknown(context, scene, refused);
    await registrationTwin(context, scene, 'before');
    const session = await passwordSession(context, scene.attacker.user);
    await context.step('the wrong registration', async () => {
      const { outcome } = await register(session, scene.setting, scene.attacker.user, passkey, change(scene));
      context.expectRefused(rule.title, outcome);
    });
    await registrationTwin(context, scene, 'after');
    await mustNotOpen(context, scene, refused);
    await controlTwin(context, scene.setting, flow, scene.victim, 'after');
  });
}

/** One more good passkey of the same account must be accepted, in a session like the one that is tried. */
async function registrationTwin(
  context: ScenarioContext,
  scene: Scene,
  when: 'before' | 'after',
): Promise<void> {
  await context.step(`control twin ${when}: another good passkey for the same account`, async () => {
    const { user } = scene.attacker;
    const passkey = await makePasskey(scene.setting.crypto);
    const { outcome } = await register(await passwordSession(context, user), scene.setting, user, passkey);
    mustAccept('the control twin', outcome);
  });
}

/** Ahead of every counter here, so that a probe is never refused for its counter alone. */
const counterAhead: AssertionChange = { authenticatorData: (good) => ({ ...good, signCount: 1_000 }) };

/** A relying party that takes the key before it was ever registered has another fault, and the probe afterwards would say nothing. */
async function mustBeUnknown(context: ScenarioContext, scene: Scene, unknown: Account): Promise<void> {
  await context.step('control: the key signs in nobody before', async () => {
    const session = context.rig.target.openSession('unregistered passkey');
    const claim = { ...scene.victim, passkey: unknown.passkey };
    const outcome = await signIn(session, scene.setting, eitherFlow(context), claim, counterAhead);
    if (outcome.verdict === 'refused') return;
    context.inconclusive(
      `a key that was never registered is ${outcome.verdict} in a sign-in: ${outcome.detail}`,
    );
  });
}

/** The refused passkey signs in nobody, neither its sender nor the victim. */
async function mustNotOpen(context: ScenarioContext, scene: Scene, refused: Account): Promise<void> {
  for (const { user, userHandle } of [refused, scene.victim]) {
    await context.step(`the refused passkey does not sign in as ${user.name}`, async () => {
      const session = context.rig.target.openSession(`refused passkey as ${user.name}`);
      const claim = { user, userHandle, passkey: refused.passkey };
      const outcome = await signIn(session, scene.setting, eitherFlow(context), claim, counterAhead);
      await mustNotSignIn(context, session, `the refused passkey does not sign in as ${user.name}`, outcome);
    });
  }
}
