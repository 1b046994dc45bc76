/**
 * Scenarios as YAML: devices, a person, and a list of steps, for those who don't want to write code.
 *
 * The schema is published as JSON Schema for editors; every description here is what people see there.
 */
import { z } from 'zod';
import { checkDeviceFault, deviceFaultMembers } from '../ctap/device-fault-schema.js';
import { nearestName } from '../data/nearest-name.js';
import { FLAG_NAMES } from './flags.js';
import { SCENARIO_ID, SCENARIO_ID_RULE } from './scenario.js';

const deviceName = z.string().min(1).describe('the name under which the device stands in `devices`');
const userName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9]*$/, 'expected letters and digits, e.g. alice')
  .describe('what this scenario calls the person, e.g. alice; the account is made up for the run');

const touch = z
  .union([
    z.enum(['at-once', 'never', 'deny']),
    z.strictObject({ after: z.int().nonnegative().describe('milliseconds') }),
  ])
  .describe('what the person does when the device waits for a touch');

const kindWanted = z.enum(['security-key', 'phone', 'whatever-comes-first']);

const device = z.strictObject({
  kind: z.enum(['security-key', 'phone', 'platform']),
  profile: z.string().optional().describe('exactly this device profile; by default the first of the kind'),
  passkeys: z.enum(['device-bound', 'synced']).optional().describe('what kind of passkeys it must make'),
  pin: z
    .string()
    .min(4, 'expected at least four characters')
    .optional()
    .describe('set before the first step; the person knows it'),
  plugged: z.boolean().optional().describe('whether it is plugged in at the start; by default yes'),
  touch: touch.optional(),
});

const wishes = z
  .strictObject({
    hints: z.array(z.enum(['security-key', 'client-device', 'hybrid'])).exactOptional(),
    transports: z
      .array(z.enum(['usb', 'nfc', 'ble', 'hybrid', 'internal', 'smart-card']))
      .exactOptional()
      .describe('of every descriptor in allowCredentials; an empty list takes them out'),
    attachment: z.enum(['platform', 'cross-platform']).exactOptional(),
    residentKey: z.enum(['required', 'preferred', 'discouraged']).exactOptional(),
  })
  .describe('what the relying party is asked to put into its options');

const ceremony = {
  user: userName.optional().describe("whose account it is; by default the scenario's user"),
  device: deviceName.optional().describe('which device the person heads for; by default the first'),
  wishes: wishes.optional(),
};

const domException = z.enum([
  'NotAllowedError',
  'InvalidStateError',
  'NotSupportedError',
  'SecurityError',
  'ConstraintError',
  'EncodingError',
  'AbortError',
  'UnknownError',
]);

const expectation = z
  .strictObject({
    error: domException.optional().describe('the ceremony before ends with this DOMException'),
    refused: z
      .literal(true)
      .optional()
      .describe('the relying party refuses the response of the ceremony before'),
    signedInAs: userName.nullable().optional().describe('who the oracle says is signed in; null: nobody'),
    flags: z
      .partialRecord(z.enum(FLAG_NAMES), z.boolean())
      .optional()
      .describe("flags of the last response's authenticator data, e.g. { UV: true, BE: false }"),
    firstScreen: z.string().optional().describe('step id of the first screen of the last ceremony'),
    defaultChoice: z.enum(['phone', 'security-key', 'platform', 'none']).optional(),
    order: z.array(z.string()).optional().describe('the choices in the order shown'),
    clicks: z.int().nonnegative().optional().describe('clicks to the security key'),
    phoneOffered: z.boolean().optional(),
  })
  .refine((members) => Object.keys(members).length > 0, {
    error: 'expected at least one thing to expect',
    when: nothingElseIsWrong,
  })
  .meta({ minProperties: 1 });

/** Every step by its one key. */
const STEPS = {
  register: z.strictObject(ceremony).describe('makes a passkey and submits it, which must work'),
  signIn: z
    .strictObject({
      flow: z.enum(['username', 'usernameless']).optional().describe('by default username'),
      account: userName.optional().describe('whom the person picks when several accounts are offered'),
      ...ceremony,
    })
    .describe('signs in with a passkey in a new browser session'),
  signInWithPassword: userName.describe('signs in with the password in a new browser session'),
  pin: z
    .strictObject({ device: deviceName, knows: z.string().nullable() })
    .describe('the PIN that the person types from now on; null: they cancel'),
  touch: z.strictObject({ device: deviceName, behaviour: touch }),
  verification: z
    .strictObject({ device: deviceName, outcome: z.enum(['succeed', 'fail', 'not-configured']) })
    .describe('how built-in user verification ends from now on'),
  fault: z
    .strictObject({ device: deviceName, ...deviceFaultMembers })
    .superRefine(checkDeviceFault)
    .describe('what the device does wrong from now on'),
  clearFaults: deviceName.describe('it does nothing wrong any more'),
  plug: deviceName,
  unplug: deviceName,
  powerCycle: deviceName.describe('unplugs it and plugs it in again'),
  person: z
    .union([z.strictObject({ follows: z.array(z.string()).min(1) }), z.strictObject({ wants: kindWanted })])
    .describe('what the person does with the screens of the next ceremony'),
  expect: expectation.describe('what must be true now'),
};

/** All of them optional, so that a fault is shown where it is, not as a step that fits none of many forms. */
const step = z
  .strictObject({
    register: STEPS.register.optional(),
    signIn: STEPS.signIn.optional(),
    signInWithPassword: STEPS.signInWithPassword.optional(),
    pin: STEPS.pin.optional(),
    touch: STEPS.touch.optional(),
    verification: STEPS.verification.optional(),
    fault: STEPS.fault.optional(),
    clearFaults: STEPS.clearFaults.optional(),
    plug: STEPS.plug.optional(),
    unplug: STEPS.unplug.optional(),
    powerCycle: STEPS.powerCycle.optional(),
    person: STEPS.person.optional(),
    expect: STEPS.expect.optional(),
  })
  .refine((members) => Object.keys(members).length === 1, {
    error: `expected exactly one of ${Object.keys(STEPS).join(', ')}`,
    when: nothingElseIsWrong,
  })
  .meta({ minProperties: 1, maxProperties: 1 });

/**
 * A scenario file.
 *
 * @example
 * ```yaml
 * id: wrong-pin
 * title: a wrong PIN signs nobody in
 * devices:
 *   key: { kind: security-key, pin: "246810" }
 * steps:
 *   - register: {}
 *   - pin: { device: key, knows: "000000" }
 *   - signIn: {}
 *   - expect: { error: NotAllowedError, signedInAs: null }
 * ```
 */
export const yamlScenarioSchema = z
  .strictObject({
    id: z.string().regex(SCENARIO_ID, SCENARIO_ID_RULE).describe('stable, for reports and the command line'),
    title: z.string().min(1).describe('one sentence that says what must hold'),
    clause: z.string().optional().describe('where the rule is written'),
    platform: z.string().optional().describe('name of the platform profile that it needs'),
    browser: z.string().optional().describe("the platform's browser"),
    deadline: z.int().positive().optional().describe('seconds until it is given up'),
    user: userName.optional().describe('by default alice'),
    devices: z
      .record(z.string(), device)
      .refine((devices) => Object.keys(devices).length > 0, 'expected at least one device'),
    steps: z.array(step).min(1),
  })
  .superRefine((scenario, context) => {
    const devices = Object.keys(scenario.devices);
    scenario.steps.forEach((one, at) => {
      for (const { path, name } of devicesOf(one)) {
        if (devices.includes(name)) continue;
        const message = `expected one of the devices ${devices.join(', ')}, got "${name}"${suggest(name, devices)}`;
        context.addIssue({ code: 'custom', path: ['steps', at, ...path], message });
      }
      if (!followsCeremony(one, scenario.steps[at - 1]))
        context.addIssue({
          code: 'custom',
          path: ['steps', at, 'expect'],
          message: 'expected a register or signIn step right before what says how it ends',
        });
    });
  });

/** A misspelt key is one fault, and not also that nothing is there. */
function nothingElseIsWrong({ issues }: { readonly issues: readonly unknown[] }): boolean {
  return issues.length === 0;
}

/** A checked scenario file. */
export type YamlScenario = z.output<typeof yamlScenarioSchema>;

/** One of its steps: exactly one member is there. */
export type YamlStep = YamlScenario['steps'][number];

/** Every place of a step that names a device. */
function devicesOf(one: YamlStep): readonly { readonly path: readonly string[]; readonly name: string }[] {
  const named: readonly (readonly [readonly string[], string | undefined])[] = [
    [['register', 'device'], one.register?.device],
    [['signIn', 'device'], one.signIn?.device],
    [['pin', 'device'], one.pin?.device],
    [['touch', 'device'], one.touch?.device],
    [['verification', 'device'], one.verification?.device],
    [['fault', 'device'], one.fault?.device],
    [['clearFaults'], one.clearFaults],
    [['plug'], one.plug],
    [['unplug'], one.unplug],
    [['powerCycle'], one.powerCycle],
  ];
  return named.flatMap(([path, name]) => (name === undefined ? [] : [{ path, name }]));
}

/** How a ceremony ends can only be said of the one right before: a later step can't tell any more. */
function followsCeremony(one: YamlStep, before: YamlStep | undefined): boolean {
  if (one.expect?.error === undefined && one.expect?.refused === undefined) return true;
  return before?.register !== undefined || before?.signIn !== undefined;
}

function suggest(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  return nearest === undefined ? '' : ` (did you mean "${nearest}"?)`;
}
