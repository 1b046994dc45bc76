/**
 * A rig for tests: fake devices behind a few lines of platform, in front of a fake relying party.
 */
import { toBase64url, utf8 } from '../data/bytes.js';
import { KeyrigError } from '../errors.js';
import { VirtualClock } from '../ports.js';
import type { Browser, PromptSummary, Rig } from '../rig/rig.js';
import type { TargetCapability } from '../target/target.js';
import type { TraceSink } from '../trace/events.js';
import { createTimeline } from '../trace/timeline.js';
import type {
  AuthenticationResponseJSON,
  DomExceptionName,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '../webauthn/types.js';
import type { AvailableDevice, MakeRig, RigRequest } from './engine-ports.js';
import { type DeviceFault, type FakeCredential, FakeDevice, FakePerson } from './fake-devices.suite.js';
import { ALL_CAPABILITIES, FakeTarget, type TargetFault } from './fake-target.suite.js';
import { type PlanSettings, plan } from './plan.js';
import type { Result, RunReport } from './results.js';
import { type RunOptions, runPlan } from './run.js';
import type { Scenario } from './scenario.js';

/** What a platform can get wrong, one thing each. */
export type PlatformFault =
  | 'key-comes-first'
  | 'three-clicks'
  | 'phone-is-not-offered'
  | 'key-tops-the-list'
  | 'no-next-button'
  | 'first-account-always'
  | 'another-credential-signs';

/** Anything that the fakes can get wrong. */
export type Fault = TargetFault | DeviceFault | PlatformFault;

/** How `Browser` says no. */
export class FakeWebAuthnError extends Error {
  override readonly name: DomExceptionName;

  constructor(name: DomExceptionName) {
    super(`the ceremony ended with ${name}`);
    this.name = name;
  }
}

/** What the screens of a platform come to for a request that any device could answer, and for one that only a key can. */
const CHOOSER = {
  'win11-23h2': { first: 'W1', clicks: 2, order: ['iPhone, iPad, or Android device', 'Security key'] },
  'win-legacy-docs': { first: 'LQ', clicks: 0, order: [] },
} as const;

const SCRIPTS: Readonly<Record<string, readonly string[]>> = {
  W1: ['select More choices', 'select Security key', 'press Next', 'insert', 'pin', 'touch'],
  LQ: ['insert', 'pin', 'touch'],
  WK: ['insert', 'pin', 'touch'],
};

class FakeRig implements Rig {
  readonly target: FakeTarget;
  readonly platform: string;
  readonly devices: readonly FakeDevice[];
  readonly person = new FakePerson();
  readonly trace: TraceSink;
  readonly faults: ReadonlySet<string>;
  prompts: PromptSummary | undefined;

  constructor(request: RigRequest, target: FakeTarget) {
    this.target = target;
    this.faults = target.faults;
    this.platform =
      request.browser === undefined ? request.platform : `${request.platform}/${request.browser}`;
    this.trace = request.trace;
    this.devices = request.devices.map((device) => new FakeDevice(device, request.trace, target.faults));
  }

  device(id: string): FakeDevice {
    const device = this.devices.find((one) => one.id === id);
    if (device === undefined) throw new KeyrigError('option-invalid', `no device is called ${id}`);
    return device;
  }

  browser(origin = this.target.origin): Browser {
    return {
      origin,
      create: async (options) => this.#create(options),
      get: async (options) => this.#get(options),
    };
  }

  lastPrompts(): PromptSummary {
    if (this.prompts === undefined) throw new KeyrigError('internal', 'there was no ceremony');
    return this.prompts;
  }

  async close(): Promise<void> {}

  #create(options: PublicKeyCredentialCreationOptionsJSON): RegistrationResponseJSON {
    const device = this.#deviceAfterPrompts(undefined);
    if (!device.verifies()) throw new FakeWebAuthnError('NotAllowedError');
    const name = device.makeCredential(options.user.id, options.user.name);
    const id = toBase64url(utf8(name));
    return {
      id,
      rawId: id,
      type: 'public-key',
      clientExtensionResults: {},
      response: {
        clientDataJSON: options.challenge,
        attestationObject: '',
        authenticatorData: device.authenticatorData(name),
      },
    };
  }

  #get(options: PublicKeyCredentialRequestOptionsJSON): AuthenticationResponseJSON {
    const device = this.#deviceAfterPrompts(options);
    const verified = options.userVerification === 'discouraged' || device.verifies();
    if (device.touch.kind === 'deny' || !verified) throw new FakeWebAuthnError('NotAllowedError');
    const credential = this.#pick(device, options);
    if (credential === undefined) throw new FakeWebAuthnError('NotAllowedError');
    const id = this.faults.has('another-credential-signs') ? 'AAAA' : credential.id;
    return {
      id,
      rawId: id,
      type: 'public-key',
      clientExtensionResults: {},
      response: {
        clientDataJSON: options.challenge,
        authenticatorData: device.authenticatorData(),
        signature: '',
        ...device.userHandleOf(credential),
      },
    };
  }

  #pick(
    device: FakeDevice,
    { allowCredentials = [] }: PublicKeyCredentialRequestOptionsJSON,
  ): FakeCredential | undefined {
    const allowed = new Set(allowCredentials.map(({ id }) => id));
    const fitting = device.credentials.filter(({ id }) => allowed.size === 0 || allowed.has(id));
    const wanted = this.faults.has('first-account-always') ? undefined : this.person.account;
    return fitting.find(({ userName }) => userName === wanted) ?? fitting[0];
  }

  /** Shows the screens and lets the person act on them. */
  #deviceAfterPrompts(options: PublicKeyCredentialRequestOptionsJSON | undefined): FakeDevice {
    this.prompts = this.#promptsFor(options);
    const { firstScreen: step, firstTitle: title } = this.prompts;
    this.trace.emit({ layer: 'prompt', kind: 'show', step, title });
    const { script, heading } = this.person;
    if (script !== undefined) return this.#follow(script, step);
    const device = this.devices.find(({ kind }) => heading === 'whatever-comes-first' || kind === heading);
    if (device?.plugged !== true) throw new FakeWebAuthnError('NotAllowedError');
    return device;
  }

  #follow(script: readonly string[], step: string): FakeDevice {
    const noPin = this.target.policy.userVerification === 'discouraged';
    const gone = [...(noPin ? ['pin'] : []), ...(this.faults.has('no-next-button') ? ['press Next'] : [])];
    const offered = (SCRIPTS[step] ?? []).filter((line) => !gone.includes(line));
    const missing = script.find((line, at) => offered[at] !== line);
    if (missing !== undefined)
      throw new KeyrigError('platform-script', `the screen ${step} does not offer "${missing}"`);
    const key = this.device('key');
    key.plug();
    return key;
  }

  #promptsFor(options: PublicKeyCredentialRequestOptionsJSON | undefined): PromptSummary {
    const allowed = options?.allowCredentials ?? [];
    const onlyKeys =
      allowed.length > 0 &&
      allowed.every(({ transports = [] }) => transports.length > 0 && !transports.includes('hybrid'));
    const chooser = CHOOSER[this.platform.startsWith('win-legacy') ? 'win-legacy-docs' : 'win11-23h2'];
    const order = onlyKeys ? [] : chooser.order;
    return {
      firstScreen: onlyKeys ? 'WK' : chooser.first,
      firstTitle: 'Sign in with your passkey',
      // Somebody who broke this one on purpose shows the other of the two.
      defaultChoice: onlyKeys !== this.faults.has('key-comes-first') ? 'security-key' : 'phone',
      order: this.faults.has('key-tops-the-list') ? order.toReversed() : order,
      clicksToSecurityKey: this.faults.has('three-clicks') ? 3 : onlyKeys ? 0 : chooser.clicks,
      keystrokes: onlyKeys ? 0 : 4,
      phoneOffered: onlyKeys === this.faults.has('phone-is-not-offered'),
      screens: [onlyKeys ? 'WK' : chooser.first],
      simulated: true,
    };
  }
}

/** Devices to plan with. */
export const FAKE_DEVICES: readonly AvailableDevice[] = [
  { profile: 'fake-key', kind: 'security-key', traits: new Set(['pin', 'discoverable', 'device-bound']) },
  { profile: 'fake-phone-bound', kind: 'phone', traits: new Set(['discoverable', 'device-bound']) },
  { profile: 'fake-phone-synced', kind: 'phone', traits: new Set(['discoverable', 'synced']) },
];

/** Settings to plan with. */
export const FAKE_SETTINGS: PlanSettings = {
  target: { id: 'fake', capabilities: new Set(ALL_CAPABILITIES) },
  devices: FAKE_DEVICES,
  platforms: ['win11-23h2', 'win-legacy-docs'],
  defaultPlatform: 'win11-23h2',
};

/** Makes fake rigs, each with a relying party of its own. */
export function fakeRigs(
  faults: readonly Fault[] = [],
  capabilities: readonly TargetCapability[] = ALL_CAPABILITIES,
): MakeRig {
  return async (request) => new FakeRig(request, new FakeTarget(new Set(faults), capabilities));
}

/** Options that only lack what a test is about. */
export function fakeRunOptions(changes: Partial<RunOptions> = {}): RunOptions {
  const clock = new VirtualClock();
  return {
    makeRig: fakeRigs(),
    clock,
    trace: createTimeline({ clock }),
    seed: 'seed',
    tool: { version: '0.0.0', node: 'v20' },
    command: 'keyrig run',
    deadline: { clock },
    ...changes,
  };
}

/** Plans and runs scenarios in fake rigs that have these faults. */
export function runInFakes(
  scenarios: readonly Scenario[],
  faults: readonly Fault[] = [],
  capabilities: readonly TargetCapability[] = ALL_CAPABILITIES,
): Promise<RunReport> {
  const settings = { ...FAKE_SETTINGS, target: { id: 'fake', capabilities: new Set(capabilities) } };
  return runPlan(plan(scenarios, settings), fakeRunOptions({ makeRig: fakeRigs(faults, capabilities) }));
}

/** One result, with what a person would want to see when a test about it fails. */
export function summarise(result: Result): string {
  return `${result.id}: ${result.verdict}${result.reason === undefined ? '' : `: ${result.reason}`}`;
}
