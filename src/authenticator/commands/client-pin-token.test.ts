import { describe, expect, it } from 'vitest';
import { PERMISSIONS } from '../../ctap/messages/client-pin.js';
import type { AuthenticatorConfig } from '../config.js';
import {
  agree,
  clientPin,
  createKeyWithPin,
  createTestKey,
  FINGERPRINT,
  getAssertion,
  legacyToken,
  makeCredential,
  mustSucceed,
  pinHash,
  pinToken,
  proofOf,
  RP_ID,
  registerDiscoverable,
  type TestKey,
  type TokenRequest,
  untilWaiting,
  uvToken,
} from '../test-platform.suite.js';
import { USER_TIMEOUT } from '../user-interaction.js';

const OK = 'CTAP1_ERR_SUCCESS';
const VERSIONS = [1, 2] as const;
const { mc, ga } = PERMISSIONS;

async function demandPinChange(key: TestKey): Promise<void> {
  await key.store.write((writer) => {
    const state = writer.state();
    if (state !== undefined) writer.setState({ ...state, forcePinChange: true });
  });
}

/** How each command answers to the token, sent one after the other: with permission, success consumes the token. */
async function uses(key: TestKey, request: TokenRequest, ask: typeof pinToken) {
  const register = await makeCredential(key, {
    ...(await proofOf(ask(key, request))),
    options: { rk: true },
  });
  const assert = await getAssertion(key, await proofOf(ask(key, request)));
  return [register.status, assert.status];
}

const fingerprintKey = () => createKeyWithPin({ config: FINGERPRINT, verification: 'succeed' });
const KINDS = [
  ['a PIN', createKeyWithPin, pinToken],
  ['built-in verification', fingerprintKey, uvToken],
] as const;

describe.each(KINDS)('a token obtained with %s', (_, create, ask) => {
  it.each(VERSIONS)('serves both commands over protocol %i', async (version) => {
    expect(await uses(await create(), { version }, ask)).toEqual([OK, OK]);
  });

  it('serves the permitted command only', async () => {
    const key = await create();
    await registerDiscoverable(key, 'ada', await proofOf(ask(key)));
    expect(await uses(key, { permissions: mc }, ask)).toEqual([OK, 'CTAP2_ERR_PIN_AUTH_INVALID']);
    expect(await uses(key, { permissions: ga }, ask)).toEqual(['CTAP2_ERR_PIN_AUTH_INVALID', OK]);
  });

  it('serves its relying party only', async () => {
    const key = await create();
    expect(await uses(key, { rpId: 'example.com' }, ask)).toEqual([
      'CTAP2_ERR_PIN_AUTH_INVALID',
      'CTAP2_ERR_PIN_AUTH_INVALID',
    ]);
  });

  it('is refused without permissions', async () => {
    const key = await create();
    expect((await ask(key, { permissions: 0 })).status).toBe('CTAP1_ERR_INVALID_PARAMETER');
    expect((await ask(key, { permissions: 0x80 })).status).toBe('CTAP1_ERR_INVALID_PARAMETER');
  });

  it('ignores permission bits that mean nothing', async () => {
    expect((await ask(await create(), { permissions: mc | 0x80 })).status).toBe(OK);
  });

  it.each(['cm', 'be', 'lbw', 'acfg', 'pcmr'] as const)(
    'is refused with permission %s, of which there is no command',
    async (name) => {
      const key = await create();
      const { status } = await ask(key, { permissions: mc | PERMISSIONS[name] });
      expect(status).toBe('CTAP2_ERR_UNAUTHORIZED_PERMISSION');
      expect((await ask(key, { permissions: PERMISSIONS[name] })).status).toBe(
        'CTAP2_ERR_UNAUTHORIZED_PERMISSION',
      );
    },
  );

  it('ends when another one is obtained, over any protocol', async () => {
    const key = await create();
    const first = await proofOf(ask(key, { version: 2 }));
    await proofOf(ask(key, { version: 1 }));
    expect((await makeCredential(key, first)).status).toBe('CTAP2_ERR_PIN_AUTH_INVALID');
  });

  it('ends with the power', async () => {
    const key = await create();
    const proof = await proofOf(ask(key));
    key.machine.powerCycle();
    expect((await makeCredential(key, proof)).status).toBe('CTAP2_ERR_PIN_AUTH_INVALID');
  });

  it('ends unused after the initial usage limit', async () => {
    const key = await create();
    const proof = await proofOf(ask(key));
    await key.clock.advance(30_000);
    expect((await makeCredential(key, proof)).status).toBe(OK);
    const late = await proofOf(ask(key));
    await key.clock.advance(30_001);
    expect((await makeCredential(key, late)).status).toBe('CTAP2_ERR_PIN_AUTH_INVALID');
  });

  it('is good for one command with a touch', async () => {
    const key = await create();
    const proof = await proofOf(ask(key));
    expect((await makeCredential(key, proof)).status).toBe(OK);
    expect((await makeCredential(key, proof)).status).toBe('CTAP2_ERR_PIN_AUTH_INVALID');
    expect((await getAssertion(key, proof)).status).toBe('CTAP2_ERR_PIN_AUTH_INVALID');
  });

  it('is good for any number of silent assertions, within its life', async () => {
    const key = await create();
    await registerDiscoverable(key, 'ada', await proofOf(ask(key)));
    const silent = { ...(await proofOf(ask(key))), options: { up: false } };
    for (let minute = 0; minute <= 9; minute++) {
      expect((await getAssertion(key, silent)).status).toBe(OK);
      await key.clock.advance(60_000);
    }
    expect((await getAssertion(key, silent)).status).toBe(OK);
    await key.clock.advance(1);
    expect((await getAssertion(key, silent)).status).toBe('CTAP2_ERR_PIN_AUTH_INVALID');
  });
});

describe('getPinUvAuthTokenUsingPinWithPermissions', () => {
  it('is refused for mc and ga without a relying party, before the PIN is looked at', async () => {
    const key = await createKeyWithPin();
    const exchange = await agree(key);
    const members = { ...exchange.members, pinHashEnc: exchange.encrypt(pinHash('0000')), permissions: mc };
    expect((await clientPin(key, 'getPinUvAuthTokenUsingPinWithPermissions', members)).status).toBe(
      'CTAP2_ERR_MISSING_PARAMETER',
    );
    expect(mustSucceed(await clientPin(key, 'getPINRetries')).pinRetries).toBe(8);
  });

  it('never permits mc and ga on a key that keeps them from PINs', async () => {
    const config: Partial<AuthenticatorConfig> = { options: { noMcGaPermissionsWithClientPin: true } };
    const key = await createKeyWithPin({ config });
    for (const permissions of [mc, ga, mc | ga]) {
      expect((await pinToken(key, { permissions })).status).toBe('CTAP2_ERR_UNAUTHORIZED_PERMISSION');
    }
  });

  it('demands another PIN first when the PIN has to be changed', async () => {
    const key = await createKeyWithPin();
    await demandPinChange(key);
    expect((await pinToken(key)).status).toBe('CTAP2_ERR_PIN_POLICY_VIOLATION');
    expect((await pinToken(key, { pin: '0000' })).status).toBe('CTAP2_ERR_PIN_INVALID');
  });

  it('gives no cached touch', async () => {
    const key = await createKeyWithPin();
    const proof = await proofOf(pinToken(key));
    key.user.setTouch({ kind: 'deny' });
    expect((await makeCredential(key, proof)).status).toBe('CTAP2_ERR_OPERATION_DENIED');
  });
});

describe('getPinToken', () => {
  it('gives no cached touch', async () => {
    const key = await createKeyWithPin();
    const proof = await proofOf(legacyToken(key));
    key.user.setTouch({ kind: 'deny' });
    expect((await makeCredential(key, proof)).status).toBe('CTAP2_ERR_OPERATION_DENIED');
  });

  it.each(VERSIONS)('over protocol %i gives a token for both commands', async (version) => {
    expect(await uses(await createKeyWithPin(), { version }, legacyToken)).toEqual([OK, OK]);
  });

  it('binds the token to the relying party that it is first used with', async () => {
    const key = await createKeyWithPin();
    await registerDiscoverable(key, 'ada', await proofOf(legacyToken(key)));
    const proof = await proofOf(legacyToken(key));
    const silent = { ...proof, options: { up: false } };
    expect((await getAssertion(key, silent)).status).toBe(OK);
    expect((await getAssertion(key, { ...silent, rpId: 'example.com' })).status).toBe(
      'CTAP2_ERR_PIN_AUTH_INVALID',
    );
    expect((await makeCredential(key, { ...proof, rp: { id: 'example.com' } })).status).toBe(
      'CTAP2_ERR_PIN_AUTH_INVALID',
    );
    expect((await makeCredential(key, proof)).status).toBe(OK);
  });

  it.each([{ permissions: mc }, { rpId: RP_ID }])('is refused with %o', async (more) => {
    const key = await createKeyWithPin();
    const exchange = await agree(key);
    const members = { ...exchange.members, pinHashEnc: exchange.encrypt(pinHash('1234')), ...more };
    expect((await clientPin(key, 'getPinToken', members)).status).toBe('CTAP1_ERR_INVALID_PARAMETER');
  });

  it('calls a PIN that has to be changed invalid', async () => {
    const key = await createKeyWithPin();
    await demandPinChange(key);
    expect((await legacyToken(key)).status).toBe('CTAP2_ERR_PIN_INVALID');
    expect(mustSucceed(await clientPin(key, 'getPINRetries')).pinRetries).toBe(8);
  });

  it('gives a token without permissions on a key that keeps mc and ga from PINs', async () => {
    const config: Partial<AuthenticatorConfig> = { options: { noMcGaPermissionsWithClientPin: true } };
    const key = await createKeyWithPin({ config });
    expect(await uses(key, {}, legacyToken)).toEqual([
      'CTAP2_ERR_PIN_AUTH_INVALID',
      'CTAP2_ERR_PIN_AUTH_INVALID',
    ]);
  });
});

describe('getPinUvAuthTokenUsingUvWithPermissions', () => {
  it('is NOT_ALLOWED while built-in verification is not set up', async () => {
    const key = createTestKey({ config: FINGERPRINT });
    expect((await uvToken(key)).status).toBe('CTAP2_ERR_NOT_ALLOWED');
  });

  it('is refused without a relying party', async () => {
    const key = createTestKey({ config: FINGERPRINT, verification: 'succeed' });
    const members = { ...(await agree(key)).members, permissions: mc };
    expect((await clientPin(key, 'getPinUvAuthTokenUsingUvWithPermissions', members)).status).toBe(
      'CTAP2_ERR_MISSING_PARAMETER',
    );
  });

  it('does not bother the user for a key agreement that is none', async () => {
    const key = createTestKey({ config: FINGERPRINT, verification: 'succeed' });
    const { members } = await agree(key);
    const keyAgreement = new Map(members.keyAgreement).set(-3, new Uint8Array(32));
    const request = { ...members, keyAgreement, permissions: mc, rpId: RP_ID };
    expect((await clientPin(key, 'getPinUvAuthTokenUsingUvWithPermissions', request)).status).toBe(
      'CTAP1_ERR_INVALID_PARAMETER',
    );
    expect(key.keepAlives).toEqual([]);
  });

  it('waits for the user with keep-alives, and no longer than the user is waited for', async () => {
    const key = createTestKey({ config: FINGERPRINT, verification: 'succeed', touch: { kind: 'never' } });
    const asked = uvToken(key);
    await untilWaiting(key);
    expect(key.keepAlives).toEqual(['user-presence-needed']);
    await key.clock.advance(USER_TIMEOUT);
    expect((await asked).status).toBe('CTAP2_ERR_USER_ACTION_TIMEOUT');
  });

  it.each([
    [mc, 'make-credential'],
    [mc | ga, 'make-credential'],
    [ga, 'get-assertion'],
  ])('with permissions %i tells the user that it is for %s', async (permissions, reason) => {
    const key = createTestKey({ config: FINGERPRINT, verification: 'succeed', touch: { kind: 'manual' } });
    const asked = uvToken(key, { permissions });
    await untilWaiting(key);
    expect(key.user.waiting).toMatchObject({ reason, rpId: RP_ID });
    key.user.touch();
    expect((await asked).status).toBe(OK);
  });

  it('gives a cached touch where the gesture is one, for as long as the user-present limit', async () => {
    const key = await fingerprintKey();
    await registerDiscoverable(key, 'ada', await proofOf(uvToken(key)));
    const proof = await proofOf(uvToken(key));
    key.user.setTouch({ kind: 'deny' });
    expect((await getAssertion(key, proof)).status).toBe(OK);
    key.user.setTouch({ kind: 'at-once' });
    const late = await proofOf(uvToken(key));
    expect((await getAssertion(key, { ...late, options: { up: false } })).status).toBe(OK);
    await key.clock.advance(30_001);
    key.user.setTouch({ kind: 'deny' });
    expect((await getAssertion(key, late)).status).toBe('CTAP2_ERR_OPERATION_DENIED');
  });

  it('gives no cached touch where the gesture is none', async () => {
    const key = createTestKey({ config: { ...FINGERPRINT, presence: 'touch' }, verification: 'succeed' });
    const proof = await proofOf(uvToken(key));
    key.user.setTouch({ kind: 'deny' });
    expect((await makeCredential(key, proof)).status).toBe('CTAP2_ERR_OPERATION_DENIED');
  });

  it('permits mc and ga even on a key that keeps them from PINs', async () => {
    const options = { noMcGaPermissionsWithClientPin: true };
    const key = createTestKey({ config: { ...FINGERPRINT, options }, verification: 'succeed' });
    expect((await uvToken(key)).status).toBe(OK);
  });

  it('works while the PIN has to be changed', async () => {
    const key = await fingerprintKey();
    await demandPinChange(key);
    expect((await uvToken(key)).status).toBe(OK);
  });
});

describe('the usage limit', () => {
  it('is shorter on a key for NFC alone, and what the configuration says', async () => {
    for (const config of [{ transports: ['nfc'] as const }, { limits: { tokenUsageLimit: 19_800 } }]) {
      const key = await createKeyWithPin({ config });
      const proof = await proofOf(pinToken(key));
      await key.clock.advance(19_801);
      expect((await makeCredential(key, proof)).status).toBe('CTAP2_ERR_PIN_AUTH_INVALID');
    }
  });
});
