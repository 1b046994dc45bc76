/**
 * What the steps of a scenario file do.
 */
import type { TouchBehaviour } from '../rig/rig.js';
import type { SubmitOutcome, TargetSession, TargetUser } from '../target/target.js';
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '../webauthn/types.js';
import type { ScenarioContext } from './context.js';
import { FLAG_NAMES, observeFlags } from './flags.js';
import { directPerson, openAccount, signInWithPassword, startSignIn } from './flows.js';
import { askRegistrationOptions } from './wishes.js';
import type { YamlScenario, YamlStep } from './yaml-schema.js';

type Argument<Name extends keyof YamlStep> = NonNullable<YamlStep[Name]>;
type Expectation = Argument<'expect'>;

/** How the file says that a ceremony ends; by default it works. */
type CeremonyEnd = Pick<Expectation, 'error' | 'refused'>;

/** The touch behaviour that a file means. */
export function toTouch(value: Argument<'touch'>['behaviour']): TouchBehaviour {
  return typeof value === 'string' ? { kind: value } : { kind: 'after', milliseconds: value.after };
}

/** One performance of a scenario file: its steps, and what later ones need to know of earlier ones. */
export class YamlPlay {
  readonly #context: ScenarioContext;
  readonly #file: YamlScenario;
  /** Of accounts that were opened. */
  readonly #accounts = new Map<string, TargetSession>();
  /** What the account picker calls each account: the name that the relying party gave its passkey. */
  readonly #labels = new Map<string, string>();
  /** Of the last ceremony or password sign-in. */
  #session: TargetSession | undefined;
  #response: RegistrationResponseJSON | AuthenticationResponseJSON | undefined;
  /** Whether a `person` step has said what to do in the next ceremony. */
  #personKnows = false;

  constructor(context: ScenarioContext, file: YamlScenario) {
    this.#context = context;
    this.#file = file;
  }

  /** Does one step. `next` may say how a ceremony ends. */
  async perform(step: YamlStep, next: YamlStep | undefined): Promise<void> {
    const end = { error: next?.expect?.error, refused: next?.expect?.refused };
    if (step.register !== undefined) await this.#register(step.register, end);
    if (step.signIn !== undefined) await this.#signIn(step.signIn, end);
    if (step.signInWithPassword !== undefined) await this.#signInWithPassword(step.signInWithPassword);
    if (step.person !== undefined) this.#person(step.person);
    if (step.expect !== undefined) await this.#expect(step.expect);
    await this.#handle(step);
    await this.#sabotage(step);
  }

  /** What hands do to devices. */
  async #handle({ pin, touch, verification, plug, unplug, powerCycle }: YamlStep): Promise<void> {
    const { rig } = this.#context;
    const doing = (title: string, body: () => void) => this.#context.step(title, body);
    // No PIN is ever shown, not even a wrong one.
    if (pin !== undefined)
      await doing(`the person knows ${pin.knows === null ? 'no' : 'this'} PIN for ${pin.device}`, () =>
        rig.device(pin.device).setKnownPin(pin.knows ?? undefined),
      );
    if (touch !== undefined)
      await doing(`touch of ${touch.device}: ${JSON.stringify(touch.behaviour)}`, () =>
        rig.device(touch.device).setTouch(toTouch(touch.behaviour)),
      );
    if (verification !== undefined)
      await doing(`verification on ${verification.device}: ${verification.outcome}`, () =>
        rig.device(verification.device).setVerification(verification.outcome),
      );
    if (plug !== undefined) await doing(`plug ${plug} in`, () => rig.device(plug).plug());
    if (unplug !== undefined) await doing(`unplug ${unplug}`, () => rig.device(unplug).unplug());
    if (powerCycle !== undefined)
      await doing(`unplug ${powerCycle} and plug it in again`, () => rig.device(powerCycle).powerCycle());
  }

  /** What devices are told to do wrong. */
  async #sabotage({ fault, clearFaults }: YamlStep): Promise<void> {
    const { rig } = this.#context;
    if (fault !== undefined) {
      const { device, ...what } = fault;
      const title = `${device} has the fault ${what.fault}${what.value === undefined ? '' : `: ${what.value}`}`;
      await this.#context.step(title, () => rig.device(device).setFault(what));
    }
    if (clearFaults !== undefined)
      await this.#context.step(`${clearFaults} has no faults any more`, () =>
        rig.device(clearFaults).clearFaults(),
      );
  }

  #person(person: Argument<'person'>): void {
    if ('follows' in person) directPerson(this.#context, { follows: person.follows });
    else this.#context.rig.person.wants(person.wants);
    this.#personKnows = true;
  }

  async #register(step: Argument<'register'>, end: CeremonyEnd): Promise<void> {
    const context = this.#context;
    const user = this.#userOf(step.user);
    const session = await this.#account(user);
    const options = await askRegistrationOptions(context, session, user, step.wishes);
    this.#labels.set(user.name, options.user.name);
    this.#direct(step.device, undefined);
    const response = await this.#ceremony(`make a passkey for ${user.name}`, end, () =>
      context.rig.browser().create(options, { signal: context.signal }),
    );
    if (response === undefined) return;
    this.#response = response;
    const outcome = await context.step('submit the new passkey', () => session.submitRegistration(response));
    this.#judge('the new passkey', outcome, end);
  }

  async #signIn(step: Argument<'signIn'>, end: CeremonyEnd): Promise<void> {
    const context = this.#context;
    const user = this.#userOf(step.user);
    const { flow = 'username', wishes } = step;
    const { session, options } = await startSignIn(context, { flow, user, wishes });
    this.#session = session;
    this.#direct(step.device, this.#labelOf(step.account ?? step.user));
    const response = await this.#ceremony('sign in with a passkey', end, () =>
      context.rig.browser().get(options, { signal: context.signal }),
    );
    if (response === undefined) return;
    this.#response = response;
    const outcome = await context.step('submit the assertion', () => session.submitSignIn(response));
    this.#judge('the assertion', outcome, end);
    // A refusal is one only if it left nobody signed in.
    if (end.refused === true) await context.expectSignedOut(session);
  }

  async #signInWithPassword(name: string): Promise<void> {
    const user = this.#userOf(name);
    await this.#account(user);
    this.#session = this.#context.rig.target.openSession(`${user.name} with the password`);
    await signInWithPassword(this.#context, this.#session, user);
  }

  /** Runs a ceremony; `undefined` when it ended with the error that was expected. */
  async #ceremony<T>(title: string, end: CeremonyEnd, body: () => Promise<T>): Promise<T | undefined> {
    this.#response = undefined;
    if (end.error === undefined) return this.#context.step(title, body);
    await this.#context.expectDomException(title, end.error, body);
    return undefined;
  }

  #judge(what: string, outcome: SubmitOutcome, end: CeremonyEnd): void {
    if (end.refused === true) this.#context.expectRefused(`the relying party refuses ${what}`, outcome);
    else this.#context.expectAccepted(`the relying party accepts ${what}`, outcome);
  }

  async #expect(step: Expectation): Promise<void> {
    if (step.signedInAs !== undefined) await this.#expectSignedInAs(step.signedInAs);
    if (step.flags !== undefined) this.#expectFlags(step.flags);
    if (PROMPT_MEMBERS.some((member) => step[member] !== undefined)) this.#expectPrompts(step);
  }

  async #expectSignedInAs(name: string | null): Promise<void> {
    const context: ScenarioContext = this.#context;
    const session = this.#session;
    if (session === undefined) return context.inconclusive('nobody has tried to sign in yet');
    const expected = name === null ? undefined : context.user(name).name;
    context.expectEqual('signed in as', await session.whoami(), expected);
  }

  #expectFlags(expected: NonNullable<Expectation['flags']>): void {
    const context: ScenarioContext = this.#context;
    const response = this.#response;
    if (response === undefined) context.inconclusive('there is no response to read flags of');
    const flags = observeFlags(context, response);
    for (const name of FLAG_NAMES)
      if (expected[name] !== undefined)
        context.expectEqual(`the flag ${name}`, flags.has(name), expected[name]);
  }

  #expectPrompts(expected: Expectation): void {
    const prompts = this.#context.observePrompts();
    const seen = { ...prompts, clicks: prompts.clicksToSecurityKey };
    for (const member of PROMPT_MEMBERS)
      if (expected[member] !== undefined)
        this.#context.expectEqual(PROMPT_TITLES[member], seen[member], expected[member]);
  }

  #direct(device: string | undefined, account: string | undefined): void {
    const headingFor = device ?? Object.keys(this.#file.devices)[0];
    directPerson(this.#context, { device: this.#personKnows ? undefined : headingFor, account });
    this.#personKnows = false;
  }

  /** The session in which the account was opened. */
  async #account(user: TargetUser): Promise<TargetSession> {
    const session = this.#accounts.get(user.name) ?? (await openAccount(this.#context, user));
    this.#accounts.set(user.name, session);
    return session;
  }

  #userOf(name: string | undefined): TargetUser {
    return this.#context.user(name ?? this.#file.user ?? 'alice');
  }

  #labelOf(name: string | undefined): string | undefined {
    return this.#labels.get(this.#userOf(name).name);
  }
}

/** What a file may expect of the prompts, with what it is called in reports. */
const PROMPT_TITLES = {
  firstScreen: 'the first screen',
  defaultChoice: 'what comes first',
  order: 'the order of the choices',
  clicks: 'clicks to the security key',
  phoneOffered: 'the phone is offered',
} as const satisfies Partial<Record<keyof Expectation, string>>;

const PROMPT_MEMBERS = ['firstScreen', 'defaultChoice', 'order', 'clicks', 'phoneOffered'] as const;
