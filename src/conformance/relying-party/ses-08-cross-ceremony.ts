import { forgeAssertion } from '../../forge/assertion.js';
import { makePasskey } from '../../forge/passkey.js';
import { forgeRegistration } from '../../forge/registration.js';
import {
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
import { relyingPartyCheck } from './check.js';

/**
 * Challenges of one ceremony answered in the other, both ways, in the session of a third person: the oracle shows whoever gets in.
 */
export const crossCeremonyChallenge = relyingPartyCheck(
  {
    id: 'SES-08',
    title: 'refuses the challenge of one ceremony in another',
    level: 'MUST',
    severity: 'high',
    clause: 'WebAuthn L3 §13.4.3',
  },
  [EITHER_FLOW],
  async (context) => {
    const setting = settingOf(context);
    const flow = eitherFlow(context);
    const victim = await openAccount(context, setting, 'victim');
    const other = await openAccount(context, setting, 'attacker');
    await controlTwin(context, setting, flow, victim, 'before');

    await context.step('control twin: signing in while somebody else is signed in', async () => {
      const session = await passwordSession(context, other.user);
      mustAccept('the control twin', await signIn(session, setting, flow, victim));
    });

    await context.step('control twin: registering after asking for sign-in options', async () => {
      const session = await passwordSession(context, other.user);
      await session.signInOptions(flow, flow === 'username' ? other.user : undefined);
      const passkey = await makePasskey(setting.crypto);
      const { outcome } = await register(session, setting, other.user, passkey);
      mustAccept('the control twin', outcome);
    });

    await context.step('a registration challenge answered by signing in', async () => {
      const session = await passwordSession(context, other.user);
      const { challenge } = await session.registrationOptions(other.user);
      const outcome = await session.submitSignIn(
        forgeAssertion(setting, { challenge }, victim.passkey, victim.userHandle),
      );
      context.expectEqual('the session is still the same', await session.whoami(), other.user.name);
      context.expectRefused('refuses a registration challenge when signing in', outcome);
    });

    await context.step('a sign-in challenge answered by registering', async () => {
      const session = await passwordSession(context, other.user);
      const { challenge } = await session.signInOptions(flow, flow === 'username' ? other.user : undefined);
      const options = await passwordSession(context, other.user).then((twin) =>
        twin.registrationOptions(other.user),
      );
      const passkey = await makePasskey(setting.crypto);
      const outcome = await session.submitRegistration(
        forgeRegistration(setting, { ...options, challenge }, passkey),
      );
      context.expectRefused('refuses a sign-in challenge when registering', outcome);
    });

    await controlTwin(context, setting, flow, victim, 'after');
  },
);
