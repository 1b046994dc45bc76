/** Every state of every profile, reached by every action and event: nothing undefined, nothing without a way out. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CeremonyRequest } from '../client/ports.js';
import type { EnvironmentWishes } from './environment.js';
import type { PromptMachine } from './machine.js';
import {
  allow,
  key,
  laptop,
  loadProfiles,
  type MachineWishes,
  machineFor,
  phone,
  register,
  signIn,
} from './platform.suite.js';
import type { Action } from './ports.js';
import type { PlatformProfile } from './profile.js';
import type { MachineDevice, PromptEvent, PromptState } from './state.js';
import { evidenceOf } from './summary.js';

const profiles = loadProfiles();

/** What one device can bring about while it is in use. */
function eventsOf(device: string): readonly PromptEvent[] {
  return [
    { kind: 'touch-wanted', device },
    { kind: 'working', device },
    ...(['verify', 'set', 'change'] as const).map(
      (reason): PromptEvent => ({
        kind: 'pin-wanted',
        request: { device, reason, minPinLength: 4, wrong: reason === 'verify', retries: 7 },
      }),
    ),
    { kind: 'account-wanted', accounts: ['ada', 'bob'] },
    { kind: 'no-credentials', device },
    { kind: 'refused', device },
    { kind: 'pin-blocked', device, untilPowerCycle: true },
    { kind: 'pin-blocked', device, untilPowerCycle: false },
    { kind: 'finished' },
  ];
}

const PLUGS: readonly PromptEvent[] = [
  { kind: 'plugged', device: 'key' },
  { kind: 'unplugged', device: 'key' },
];

/** Whatever a client or a hand could send, sensible now or not. */
const EVENTS: readonly PromptEvent[] = [...['key', 'phone', 'laptop'].flatMap(eventsOf), ...PLUGS];

/** What can happen in a state. */
function eventsIn({ phase, device }: PromptState): readonly PromptEvent[] {
  return phase === 'running' && device !== undefined ? [...eventsOf(device), ...PLUGS] : PLUGS;
}

const REQUESTS: readonly CeremonyRequest[] = [
  signIn,
  { ...signIn, mediation: 'conditional' },
  { ...signIn, ...allow(['usb', 'nfc']) },
  { ...signIn, ...allow(['hybrid']) },
  { ...signIn, ...allow(['internal']) },
  { ...signIn, ...allow(['nfc']) },
  { ...signIn, hints: ['security-key'] },
  register,
  { ...signIn, operation: 'create', residentKey: 'required' },
  { ...register, hints: ['security-key'], residentKey: 'discouraged' },
];

const DEVICES: readonly (readonly MachineDevice[])[] = [
  [key, phone, laptop],
  [{ ...key, pinSet: true, plugged: true }, { ...key, id: 'second' }, phone, laptop],
  [],
];

/** Every allowed value of every input once, the others at their defaults. */
function environments({ environment }: PlatformProfile): readonly EnvironmentWishes[] {
  const { bluetooth, winApi, winHello, hintsOrder, dialogHints, passwordManager, linkedPhones } = environment;
  return [
    ...bluetooth.allowed.map((value) => ({ bluetooth: value })),
    ...winApi.allowed.map((value) => ({ winApi: value })),
    ...winHello.allowed.map((value) => ({ winHello: value })),
    ...hintsOrder.allowed.map((value) => ({ hintsOrder: value })),
    ...dialogHints.allowed.map((value) => ({ dialogHints: value })),
    ...passwordManager.allowed.map((value) => ({ passwordManager: value })),
    ...(linkedPhones.most > 0 ? [{ linkedPhones: ['Pixel'] }] : []),
  ];
}

function settings(profile: PlatformProfile): readonly MachineWishes[] {
  return environments(profile).flatMap((environment) =>
    REQUESTS.flatMap((request) =>
      DEVICES.flatMap((devices) =>
        [[], ['ada', 'bob']].map((local) => ({ environment, request, devices, local })),
      ),
    ),
  );
}

/** Every state that can be reached from `start`. */
function reachable(machine: PromptMachine, start: PromptState): readonly PromptState[] {
  const seen = new Map([[JSON.stringify(start), start]]);
  for (const state of seen.values()) {
    const acted = machine.offered(state).map((action) => {
      const result = machine.act(state, action);
      if (!result.ok) throw new Error(`${state.step} offers what it does not do: ${JSON.stringify(action)}`);
      return result.state;
    });
    const raised = eventsIn(state).map((event) => machine.raise(state, event));
    for (const next of [...acted, ...raised]) {
      const id = JSON.stringify(next);
      if (!seen.has(id)) seen.set(id, next);
    }
  }
  return [...seen.values()];
}

/** A few settings whose graphs are walked whole; together they touch every step. */
function walked(profile: PlatformProfile): readonly MachineWishes[] {
  const devices = [key, phone, laptop];
  const manager = profile.environment.passwordManager.allowed.includes('enabled');
  const hello = profile.environment.winHello.allowed.includes('ready');
  const named = profile.environment.linkedPhones.most > 0;
  const rich: EnvironmentWishes = {
    ...(manager ? { passwordManager: 'enabled' } : {}),
    ...(hello ? { winHello: 'ready' } : {}),
    ...(named ? { linkedPhones: ['Pixel'] } : {}),
  };
  const { attachment: _, ...anywhere } = register;
  return [
    { devices, environment: rich, local: ['ada'] },
    { devices, environment: rich, request: { ...signIn, mediation: 'conditional' }, local: ['ada'] },
    { devices, environment: rich, request: anywhere },
    { devices, request: { ...signIn, hints: ['hybrid'] } },
    { devices, environment: { bluetooth: 'off' } },
    { devices, request: { ...signIn, ...allow(['internal']) } },
    { devices, request: { ...signIn, ...allow(['nfc']) } },
    { devices, request: { ...signIn, ...allow(['usb']) } },
    {
      devices: [
        { ...key, plugged: true, pinSet: true },
        { ...key, id: 'second' },
      ],
      request: register,
    },
  ];
}

describe.each(profiles)('$id', (profile) => {
  const steps = new Set(profile.steps.map(({ id }) => id));
  const graphs = walked(profile).map((wishes) => {
    const machine = machineFor(profile, wishes);
    return { machine, states: reachable(machine, machine.start()) };
  });

  /** What is wrong with any state, one line each. */
  function faults(look: (machine: PromptMachine, state: PromptState) => boolean): readonly string[] {
    return graphs.flatMap(({ machine, states }) =>
      states.filter((state) => !look(machine, state)).map((state) => JSON.stringify(state)),
    );
  }

  it('leads from every state, by every action and event, to a state with a screen', () => {
    const undrawn = faults((machine, state) => {
      const { title, body } = machine.screen(state);
      return steps.has(state.step) && title !== '' && !/[{}]/.test(`${title}${body}`);
    });
    expect(undrawn).toEqual([]);
  });

  it('selects nothing that is not listed, and lists nothing twice', () => {
    const unlisted = faults((machine, state) => {
      const { choices, selected } = machine.screen(state);
      const ids = new Set(choices.map(({ id }) => id));
      return ids.size === choices.length && (selected === undefined || ids.has(selected));
    });
    expect(unlisted).toEqual([]);
  });

  it('can be left from every state: Escape always cancels', () => {
    const stuck = faults((machine, state) => {
      if (state.phase === 'ended') return machine.offered(state).length === 0;
      const result = machine.act(state, { kind: 'cancel' });
      return result.ok && result.state.phase === 'ended' && result.state.ending === 'cancelled';
    });
    expect(stuck).toEqual([]);
  });

  it('shows every one of its steps somewhere', () => {
    const shown = new Set(graphs.flatMap(({ states }) => states.map(({ step }) => step)));
    expect([...steps].filter((step) => !shown.has(step))).toEqual([]);
  });

  it('has evidence for every rule that fires, and a step for all that the rules come to', () => {
    for (const wishes of settings(profile)) {
      const machine = machineFor(profile, wishes);
      const start = machine.start();
      for (const fired of machine.decision(start).rules)
        expect(evidenceOf(profile, fired), `${fired.rule}/${fired.outcome}`).toBeDefined();
    }
  });

  it('takes any sequence of actions and events without falling over or leaving its steps', () => {
    const action: fc.Arbitrary<Action> = fc.oneof(
      fc.record({
        kind: fc.constant('select' as const),
        choice: fc.constantFrom('phone', 'security-key', 'credential:0', 'others', 'account:1', 'nonsense'),
      }),
      fc.record({
        kind: fc.constant('press' as const),
        control: fc.constantFrom('Next', 'OK', 'Back', 'Cancel', 'Try again', 'Continue', 'nonsense'),
      }),
      fc.constantFrom<Action>(
        { kind: 'insert' },
        { kind: 'touch' },
        { kind: 'scan' },
        { kind: 'pin' },
        { kind: 'verify' },
        { kind: 'touch', device: 'nonsense' },
      ),
    );
    const moves = fc.array(fc.oneof(action, fc.nat(60)), { maxLength: 25 });
    const setting = fc.constantFrom(...settings(profile));
    fc.assert(
      fc.property(setting, moves, (wishes, list) => {
        const machine = machineFor(profile, wishes);
        let state = machine.start();
        for (const move of list) {
          if (typeof move !== 'number') {
            const result = machine.act(state, move);
            if (result.ok) state = result.state;
            else expect(result.offered).toEqual(machine.offered(state));
          } else {
            const offered = machine.offered(state);
            const chosen = offered[move];
            const event = EVENTS[move % EVENTS.length];
            if (chosen !== undefined && chosen.kind !== 'cancel') {
              const result = machine.act(state, chosen);
              expect(result.ok).toBe(true);
              if (result.ok) state = result.state;
            } else if (event !== undefined) state = machine.raise(state, event);
          }
          expect(steps).toContain(machine.screen(state).step);
        }
      }),
      { numRuns: 300 },
    );
  });
});
