import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseYaml } from '../data/located-yaml.js';
import { formatError, KeyrigError } from '../errors.js';
import { FAKE_SETTINGS, type Fault, runInFakes, summarise } from './fake-rig.suite.js';
import { plan } from './plan.js';
import type { Result } from './results.js';
import { scenarioFromYaml } from './yaml-scenario.js';
import { yamlScenarioSchema } from './yaml-schema.js';

/** A file with these steps, two devices and nothing else of interest. */
const file = (...steps: readonly string[]) =>
  [
    'id: mine',
    'title: something must hold',
    'devices:',
    '  key: { kind: security-key, pin: "246810" }',
    '  phone: { kind: phone, passkeys: synced }',
    'steps:',
    ...steps.map((step) => `  - ${step}`),
    '',
  ].join('\n');

const parse = (text: string) => parseYaml(yamlScenarioSchema, text, 'mine.yaml', 'scenario-invalid');

async function run(text: string, faults: readonly Fault[] = []): Promise<Result> {
  const report = await runInFakes([scenarioFromYaml(parse(text))], faults);
  return report.results[0] as Result;
}

function fault(text: string): string {
  try {
    parse(text);
    return 'no fault';
  } catch (error) {
    expect(error).toBeInstanceOf(KeyrigError);
    return formatError(error);
  }
}

describe('a scenario file', () => {
  it('that registers and signs in passes', async () => {
    const result = await run(file('register: {}', 'signIn: {}', 'expect: { signedInAs: alice }'));
    expect(summarise(result)).toBe('mine: PASS');
    expect(result.steps.map(({ title }) => title)).toContain('sign in with a passkey');
  });
  it.each<[Fault, string]>([
    ['registration-refused', 'the relying party accepts the new passkey'],
    ['assertion-refused', 'the relying party accepts the assertion'],
    ['signs-in-nobody', 'signed in as'],
    ['everybody-is-signed-in', 'nobody is signed in yet'],
  ])('fails on %s', async (broken, reason) => {
    const result = await run(file('register: {}', 'signIn: {}', 'expect: { signedInAs: alice }'), [broken]);
    expect(summarise(result)).toContain(`mine: FAIL: ${reason}`);
  });

  it('needs what its steps need', () => {
    const scenario = scenarioFromYaml(
      parse(
        `platform: win-legacy-docs\nbrowser: edge\ndeadline: 5\n${file(
          'register: {}',
          'signIn: { flow: usernameless }',
          'signInWithPassword: alice',
          'expect: { signedInAs: alice }',
        )}`,
      ),
    );
    expect(scenario.deadlineMs).toBe(5_000);
    expect(scenario.needs.capabilities).toEqual([
      'register',
      'signIn.usernameless',
      'signIn.password',
      'whoami',
    ]);
    expect(plan([scenario], FAKE_SETTINGS)).toMatchObject([
      {
        id: 'mine/edge',
        platform: 'win-legacy-docs',
        browser: 'edge',
        devices: [
          { id: 'key', profile: 'fake-key' },
          { id: 'phone', profile: 'fake-phone-synced' },
        ],
        skip: undefined,
      },
    ]);
  });
});

describe('a step', () => {
  const good: readonly (readonly [string, readonly string[]])[] = [
    [
      'expects an error of the ceremony before it',
      [
        'register: {}',
        'pin: { device: key, knows: "000000" }',
        'signIn: {}',
        'expect: { error: NotAllowedError, signedInAs: null }',
      ],
    ],
    [
      'breaks the key, and mends it',
      [
        'fault: { device: key, fault: signature, value: wrong, times: 1 }',
        'clearFaults: key',
        'register: {}',
      ],
    ],
    [
      'forgets the PIN',
      [
        'register: {}',
        'pin: { device: key, knows: null }',
        'signIn: {}',
        'expect: { error: NotAllowedError }',
      ],
    ],
    [
      'denies the touch',
      [
        'register: {}',
        'touch: { device: key, behaviour: deny }',
        'signIn: {}',
        'expect: { error: NotAllowedError }',
      ],
    ],
    [
      'pulls the key out, and plugs it in again',
      [
        'register: {}',
        'unplug: key',
        'signIn: {}',
        'expect: { error: NotAllowedError }',
        'plug: key',
        'signIn: {}',
      ],
    ],
    [
      'clears the soft block with a power cycle',
      [
        'register: {}',
        'pin: { device: key, knows: "000000" }',
        'signIn: {}',
        'expect: { error: NotAllowedError }',
        'pin: { device: key, knows: "246810" }',
        'signIn: {}',
        'expect: { error: NotAllowedError }',
        'powerCycle: key',
        'signIn: {}',
        'expect: { signedInAs: alice }',
      ],
    ],
    [
      'picks the account',
      [
        'register: { user: alice }',
        'register: { user: bob }',
        'signIn: { flow: usernameless, user: alice, account: alice }',
        'expect: { signedInAs: alice }',
        'signIn: { flow: usernameless, user: bob, account: bob }',
        'expect: { signedInAs: bob }',
      ],
    ],
    [
      'follows instructions, and looks at the screens',
      [
        'register: {}',
        'unplug: key',
        'person: { follows: [select More choices, select Security key, press Next, insert, pin, touch] }',
        'signIn: { flow: usernameless }',
        'expect: { firstScreen: W1, defaultChoice: phone, clicks: 2, phoneOffered: true, order: ["iPhone, iPad, or Android device", Security key] }',
      ],
    ],
    [
      'wishes for options',
      [
        'register: {}',
        'signIn: { wishes: { transports: [usb, nfc] } }',
        'expect: { defaultChoice: security-key, clicks: 0 }',
      ],
    ],
    [
      'heads for the phone, and reads the flags',
      [
        'register: { device: phone }',
        'expect: { flags: { UV: true, BE: true, BS: true } }',
        'signIn: { device: phone }',
      ],
    ],
    [
      'fails verification on the phone',
      [
        'verification: { device: phone, outcome: fail }',
        'register: { device: phone }',
        'expect: { error: NotAllowedError }',
      ],
    ],
    [
      'says where the person is heading',
      ['person: { wants: phone }', 'register: { device: key }', 'expect: { flags: { BE: true } }'],
    ],
    ['signs in with the password', ['signInWithPassword: bob', 'expect: { signedInAs: bob }']],
  ];
  it.each(good)('%s', async (_, steps) => {
    expect(summarise(await run(file(...steps)))).toBe('mine: PASS');
  });

  const broken: readonly (readonly [string, string, readonly string[]])[] = [
    [
      'an error that does not come',
      'sign in with a passkey: expected NotAllowedError, got success',
      ['register: {}', 'signIn: {}', 'expect: { error: NotAllowedError }'],
    ],
    [
      'an error that nobody expected',
      'the ceremony ended with NotAllowedError',
      ['register: {}', 'unplug: key', 'signIn: {}', 'expect: { signedInAs: null }'],
    ],
    [
      'another error',
      'sign in with a passkey: expected InvalidStateError, got NotAllowedError',
      ['register: {}', 'unplug: key', 'signIn: {}', 'expect: { error: InvalidStateError }'],
    ],
    [
      'a refusal that does not come',
      'the relying party refuses the assertion: expected refused, got accepted',
      ['register: {}', 'signIn: {}', 'expect: { refused: true }'],
    ],
    [
      'somebody else',
      'signed in as: expected bob',
      ['register: {}', 'signIn: {}', 'expect: { signedInAs: bob }'],
    ],
    [
      'other screens',
      'clicks to the security key: expected 1, got 2',
      ['register: {}', 'expect: { clicks: 1 }'],
    ],
    [
      'other flags',
      'the flag BE: expected true, got false',
      ['register: {}', 'expect: { flags: { BE: true } }'],
    ],
  ];
  it.each(broken)('fails on %s', async (_, reason, steps) => {
    expect(summarise(await run(file(...steps)))).toContain(`mine: FAIL: ${reason}`);
  });

  it('expects a refusal, which leaves nobody signed in', async () => {
    const steps = file('register: {}', 'signIn: {}', 'expect: { refused: true }');
    expect(summarise(await run(steps, ['assertion-refused']))).toBe('mine: PASS');
    expect(summarise(await run(steps, ['assertion-refused-but-signed-in']))).toContain(
      'mine: FAIL: nobody is signed in yet',
    );
  });
  it('never shows a PIN', async () => {
    const result = await run(
      file(
        'register: {}',
        'pin: { device: key, knows: "135791" }',
        'signIn: {}',
        'expect: { error: NotAllowedError }',
      ),
    );
    expect(JSON.stringify(result)).not.toMatch(/246810|135791/);
  });
});

describe('a fault in a file', () => {
  it.each([
    [
      'an unknown step',
      'regster: {}',
      'mine.yaml:7:5: steps[0].regster: expected one of the keys register, signIn, signInWithPassword, pin, touch, verification, fault, clearFaults, plug, unplug, powerCycle, person, expect (did you mean "register"?)',
    ],
    [
      'two steps in one',
      '{ plug: key, unplug: key }',
      'mine.yaml:7:5: steps[0]: expected exactly one of register, signIn, signInWithPassword, pin, touch, verification, fault, clearFaults, plug, unplug, powerCycle, person, expect',
    ],
    [
      'an unknown device of a fault',
      'fault: { device: kye, fault: signature }',
      'mine.yaml:7:22: steps[0].fault.device: expected one of the devices key, phone, got "kye" (did you mean "key"?)',
    ],
    [
      'a fault that there is not',
      'fault: { device: key, fault: signature, value: wrnog }',
      'mine.yaml:7:52: steps[0].fault.value: there is no value "wrnog": expected wrong, other-data, empty (did you mean wrong?)',
    ],
    [
      'an unknown device',
      'plug: kye',
      'mine.yaml:7:11: steps[0].plug: expected one of the devices key, phone, got "kye" (did you mean "key"?)',
    ],
    [
      'an unknown device of a ceremony',
      'signIn: { device: tv }',
      'mine.yaml:7:23: steps[0].signIn.device: expected one of the devices key, phone, got "tv"',
    ],
    [
      'an unknown flow',
      'signIn: { flow: usernamless }',
      'mine.yaml:7:21: steps[0].signIn.flow: expected one of "username", "usernameless", got "usernamless" (did you mean "usernameless"?)',
    ],
    [
      'an unknown DOMException',
      'expect: { error: NotAllowed }',
      'mine.yaml:7:22: steps[0].expect.error: expected one of "NotAllowedError", "InvalidStateError", "NotSupportedError", "SecurityError", "ConstraintError", "EncodingError", "AbortError", "UnknownError", got "NotAllowed" (did you mean "NotAllowedError"?)',
    ],
    [
      'an error of no ceremony',
      'expect: { error: NotAllowedError }',
      'mine.yaml:7:13: steps[0].expect: expected a register or signIn step right before what says how it ends',
    ],
    [
      'nothing expected',
      'expect: {}',
      'mine.yaml:7:13: steps[0].expect: expected at least one thing to expect',
    ],
    [
      'a number of clicks that is none',
      'expect: { clicks: two }',
      'mine.yaml:7:23: steps[0].expect.clicks: expected number, got "two"',
    ],
    [
      'a touch of no known kind',
      'touch: { device: key, behaviour: maybe }',
      'mine.yaml:7:38: steps[0].touch.behaviour: expected "at-once" or "never" or "deny" or object, got "maybe"',
    ],
    [
      'a user with a space',
      'signInWithPassword: a b',
      'mine.yaml:7:25: steps[0].signInWithPassword: expected letters and digits, e.g. alice',
    ],
  ])('such as %s is shown where it is', (_, step, expected) => {
    expect(fault(file(step))).toBe(expected);
  });
  it('such as no device or no step is shown', () => {
    expect(fault('id: mine\ntitle: t\ndevices: {}\nsteps:\n  - plug: key\n')).toContain(
      'mine.yaml:3:10: devices: expected at least one device',
    );
    expect(fault('id: mine\ntitle: t\ndevices: { key: { kind: phone } }\nsteps: []\n')).toBe(
      'mine.yaml:4:8: steps: expected a count of at least 1, got array',
    );
    expect(fault(file('plug: key').replace('id: mine', 'id: my scenario'))).toBe(
      'mine.yaml:1:5: id: expected letters, digits and single hyphens, e.g. sign-in-username',
    );
  });
});

it('the schema can be published for editors', () => {
  const schema = z.toJSONSchema(yamlScenarioSchema, { io: 'input' });
  expect(schema).toMatchObject({
    type: 'object',
    required: ['id', 'title', 'devices', 'steps'],
    additionalProperties: false,
    properties: {
      steps: { items: { minProperties: 1, maxProperties: 1, properties: { signIn: { type: 'object' } } } },
    },
  });
});
