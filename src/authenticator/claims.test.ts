import { describe, expect, it } from 'vitest';
import { KeyrigError } from '../errors.js';
import {
  type ConfigChange,
  createTestKey,
  getInfo,
  KEY_CONFIG,
  makeCredential,
} from './test-platform.suite.js';

async function shown(claims: NonNullable<ConfigChange['claims']>, change: ConfigChange = {}) {
  return getInfo(createTestKey({ config: { ...change, claims } }));
}

describe('a claim', () => {
  it('is shown in place of what is done, in its own order', async () => {
    const info = await shown({
      versions: ['FIDO_2_9', 'FIDO_2_0'],
      extensions: ['txAuthSimple'],
      transports: ['lightning'],
      algorithms: [-65535],
      members: { maxMsgSize: 629, certifications: new Map([['FIDO', 3]]) },
    });
    expect(info).toMatchObject({
      versions: ['FIDO_2_9', 'FIDO_2_0'],
      extensions: ['txAuthSimple'],
      transports: ['lightning'],
      algorithms: [{ alg: -65535, type: 'public-key' }],
      maxMsgSize: 629,
      certifications: new Map([['FIDO', 3]]),
    });
  });

  it('adds options, replaces them and hides them', async () => {
    const { options } = await shown({ options: { ep: true, plat: true }, hiddenOptions: ['up'] });
    expect(options?.get('ep')).toBe(true);
    expect(options?.get('plat')).toBe(true);
    expect(options?.has('up')).toBe(false);
    expect(options?.get('rk')).toBe(KEY_CONFIG.options.rk);
  });

  it('leaves no empty map of options', async () => {
    const all = (await getInfo(createTestKey())).options ?? new Map<string, boolean>();
    expect(await shown({ hiddenOptions: [...all.keys()] })).not.toHaveProperty('options');
  });

  it('does nothing: an algorithm that is only claimed is refused', async () => {
    const key = createTestKey({ config: { claims: { algorithms: [-7, -37] } } });
    const { status } = await makeCredential(key, { pubKeyCredParams: [{ type: 'public-key', alg: -37 }] });
    expect(status).toBe('CTAP2_ERR_UNSUPPORTED_ALGORITHM');
  });

  it('can not be hidden at once', () => {
    const make = () =>
      createTestKey({ config: { claims: { options: { ep: true }, hiddenOptions: ['ep'] } } });
    expect(make).toThrow(KeyrigError);
    expect(make).toThrow("ep can't be claimed and hidden at once");
  });

  it('is absent by default', () => {
    expect(KEY_CONFIG).not.toHaveProperty('claims');
  });
});
