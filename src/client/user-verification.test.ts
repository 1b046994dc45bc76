import { describe, expect, it } from 'vitest';
import { FLAGS } from '../ctap/authenticator-data.js';
import { CLIENT_PIN_SUBCOMMANDS, type ClientPinRequest, PERMISSIONS } from '../ctap/messages/client-pin.js';
import type { GetInfoResponse } from '../ctap/messages/get-info.js';
import { STATUS } from '../ctap/status.js';
import type { UserVerificationRequirement } from '../webauthn/types.js';
import { planForAssertion, planForCreation } from './capabilities.js';
import { FakeKey, type FakeKeyOptions } from './fake-key.suite.js';
import { fakeMachine } from './fake-ui.suite.js';
import { CREATION, PAGE, REQUEST, RP_ID } from './good-options.suite.js';

const named = (name: string) => expect.objectContaining({ name });

/** One `create()`; a person who cancels when asked for a device again. */
function create(key: FakeKey, userVerification: UserVerificationRequirement = 'preferred') {
  const machine = fakeMachine([key]);
  machine.ui.choices.push({ kind: 'device', device: 'key' }, { kind: 'cancel' });
  const options = { ...CREATION, authenticatorSelection: { userVerification } };
  return { ...machine, result: machine.client.create(PAGE, options) };
}

const subCommands = (key: FakeKey) =>
  key.log.flatMap(({ command, request }) =>
    command === 'authenticatorClientPIN' ? [request as ClientPinRequest] : [],
  );
const verified = (authenticatorData: Uint8Array) => ((authenticatorData[32] ?? 0) & FLAGS.UV) !== 0;

/** All options that matter, as a device may have them. */
const info = (options: Readonly<Record<string, boolean>>): GetInfoResponse => ({
  ...new FakeKey().info,
  options: new Map(Object.entries(options)),
});

describe('whether the user is verified', () => {
  type Row = [string, Readonly<Record<string, boolean>>, string, string, string];

  // Columns: required, preferred, discouraged.
  it.each<Row>([
    ['a plain key', {}, 'impossible', 'skip', 'skip'],
    ['a key that could have a PIN', { clientPin: false }, 'set-pin', 'skip', 'skip'],
    ['a key with a PIN', { clientPin: true }, 'verify', 'verify', 'verify'],
    ['a key with a sensor', { uv: true }, 'verify', 'verify', 'verify'],
    ['a key with an unused sensor', { uv: false }, 'impossible', 'skip', 'skip'],
    [
      'a key that lets some credentials be made without',
      { clientPin: true, makeCredUvNotRqd: true },
      'verify',
      'verify',
      'skip',
    ],
    [
      'a key that always verifies',
      { clientPin: true, makeCredUvNotRqd: true, alwaysUv: true },
      'verify',
      'verify',
      'verify',
    ],
    [
      'a key that always verifies, without PIN',
      { clientPin: false, alwaysUv: true },
      'set-pin',
      'set-pin',
      'set-pin',
    ],
    [
      'a key whose PIN is for other things',
      { clientPin: true, noMcGaPermissionsWithClientPin: true },
      'impossible',
      'impossible',
      'impossible',
    ],
    [
      'a key with a sensor for this and a PIN for other things',
      { clientPin: true, uv: true, noMcGaPermissionsWithClientPin: true },
      'verify',
      'verify',
      'verify',
    ],
  ])('when a credential is made on %s', (_, options, required, preferred, discouraged) => {
    const plans = (['required', 'preferred', 'discouraged'] as const).map((requirement) =>
      planForCreation(info(options), requirement, false),
    );
    expect(plans).toEqual([required, preferred, discouraged]);
  });

  it('makeCredUvNotRqd is not for discoverable credentials', () => {
    const options = info({ clientPin: true, makeCredUvNotRqd: true });
    expect(planForCreation(options, 'discouraged', true)).toBe('verify');
  });

  it.each<Row>([
    ['a plain key', {}, 'impossible', 'skip', 'skip'],
    ['a key that could have a PIN', { clientPin: false }, 'impossible', 'skip', 'skip'],
    ['a key with a PIN', { clientPin: true }, 'verify', 'verify', 'skip'],
    ['a key with a sensor', { uv: true }, 'verify', 'verify', 'skip'],
    ['a key that always verifies', { clientPin: true, alwaysUv: true }, 'verify', 'verify', 'verify'],
  ])('when somebody signs in with %s', (_, options, required, preferred, discouraged) => {
    const plans = (['required', 'preferred', 'discouraged'] as const).map((requirement) =>
      planForAssertion(info(options), requirement),
    );
    expect(plans).toEqual([required, preferred, discouraged]);
  });
});

describe('a PIN', () => {
  it('is asked for, proven, and never seen on the timeline', async () => {
    const key = new FakeKey({ pin: 'open sesame' });
    const { result, ui, events } = create(key);
    ui.pins.push('open sesame');
    expect(verified((await result).authenticatorData)).toBe(true);
    expect(ui.pinRequests).toEqual([
      { device: 'key', reason: 'verify', minPinLength: 4, retries: 8, wrong: false },
    ]);
    expect(subCommands(key).at(-1)).toMatchObject({ permissions: PERMISSIONS.mc, rpId: RP_ID });
    expect(JSON.stringify(events)).not.toContain('sesame');
  });

  it('that is wrong is asked for again, with what is left', async () => {
    const key = new FakeKey({ pin: '1234', info: { minPINLength: 6 } });
    const { result, ui } = create(key);
    ui.pins.push('0000', '1234');
    await result;
    expect(ui.pinRequests).toMatchObject([
      { minPinLength: 6, retries: 8, wrong: false },
      { minPinLength: 6, retries: 7, wrong: true },
    ]);
  });

  it('that nobody enters ends the ceremony', async () => {
    const { result, ui } = create(new FakeKey({ pin: '1234' }));
    await expect(result).rejects.toThrow(named('NotAllowedError'));
    expect(ui.offers).toHaveLength(1);
  });

  it('that was wrong three times blocks the key until it is pulled', async () => {
    const key = new FakeKey({ pin: '1234' });
    const { result, ui } = create(key);
    ui.pins.push('0', '1', '2', '3');
    await expect(result).rejects.toThrow(named('NotAllowedError'));
    expect(ui.pinRequests).toHaveLength(3);
    expect(ui.notices).toEqual([{ kind: 'pin-blocked', device: 'key', untilPowerCycle: true }]);
    expect(ui.offers).toEqual([['key'], []]);
  });

  it('that was wrong three times is asked for again once the key was pulled', async () => {
    const key = new FakeKey({ pin: '1234' });
    const { client, ui } = fakeMachine([key]);
    const replug = () => {
      key.unplug();
      key.plug();
      return { kind: 'device', device: 'key' } as const;
    };
    ui.choices.push({ kind: 'device', device: 'key' }, replug, { kind: 'cancel' });
    ui.pins.push('0', '1', '2', '1234');
    const options = { ...CREATION, authenticatorSelection: { userVerification: 'required' as const } };
    expect(verified((await client.create(PAGE, options)).authenticatorData)).toBe(true);
    expect(ui.offers).toEqual([['key'], []]);
  });

  it('of a key that is blocked already is not asked for', async () => {
    const key = new FakeKey({ pin: '1234' });
    key.retries = 0;
    const { result, ui } = create(key);
    await expect(result).rejects.toThrow(named('NotAllowedError'));
    expect(ui.pinRequests).toEqual([]);
    expect(ui.notices).toEqual([{ kind: 'pin-blocked', device: 'key', untilPowerCycle: false }]);
  });

  it('of which the last try failed blocks the key for good', async () => {
    const key = new FakeKey({ pin: '1234' });
    key.retries = 1;
    const { result, ui } = create(key);
    ui.pins.push('0000');
    await expect(result).rejects.toThrow(named('NotAllowedError'));
    expect(ui.notices).toEqual([{ kind: 'pin-blocked', device: 'key', untilPowerCycle: false }]);
  });

  it('is not asked for without end by a key that never counts', async () => {
    const key = new FakeKey({ pin: '1234' });
    const { result, ui } = create(key);
    const counts = async () => {
      key.retries = 8;
      return Uint8Array.of(STATUS.CTAP2_ERR_PIN_INVALID);
    };
    key.script.authenticatorClientPIN = Array.from({ length: 100 }, (_, at) =>
      at % 3 === 2 ? counts : 'behave',
    );
    ui.pins.push(...Array.from({ length: 100 }, () => '0000'));
    await expect(result).rejects.toThrow(named('NotAllowedError'));
    expect(ui.pinRequests).toHaveLength(8);
  });

  it('that has to be changed is changed first', async () => {
    const key = new FakeKey({ pin: '1234', info: { forcePINChange: true } });
    const { result, ui } = create(key);
    ui.pins.push('1234', '12', 'abcdef');
    expect(verified((await result).authenticatorData)).toBe(true);
    expect(key.pin).toBe('abcdef');
    expect(ui.pinRequests.map(({ reason, wrong }) => [reason, wrong])).toEqual([
      ['verify', false],
      ['change', false],
      ['change', true],
    ]);
  });

  it('that has to be changed and is wrong is asked for again', async () => {
    const key = new FakeKey({ pin: '1234', info: { forcePINChange: true } });
    const { result, ui } = create(key);
    ui.pins.push('0000', 'abcdef', '1234', 'abcdef');
    await result;
    expect(ui.pinRequests.map(({ reason, wrong }) => [reason, wrong])).toEqual([
      ['verify', false],
      ['change', false],
      ['verify', true],
      ['change', false],
    ]);
  });

  it('is set where verification is required and none is there yet', async () => {
    const key = new FakeKey();
    const { result, ui } = create(key, 'required');
    ui.pins.push('1', '1234');
    expect(verified((await result).authenticatorData)).toBe(true);
    expect(key.pin).toBe('1234');
    expect(ui.pinRequests).toEqual([
      { device: 'key', reason: 'set', minPinLength: 4, wrong: false },
      { device: 'key', reason: 'set', minPinLength: 4, wrong: true },
    ]);
  });

  it.each([
    ['nobody sets one', [undefined], 1],
    ['nothing entered will do', Array.from({ length: 20 }, () => '1'), 8],
  ])('that is needed ends with NotAllowedError when %s', async (_, pins, asked) => {
    const { result, ui } = create(new FakeKey(), 'required');
    ui.pins.push(...pins);
    await expect(result).rejects.toThrow(named('NotAllowedError'));
    expect(ui.pinRequests).toHaveLength(asked);
  });

  it('works the old way on keys of CTAP 2.0', async () => {
    const key = new FakeKey({
      pin: '1234',
      options: { pinUvAuthToken: false },
      info: { versions: ['FIDO_2_0'], pinUvAuthProtocols: [1] },
    });
    const { result, ui } = create(key);
    ui.pins.push('1234');
    expect(verified((await result).authenticatorData)).toBe(true);
    expect(subCommands(key).at(-1)?.subCommand).toBe(CLIENT_PIN_SUBCOMMANDS.getPinToken);
  });

  it('is of no use when key and platform share no protocol', async () => {
    const { result, ui } = create(new FakeKey({ pin: '1234', info: { pinUvAuthProtocols: [9] } }));
    await expect(result).rejects.toThrow(named('ConstraintError'));
    expect(ui.told()).toEqual(['device-unusable']);
  });
});

describe('a sensor', () => {
  const BIO: FakeKeyOptions = { options: { uv: true } };

  it('is used before the PIN', async () => {
    const key = new FakeKey({ ...BIO, pin: '1234' });
    const { result, ui } = create(key);
    expect(verified((await result).authenticatorData)).toBe(true);
    expect(ui.pinRequests).toEqual([]);
    expect(subCommands(key).at(-1)?.subCommand).toBe(
      CLIENT_PIN_SUBCOMMANDS.getPinUvAuthTokenUsingUvWithPermissions,
    );
  });

  it('gives way to the PIN after as many attempts as the key prefers', async () => {
    const key = new FakeKey({ ...BIO, pin: '1234', info: { preferredPlatformUvAttempts: 3 } });
    key.finger = 'wrong';
    const { result, ui } = create(key);
    ui.pins.push('1234');
    expect(verified((await result).authenticatorData)).toBe(true);
    const byUv = CLIENT_PIN_SUBCOMMANDS.getPinUvAuthTokenUsingUvWithPermissions;
    expect(subCommands(key).filter(({ subCommand }) => subCommand === byUv)).toHaveLength(3);
  });

  it('that fails without a PIN drops the device', async () => {
    const key = new FakeKey(BIO);
    key.finger = 'wrong';
    const { result, ui } = create(key);
    await expect(result).rejects.toThrow(named('NotAllowedError'));
    expect(ui.notices).toEqual([
      { kind: 'device-refused', device: 'key', status: STATUS.CTAP2_ERR_UV_INVALID },
    ]);
  });

  it.each([[STATUS.CTAP2_ERR_UV_BLOCKED], [STATUS.CTAP2_ERR_NOT_ALLOWED]])(
    'that answers %i gives way to the PIN',
    async (status) => {
      const key = new FakeKey({ ...BIO, pin: '1234' });
      key.script.authenticatorClientPIN = ['behave', status];
      const { result, ui } = create(key);
      ui.pins.push('1234');
      expect(verified((await result).authenticatorData)).toBe(true);
    },
  );

  it('at which the user refuses ends the ceremony', async () => {
    const { result, ui } = create(new FakeKey({ ...BIO, pin: '1234', touch: 'deny' }));
    await expect(result).rejects.toThrow(named('NotAllowedError'));
    expect(ui.pinRequests).toEqual([]);
    expect(ui.offers).toHaveLength(1);
  });

  const OLD: FakeKeyOptions = {
    options: { uv: true, pinUvAuthToken: false },
    info: { versions: ['FIDO_2_0'] },
  };

  it('of CTAP 2.0 works while the command runs', async () => {
    const key = new FakeKey(OLD);
    const { result } = create(key);
    expect(verified((await result).authenticatorData)).toBe(true);
    expect(key.commands()).toEqual(['GetInfo', 'MakeCredential']);
    expect(key.log[1]?.request).toMatchObject({ options: { uv: true } });
  });

  it('of CTAP 2.0 that is used up gives way to the PIN', async () => {
    const key = new FakeKey({ ...OLD, pin: '1234' });
    key.finger = 'wrong';
    const { result, ui } = create(key);
    ui.pins.push('1234');
    expect(verified((await result).authenticatorData)).toBe(true);
    expect(key.log.at(-1)?.request).not.toHaveProperty('options');
  });
});

describe('a key that wants a PIN although it did not say so', () => {
  it('gets it', async () => {
    const key = new FakeKey({ pin: '1234', options: { makeCredUvNotRqd: true } });
    const { result, ui } = create(key, 'discouraged');
    ui.pins.push('1234');
    await result;
    expect(key.commands().filter((name) => name === 'MakeCredential')).toHaveLength(2);
  });

  it('gets it for an assertion too', async () => {
    const key = new FakeKey({ pin: '1234' });
    await key.enroll(RP_ID);
    key.script.authenticatorGetAssertion = [STATUS.CTAP2_ERR_PUAT_REQUIRED];
    const { client, ui } = fakeMachine([key]);
    ui.pins.push('1234');
    const assertion = await client.get(PAGE, { ...REQUEST, userVerification: 'discouraged' });
    expect(verified(assertion.authenticatorData)).toBe(true);
  });

  it('drops out when it has none', async () => {
    const key = new FakeKey();
    key.script.authenticatorMakeCredential = [STATUS.CTAP2_ERR_PUAT_REQUIRED];
    const { result, ui } = create(key);
    await expect(result).rejects.toThrow(named('NotAllowedError'));
    expect(ui.pinRequests).toEqual([]);
    expect(ui.told()).toEqual(['device-refused']);
  });
});
