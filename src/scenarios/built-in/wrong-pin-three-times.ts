import type { ScenarioContext } from '../context.js';
import {
  ANY_SIGN_IN,
  anyFlow,
  DEFAULT_PIN,
  directPerson,
  registerPasskey,
  setUpPin,
  signInWithPasskey,
  startSignIn,
} from '../flows.js';
import { defineScenario } from '../scenario.js';
import { KEY } from './devices.js';

/** Differs from the right one in its last digit. */
const WRONG_PIN = '246811';

/** How a key counts three wrong PINs in a row: the third one blocks it until it is plugged in again. */
const THREE_WRONG = ['CTAP2_ERR_PIN_INVALID', 'CTAP2_ERR_PIN_INVALID', 'CTAP2_ERR_PIN_AUTH_BLOCKED'];

/** Three wrong PINs block a key softly: even the right PIN is refused until the key has been out of its port. */
export const wrongPinThreeTimes = defineScenario({
  id: 'wrong-pin-three-times',
  title: 'three wrong PINs block the key until it is plugged in again',
  clause: 'CTAP 2.1 §6.5.5.7',
  needs: { capabilities: ['register', ANY_SIGN_IN, 'whoami'], devices: [KEY] },
  async run(context) {
    const user = context.user('alice');
    const key = context.rig.device(KEY.id);
    const flow = anyFlow(context);
    await setUpPin(context, KEY.id);
    await registerPasskey(context, { user, device: KEY.id });

    key.setKnownPin(WRONG_PIN);
    await typeWrongPins(context);

    key.setKnownPin(DEFAULT_PIN);
    await expectNoAssertion(context, 'the right PIN is refused while the key is blocked');

    await context.step('unplug the key and plug it in again', () => key.powerCycle());
    await signInWithPasskey(context, { flow, user, device: KEY.id });
  },
});

/** A platform may give up after each wrong PIN or ask again by itself, so this goes on until the key has blocked. */
async function typeWrongPins(context: ScenarioContext): Promise<void> {
  const mark = context.mark();
  let refusals: readonly string[] = [];
  while (refusals.length < THREE_WRONG.length) {
    await expectNoAssertion(context, 'a wrong PIN signs nobody in');
    const now = pinRefusals(context, mark);
    if (now.length === refusals.length)
      context.inconclusive(
        'no PIN reached the key: either none is asked for here, or its messages are not seen',
      );
    refusals = now;
  }
  context.expectEqual('the third wrong PIN blocks the key', refusals, THREE_WRONG);
}

async function expectNoAssertion(context: ScenarioContext, title: string): Promise<void> {
  const { options } = await startSignIn(context, { flow: anyFlow(context), user: context.user('alice') });
  // UV "discouraged" lets the key sign without a PIN, and then there is nothing to get wrong.
  if (options.userVerification === 'discouraged')
    context.skip('the relying party discourages user verification, so no PIN is asked for');
  directPerson(context, { device: KEY.id });
  await context.expectDomException(title, 'NotAllowedError', () =>
    context.rig.browser().get(options, { signal: context.signal }),
  );
}

/** The key's answers to PINs since `mark` that refuse one. */
function pinRefusals(context: ScenarioContext, mark: number): readonly string[] {
  return context
    .eventsSince(mark)
    .flatMap((event) => (event.layer === 'ctap' && event.kind === 'response' ? [event.name] : []))
    .filter((name) => THREE_WRONG.includes(name));
}
