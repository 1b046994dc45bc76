/**
 * What the scenarios about "the phone comes first" have in common: a passkey on the key, a phone nearby, and the prompts in between.
 */
import type { PromptSummary } from '../../rig/rig.js';
import type { OptionsWishes, SignInFlow } from '../../target/target.js';
import type { ScenarioContext } from '../context.js';
import { type PersonPlan, registerPasskey, setUpPin, signInWithPasskey } from '../flows.js';
import { KEY } from './devices.js';

/** What a platform's screens must come to. Titles and step ids belong to the platform's profile and are only observed. */
export interface ExpectedPrompts {
  readonly defaultChoice: PromptSummary['defaultChoice'];
  readonly clicksToSecurityKey: number;
  readonly phoneOffered: boolean;
}

/** A way through a platform's screens that somebody has written down, and what it looks like. */
export interface KnownWay {
  readonly expected: ExpectedPrompts;
  /** Instructions for the person, the key being out of its port when they begin. */
  readonly instructions: readonly string[];
}

/** From the page that asks for a security key on. */
export const USE_THE_KEY: readonly string[] = ['insert', 'pin', 'touch'];

/**
 * The way out of the Windows dialog that Microsoft documents, word for word: More choices → Security key → Next. In this look of the dialog
 * "More choices" is the heading of the list, so two clicks are all it takes.
 */
export const PAST_THE_PHONE: KnownWay = {
  expected: { defaultChoice: 'phone', clicksToSecurityKey: 2, phoneOffered: true },
  instructions: ['select More choices', 'select Security key', 'press Next', ...USE_THE_KEY],
};

/** The key's page comes up by itself. */
export const STRAIGHT_TO_THE_KEY: KnownWay = {
  expected: { defaultChoice: 'security-key', clicksToSecurityKey: 0, phoneOffered: false },
  instructions: USE_THE_KEY,
};

/** A sign-in to look at. */
export interface PrioritisedSignIn {
  readonly flow: SignInFlow;
  readonly wishes?: OptionsWishes | undefined;
  /** Without one the person heads for the key, and the screens are only observed. */
  readonly way: KnownWay | undefined;
}

/** Registers a passkey on the key and signs in with it beside a phone; gives back what was shown. */
export async function signInBesidePhone(
  context: ScenarioContext,
  { flow, wishes, way }: PrioritisedSignIn,
): Promise<PromptSummary> {
  const user = context.user('alice');
  const key = context.rig.device(KEY.id);
  await setUpPin(context, KEY.id);
  const made = await registerPasskey(context, { user, device: KEY.id });
  if (way !== undefined) await context.step('take the key out of its port', () => key.unplug());
  const person: PersonPlan =
    way === undefined ? { device: KEY.id } : { follows: instructionsFor(context, way) };
  await signInWithPasskey(context, { flow, user, credential: made.response.id, wishes, ...person });
  const prompts = context.observePrompts();
  if (way === undefined) context.note(`nothing is expected of the screens of ${context.rig.platform}`);
  else expectPrompts(context, prompts, way.expected);
  return prompts;
}

/** A relying party that discourages user verification lets the key sign without its PIN, so nothing asks for one. */
function instructionsFor(context: ScenarioContext, { instructions }: KnownWay): readonly string[] {
  const { userVerification } = context.rig.target.policy;
  return userVerification === 'discouraged' ? instructions.filter((line) => line !== 'pin') : instructions;
}

function expectPrompts(context: ScenarioContext, prompts: PromptSummary, expected: ExpectedPrompts): void {
  context.expectEqual('what comes first', prompts.defaultChoice, expected.defaultChoice);
  context.expectEqual('clicks to the key', prompts.clicksToSecurityKey, expected.clicksToSecurityKey);
  context.expectEqual('the phone is offered', prompts.phoneOffered, expected.phoneOffered);
}

/** The profile's name in `win11-23h2/edge`. */
export function platformOf(context: ScenarioContext): string {
  return context.rig.platform.split('/')[0] ?? context.rig.platform;
}

/**
 * Wishes for a request that any device could answer, so that the platform has to choose: without a username there are no descriptors,
 * with one they must not say where the credential lives.
 */
export function openToAllDevices(flow: SignInFlow): OptionsWishes | undefined {
  return flow === 'username' ? { transports: [] } : undefined;
}
