import { describe, expect, it } from 'vitest';
import type { CborMap } from '../../ctap/cbor.js';
import { PERMISSIONS } from '../../ctap/messages/client-pin.js';
import { type ConfigRequest, configRequest } from '../../ctap/messages/config.js';
import type { AuthenticatorConfig } from '../config.js';
import {
  CONFIGURABLE,
  configMembers,
  configure,
  configureWithPin,
  sendConfig,
  tokenFor,
} from '../management.suite.js';
import {
  type ConfigChange,
  changePin,
  createKeyWithPin,
  createTestKey,
  FINGERPRINT,
  getInfo,
  legacyToken,
  makeCredential,
  pinToken,
  setPin,
  type TestKey,
} from '../test-platform.suite.js';

const OK = 'CTAP1_ERR_SUCCESS';
const config = CONFIGURABLE;

const stateOf = (key: TestKey) => key.store.read((reader) => reader.state());

describe('Config', () => {
  it('is there only with the option authnrCfg', async () => {
    const plain = createTestKey();
    expect(await configure(plain, 'toggleAlwaysUv')).toBe('CTAP1_ERR_INVALID_COMMAND');
    expect((await getInfo(createTestKey({ config }))).options?.get('authnrCfg')).toBe(true);
  });

  it('takes a request without a proof as long as nothing protects the key', async () => {
    expect(await configure(createTestKey({ config }), 'toggleAlwaysUv')).toBe(OK);
  });

  it.each([1, 2] as const)(
    'takes one with a proof of protocol %i and the permission acfg',
    async (version) => {
      const key = await createKeyWithPin({ config });
      const token = await tokenFor(key, 'acfg', version);
      const members = configMembers(key, 'toggleAlwaysUv', undefined, token, version);
      expect(await sendConfig(key, configRequest.write(members))).toBe(OK);
      expect((await stateOf(key))?.alwaysUv).toBe(true);
    },
  );

  it('leaves the token as it is: no touch, no use up', async () => {
    const key = await createKeyWithPin({ config, touch: { kind: 'never' } });
    const token = await tokenFor(key, 'acfg');
    for (const wanted of [true, false, true]) {
      expect(await configure(key, 'toggleAlwaysUv', undefined, token)).toBe(OK);
      expect((await stateOf(key))?.alwaysUv).toBe(wanted);
    }
  });

  /** A good request on a protected key, with one thing changed. */
  async function changed(change: (members: ConfigRequest) => object): Promise<string> {
    const key = await createKeyWithPin({ config });
    const before = await stateOf(key);
    const params = { newMinPINLength: 6 };
    const good = configMembers(key, 'setMinPINLength', params, await tokenFor(key, 'acfg'));
    const members = new Map(Object.entries(change(good)).filter(([, value]) => value !== undefined));
    const table = configRequest.members;
    const keyed: CborMap = new Map(
      [...members].map(([name, value]) => [table[name as keyof typeof table].key, value]),
    );
    const status = await sendConfig(key, keyed);
    if (status !== OK) expect(await stateOf(key)).toEqual(before);
    return status;
  }

  it.each<[string, (good: ConfigRequest) => object, string]>([
    ['nothing changed', (good) => good, OK],
    ['no sub-command', (good) => ({ ...good, subCommand: undefined }), 'CTAP2_ERR_MISSING_PARAMETER'],
    ['an unknown sub-command', (good) => ({ ...good, subCommand: 5 }), 'CTAP2_ERR_INVALID_SUBCOMMAND'],
    ['a vendor prototype', (good) => ({ ...good, subCommand: 0xff }), 'CTAP2_ERR_INVALID_SUBCOMMAND'],
    [
      'enterprise attestation where there is none',
      (good) => ({ ...good, subCommand: 1 }),
      'CTAP2_ERR_INVALID_SUBCOMMAND',
    ],
    [
      'parameters that are no map',
      (good) => ({ ...good, subCommandParams: [] }),
      'CTAP2_ERR_CBOR_UNEXPECTED_TYPE',
    ],
    [
      'a parameter of another type',
      (good) => ({ ...good, subCommandParams: new Map([[1, 'six']]) }),
      'CTAP2_ERR_CBOR_UNEXPECTED_TYPE',
    ],
    [
      'no proof, protocol or not',
      (good) => ({ ...good, pinUvAuthParam: undefined }),
      'CTAP2_ERR_PUAT_REQUIRED',
    ],
    [
      'a proof without its protocol',
      (good) => ({ ...good, pinUvAuthProtocol: undefined }),
      'CTAP2_ERR_MISSING_PARAMETER',
    ],
    [
      'a proof of protocol three',
      (good) => ({ ...good, pinUvAuthProtocol: 3 }),
      'CTAP1_ERR_INVALID_PARAMETER',
    ],
    [
      'the proof of the other protocol',
      (good) => ({ ...good, pinUvAuthProtocol: 1 }),
      'CTAP2_ERR_PIN_AUTH_INVALID',
    ],
    [
      'a proof over other parameters',
      (good) => ({ ...good, subCommandParams: new Map([[1, 7]]) }),
      'CTAP2_ERR_PIN_AUTH_INVALID',
    ],
    [
      'a proof over another sub-command',
      (good) => ({ ...good, subCommand: 2 }),
      'CTAP2_ERR_PIN_AUTH_INVALID',
    ],
  ])('answers %s', async (_, change, status) => {
    expect(await changed(change)).toBe(status);
  });

  it('needs the permission acfg, which the old way to a token never gives', async () => {
    const key = await createKeyWithPin({ config });
    const both = [await pinToken(key), await legacyToken(key)].map((answer) => answer.value?.bytes);
    const [, last] = both;
    expect(await configure(key, 'toggleAlwaysUv', undefined, last)).toBe('CTAP2_ERR_PIN_AUTH_INVALID');
    const other = await pinToken(key);
    expect(await configure(key, 'toggleAlwaysUv', undefined, other.value?.bytes)).toBe(
      'CTAP2_ERR_PIN_AUTH_INVALID',
    );
  });

  it('gets that permission only where there is a Config', async () => {
    const key = await createKeyWithPin();
    const answer = await pinToken(key, { permissions: PERMISSIONS.acfg });
    expect(answer.status).toBe('CTAP2_ERR_UNAUTHORIZED_PERMISSION');
  });

  it('answers an unknown sub-command as its profile says', async () => {
    const quirks = { unknownSubcommand: 'invalid-parameter' } as const;
    const key = createTestKey({ config: { ...config, quirks } });
    expect(await configure(key, 'vendorPrototype')).toBe('CTAP1_ERR_INVALID_PARAMETER');
  });
});

describe('toggleAlwaysUv', () => {
  it('shows in getInfo, and takes makeCredUvNotRqd away while it is on', async () => {
    const key = createTestKey({ config });
    const shown = async () => {
      const { options } = await getInfo(key);
      return [options?.get('alwaysUv'), options?.get('makeCredUvNotRqd')];
    };
    expect(await shown()).toEqual([false, true]);
    await configure(key, 'toggleAlwaysUv');
    expect(await shown()).toEqual([true, false]);
    expect((await makeCredential(key)).status).toBe('CTAP2_ERR_PUAT_REQUIRED');
    await configure(key, 'toggleAlwaysUv');
    expect(await shown()).toEqual([false, true]);
    expect((await makeCredential(key)).status).toBe(OK);
  });

  it('needs no proof to be switched off while there is nothing to prove with, unlike everything else', async () => {
    const key = createTestKey({ config: { ...config, options: { ...config.options, alwaysUv: true } } });
    const params = { newMinPINLength: 6 };
    expect(await configure(key, 'setMinPINLength', params)).toBe('CTAP2_ERR_PUAT_REQUIRED');
    expect(await configure(key, 'toggleAlwaysUv')).toBe(OK);
    expect(await configure(key, 'setMinPINLength', params)).toBe(OK);
  });

  it('needs a proof once a PIN is set', async () => {
    const key = await createKeyWithPin({
      config: { ...config, options: { ...config.options, alwaysUv: true } },
    });
    expect(await configure(key, 'toggleAlwaysUv')).toBe('CTAP2_ERR_PUAT_REQUIRED');
  });

  it('is no sub-command of a key without alwaysUv', async () => {
    const { alwaysUv: _, ...options } = config.options;
    const key = createTestKey({ config: { ...config, options } });
    expect(await configure(key, 'toggleAlwaysUv')).toBe('CTAP2_ERR_INVALID_SUBCOMMAND');
  });

  it('is refused by a key that can not do without', async () => {
    const options = { ...config.options, alwaysUv: true };
    const key = createTestKey({ config: { ...config, options, alwaysUvFixed: true } });
    expect(await configure(key, 'toggleAlwaysUv')).toBe('CTAP2_ERR_OPERATION_DENIED');
    expect((await getInfo(key)).options?.get('alwaysUv')).toBe(true);
  });
});

describe('setMinPINLength', () => {
  it('makes PINs longer, and never shorter again', async () => {
    const key = createTestKey({ config });
    expect(await configure(key, 'setMinPINLength', { newMinPINLength: 6 })).toBe(OK);
    expect((await getInfo(key)).minPINLength).toBe(6);
    expect(await configure(key, 'setMinPINLength', { newMinPINLength: 6 })).toBe(OK);
    expect(await configure(key, 'setMinPINLength', { newMinPINLength: 5 })).toBe(
      'CTAP2_ERR_PIN_POLICY_VIOLATION',
    );
    expect(await setPin(key, '12345')).toBe('CTAP2_ERR_PIN_POLICY_VIOLATION');
    expect(await setPin(key, '123456')).toBe(OK);
  });

  it('takes no minimum above the maximum', async () => {
    const limits = { ...config.limits, maxPinLength: 8 };
    const key = createTestKey({ config: { ...config, limits } });
    const asked = (newMinPINLength: number) => configure(key, 'setMinPINLength', { newMinPINLength });
    expect(await asked(9)).toBe('CTAP2_ERR_PIN_POLICY_VIOLATION');
    expect(await asked(8)).toBe(OK);
    expect(await configure(createTestKey({ config }), 'setMinPINLength', { newMinPINLength: 64 })).toBe(
      'CTAP2_ERR_PIN_POLICY_VIOLATION',
    );
  });

  it('demands another PIN when the present one is too short, and ends all tokens', async () => {
    const key = await createKeyWithPin({ config });
    const token = await tokenFor(key, 'acfg');
    expect(await configure(key, 'setMinPINLength', { newMinPINLength: 4 }, token)).toBe(OK);
    expect((await getInfo(key)).forcePINChange).toBe(false);
    expect(await configure(key, 'setMinPINLength', { newMinPINLength: 5 }, token)).toBe(OK);
    expect((await getInfo(key)).forcePINChange).toBe(true);
    expect(await configure(key, 'toggleAlwaysUv', undefined, token)).toBe('CTAP2_ERR_PIN_AUTH_INVALID');
    expect((await pinToken(key)).status).toBe('CTAP2_ERR_PIN_POLICY_VIOLATION');
    expect((await legacyToken(key)).status).toBe('CTAP2_ERR_PIN_INVALID');
    expect(await changePin(key, '1234', '12345')).toBe(OK);
    expect((await getInfo(key)).forcePINChange).toBe(false);
    expect((await pinToken(key, { pin: '12345' })).status).toBe(OK);
  });

  it('demands another PIN when told to, which has to be another one', async () => {
    const key = await createKeyWithPin({ config });
    expect(await configureWithPin(key, 'setMinPINLength', { forceChangePin: true })).toBe(OK);
    expect(await changePin(key, '1234', '1234')).toBe('CTAP2_ERR_PIN_POLICY_VIOLATION');
    expect(await changePin(key, '1234', '4321')).toBe(OK);
  });

  it('can not demand another PIN where there is none, and then changes nothing', async () => {
    const key = createTestKey({ config });
    const params = { newMinPINLength: 8, forceChangePin: true };
    expect(await configure(key, 'setMinPINLength', params)).toBe('CTAP2_ERR_PIN_NOT_SET');
    expect(await getInfo(key)).toMatchObject({ minPINLength: 4, forcePINChange: false });
  });

  it('does nothing without parameters', async () => {
    const key = createTestKey({ config });
    await getInfo(key);
    const before = await stateOf(key);
    expect(await configure(key, 'setMinPINLength')).toBe(OK);
    expect(await stateOf(key)).toEqual(before);
  });

  describe('says who is told', () => {
    const told = async (key: TestKey) => (await stateOf(key))?.minPinLengthRpIds;
    const tell = (key: TestKey, ...minPinLengthRPIDs: string[]) =>
      configure(key, 'setMinPINLength', { minPinLengthRPIDs });

    it('in place of who was told before, besides those from the factory', async () => {
      const key = createTestKey({ config });
      expect(await tell(key, 'a.example', 'b.example')).toBe(OK);
      expect(await told(key)).toEqual(['builtin.example', 'a.example', 'b.example']);
      expect(await tell(key, 'c.example', 'c.example', 'builtin.example')).toBe(OK);
      expect(await told(key)).toEqual(['builtin.example', 'c.example']);
    });

    it('and an empty list changes nothing', async () => {
      const key = createTestKey({ config });
      await tell(key, 'a.example');
      expect(await tell(key)).toBe(OK);
      expect(await told(key)).toEqual(['builtin.example', 'a.example']);
    });

    it('unless there are more than it has room for', async () => {
      const key = createTestKey({ config });
      expect((await getInfo(key)).maxRPIDsForSetMinPINLength).toBe(2);
      expect(await tell(key, 'a.example', 'b.example', 'c.example')).toBe('CTAP2_ERR_KEY_STORE_FULL');
      // Other faults come before too many.
      const minPinLengthRPIDs = ['a.example', 'b.example', 'c.example'];
      const short = { minPinLengthRPIDs, newMinPINLength: 1 };
      expect(await configure(key, 'setMinPINLength', short)).toBe('CTAP2_ERR_PIN_POLICY_VIOLATION');
      const forced = { minPinLengthRPIDs, forceChangePin: true };
      expect(await configure(key, 'setMinPINLength', forced)).toBe('CTAP2_ERR_PIN_NOT_SET');
      expect(await told(key)).toEqual(['builtin.example']);
    });

    it('or no extension that would tell them', async () => {
      // Such a key can't be configured; a request must not count on it all the same.
      const key = createTestKey({ config });
      const mute = { ...key.config, extensions: [] } satisfies AuthenticatorConfig;
      const open = createTestKey({ store: key.store, config: mute as ConfigChange, unchecked: true });
      expect(await tell(open, 'a.example')).toBe('CTAP1_ERR_INVALID_PARAMETER');
    });
  });

  describe('with pinComplexityPolicy', () => {
    const enforce = { pinComplexityPolicy: true };

    it('lets only PINs in that are hard to guess, until a reset', async () => {
      const key = createTestKey({ config });
      expect((await getInfo(key)).pinComplexityPolicy).toBe(false);
      expect(await configure(key, 'setMinPINLength', enforce)).toBe(OK);
      expect(await configure(key, 'setMinPINLength', { pinComplexityPolicy: false })).toBe(OK);
      expect((await getInfo(key)).pinComplexityPolicy).toBe(true);
      expect(await setPin(key, '1234')).toBe('CTAP2_ERR_PIN_POLICY_VIOLATION');
      expect(await setPin(key, '4071')).toBe(OK);
    });

    it.each([
      ['1234', true],
      ['4071', false],
    ])('and the PIN %s: another one is demanded (%s)', async (pin, demanded) => {
      const key = await createKeyWithPin({ config }, pin);
      const token = await pinToken(key, { pin, permissions: PERMISSIONS.acfg });
      await configure(key, 'setMinPINLength', enforce, token.value?.bytes);
      expect((await getInfo(key)).forcePINChange).toBe(demanded);
    });

    it('is ignored by a key whose policy is not to be changed', async () => {
      const pinComplexity = { enforced: false };
      const key = createTestKey({ config: { ...config, pinComplexity } });
      expect(await configure(key, 'setMinPINLength', enforce)).toBe(OK);
      expect((await getInfo(key)).pinComplexityPolicy).toBe(false);
    });
  });
});

describe('getInfo', () => {
  it('lists the sub-commands since CTAP 2.3, and none before', async () => {
    expect(await getInfo(createTestKey({ config }))).not.toHaveProperty('authenticatorConfigCommands');
    const modern = createTestKey({ config: { ...config, versions: ['FIDO_2_3'] }, unchecked: true });
    expect((await getInfo(modern)).authenticatorConfigCommands).toEqual([2, 3, 4]);
  });

  it('says what PINs may be', async () => {
    const url = 'https://example.org/pins';
    const pinComplexity = { enforced: true, url };
    const limits = { ...config.limits, maxPinLength: 16 };
    const info = await getInfo(createTestKey({ config: { ...config, limits, pinComplexity } }));
    expect(info).toMatchObject({ pinComplexityPolicy: true, maxPINLength: 16 });
    expect(new TextDecoder().decode(info.pinComplexityPolicyURL)).toBe(url);
  });

  it('counts verifications since the PIN was entered', async () => {
    const counting = { ...FINGERPRINT, countsVerifications: true };
    const key = await createKeyWithPin({ config: counting, verification: 'succeed' });
    const count = async () => (await getInfo(key)).uvCountSinceLastPinEntry;
    expect(await count()).toBe(0);
    for (let times = 0; times < 2; times++) await makeCredential(key, { options: { uv: true } });
    expect(await count()).toBe(2);
    key.user.setVerification('fail');
    await makeCredential(key, { options: { uv: true } });
    expect(await count()).toBe(2);
    await pinToken(key, { pin: '0000' });
    expect(await count()).toBe(2);
    key.machine.powerCycle();
    await pinToken(key);
    expect(await count()).toBe(0);
  });
});

it('a PIN longer than the key takes is refused', async () => {
  const key = createTestKey({ config: { limits: { maxPinLength: 8 } } });
  expect(await setPin(key, '123456789')).toBe('CTAP2_ERR_PIN_POLICY_VIOLATION');
  expect(await setPin(key, '12345678')).toBe(OK);
});
