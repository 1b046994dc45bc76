import { createDecipheriv, hkdfSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createPinUvAuthProtocol } from '../crypto/pin-uv-auth-protocol.js';
import { PERMISSIONS } from '../ctap/messages/client-pin.js';
import { utf8 } from '../data/bytes.js';
import { verifyPersistentToken } from './persistent-token.js';
import { requireState } from './state.js';
import {
  BYTE,
  type ConfigChange,
  changePin,
  createKeyWithPin,
  createTestKey,
  FINGERPRINT,
  getInfo,
  makeCredential,
  nodeCrypto,
  pinToken,
  proofOf,
  registerDiscoverable,
  setPin,
  type TestKey,
  uvToken,
} from './test-platform.suite.js';

const OK = 'CTAP1_ERR_SUCCESS';
const config = { options: { perCredMgmtRO: true, credMgmt: true } } as const satisfies ConfigChange;
const { pcmr, mc, ga } = PERMISSIONS;

/** The persistent token as the platform gets it; no relying party is needed. */
async function persistentToken(key: TestKey, pin = '1234'): Promise<Uint8Array | undefined> {
  return (await pinToken(key, { pin, permissions: pcmr })).value?.bytes;
}

/** What getInfo says encrypted, opened by OpenSSL as the specification has it. */
function opened(token: Uint8Array, info: string, sealed: Uint8Array | undefined): string {
  if (sealed === undefined) throw new TypeError(`no ${info}`);
  const key = Buffer.from(hkdfSync('sha256', token, new Uint8Array(32), utf8(info), 16));
  const cipher = createDecipheriv('aes-128-cbc', key, sealed.subarray(0, 16)).setAutoPadding(false);
  return Buffer.concat([cipher.update(sealed.subarray(16)), cipher.final()]).toString('hex');
}

describe('the persistent token', () => {
  it('is the same for everybody who may have it, before and after a power cycle', async () => {
    const key = await createKeyWithPin({ config });
    const first = await persistentToken(key);
    expect(first).toHaveLength(32);
    expect(await persistentToken(key)).toEqual(first);
    key.machine.powerCycle();
    expect(await persistentToken(key)).toEqual(first);
  });

  it('leaves other tokens alone, and they it', async () => {
    const key = await createKeyWithPin({ config });
    const proof = await proofOf(pinToken(key));
    const first = await persistentToken(key);
    expect((await makeCredential(key, proof)).status).toBe(OK);
    expect(await persistentToken(key)).toEqual(first);
  });

  it('comes by a finger too', async () => {
    const options = { ...config.options, clientPin: true };
    const key = await createKeyWithPin({ config: { ...FINGERPRINT, options }, verification: 'succeed' });
    const byUv = await uvToken(key, { permissions: pcmr });
    expect(byUv.value?.bytes).toEqual(await persistentToken(key));
  });

  it.each([
    ['mc', pcmr | mc],
    ['ga', pcmr | ga],
    ['cm', pcmr | PERMISSIONS.cm],
  ])('stands alone: not together with %s', async (_, permissions) => {
    const key = await createKeyWithPin({ config });
    expect((await pinToken(key, { permissions })).status).toBe('CTAP2_ERR_UNAUTHORIZED_PERMISSION');
  });

  it('is not to be had without its option', async () => {
    const key = await createKeyWithPin();
    expect((await pinToken(key, { permissions: pcmr })).status).toBe('CTAP2_ERR_UNAUTHORIZED_PERMISSION');
    expect((await key.store.read(requireState)).persistent).toBeUndefined();
  });

  it('makes no credential and signs nothing', async () => {
    const key = await createKeyWithPin({ config });
    const bytes = (await persistentToken(key)) ?? new Uint8Array(0);
    const protocol = createPinUvAuthProtocol(nodeCrypto, 2);
    const pinUvAuthParam = protocol.authenticate(bytes, nodeCrypto.sha256(utf8('client data')));
    const { status } = await makeCredential(key, { pinUvAuthParam, pinUvAuthProtocol: 2 });
    expect(status).toBe('CTAP2_ERR_PIN_AUTH_INVALID');
  });

  it('proves with either protocol', async () => {
    const key = await createKeyWithPin({ config });
    const bytes = (await persistentToken(key)) ?? new Uint8Array(0);
    const state = await key.store.read(requireState);
    for (const version of [1, 2] as const) {
      const protocol = createPinUvAuthProtocol(nodeCrypto, version);
      const message = Uint8Array.of(1);
      const param = protocol.authenticate(bytes, message);
      expect(verifyPersistentToken(protocol, state, param, message)).toBe(true);
      expect(verifyPersistentToken(protocol, state, param, Uint8Array.of(2))).toBe(false);
      const { persistent: _, ...without } = state;
      expect(verifyPersistentToken(protocol, without, param, message)).toBe(false);
    }
  });

  it('ends with another PIN', async () => {
    const key = await createKeyWithPin({ config });
    const before = await persistentToken(key);
    expect(await changePin(key, '1234', '5678')).toBe(OK);
    expect(await persistentToken(key, '5678')).not.toEqual(before);
  });

  it('ends with a reset', async () => {
    const key = await createKeyWithPin({ config });
    const before = await persistentToken(key);
    expect((await key.send(Uint8Array.of(BYTE.reset)))[0]).toBe(0);
    await setPin(key, '1234');
    expect(await persistentToken(key)).not.toEqual(before);
  });

  it('is made for a store that comes from before the key had it', async () => {
    const old = await createKeyWithPin();
    const key = createTestKey({ config, store: old.store });
    expect(await persistentToken(key)).toHaveLength(32);
  });
});

describe('what getInfo says to holders of it', () => {
  const modern = { ...config, versions: ['FIDO_2_0', 'FIDO_2_3'] };

  async function holder() {
    const key = await createKeyWithPin({ config: modern, unchecked: true });
    const token = (await persistentToken(key)) ?? new Uint8Array(0);
    const read = async () => {
      const { encIdentifier, encCredStoreState } = await getInfo(key);
      return {
        identifier: opened(token, 'encIdentifier', encIdentifier),
        state: opened(token, 'encCredStoreState', encCredStoreState),
      };
    };
    return { key, read };
  }

  it('is another ciphertext of the same identifier each time', async () => {
    const { key, read } = await holder();
    const [first, second] = [await getInfo(key), await getInfo(key)];
    expect(first.encIdentifier).toHaveLength(32);
    expect(first.encIdentifier).not.toEqual(second.encIdentifier);
    expect(await read()).toEqual(await read());
    const { persistent } = await key.store.read(requireState);
    expect((await read()).identifier).toBe(Buffer.from(persistent?.identifier ?? []).toString('hex'));
  });

  it('changes with a discoverable credential, and not with others', async () => {
    const { key, read } = await holder();
    const before = await read();
    await makeCredential(key, await proofOf(pinToken(key)));
    expect(await read()).toEqual(before);
    await registerDiscoverable(key, 'ada', await proofOf(pinToken(key)));
    const after = await read();
    expect(after.identifier).toBe(before.identifier);
    expect(after.state).not.toBe(before.state);
  });

  it('is the identifier alone before CTAP 2.3, and nothing without the option', async () => {
    const before = await getInfo(createTestKey({ config }));
    expect(before).toHaveProperty('encIdentifier');
    expect(before).not.toHaveProperty('encCredStoreState');
    expect(await getInfo(createTestKey())).not.toHaveProperty('encIdentifier');
  });
});
