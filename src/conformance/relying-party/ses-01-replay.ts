import { forgeAssertion } from '../../forge/assertion.js';
import { controlTwin, EITHER_FLOW, eitherFlow, mustAccept, openAccount, settingOf } from './accounts.js';
import { relyingPartyCheck } from './check.js';

/** The same assertion again: in the session that it signed in, and after signing out of it. */
export const replay = relyingPartyCheck(
  {
    id: 'SES-01',
    title: 'refuses an assertion that was used before',
    level: 'MUST',
    severity: 'critical',
    clause: 'WebAuthn L3 §13.4.3',
  },
  [EITHER_FLOW, 'signOut'],
  async (context) => {
    const setting = settingOf(context);
    const flow = eitherFlow(context);
    const account = await openAccount(context, setting, 'victim');
    const session = context.rig.target.openSession('replay');
    const options = await session.signInOptions(flow, flow === 'username' ? account.user : undefined);
    const response = forgeAssertion(setting, options, account.passkey, account.userHandle);
    await context.step('control twin before: the assertion is good the first time', async () => {
      mustAccept('the first use', await session.submitSignIn(response));
    });
    await context.step('the same assertion again, while it is still signed in', async () => {
      context.expectRefused(
        'refuses an assertion that signed this session in',
        await session.submitSignIn(response),
      );
    });
    await context.step('the same assertion again, after signing out', async () => {
      await session.signOut();
      await context.expectSignedOut(session);
      const outcome = await session.submitSignIn(response);
      await context.expectSignedOut(session);
      context.expectRefused('refuses an assertion that was used before', outcome);
    });
    await controlTwin(context, setting, flow, account, 'after');
  },
);
