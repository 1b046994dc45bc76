/**
 * Faults of U2F, judged by OpenSSL.
 */
import { describe, expect, it } from 'vitest';
import { u2fAuthenticateCommand } from '../../ctap/u2f.js';
import type { TestKey } from '../test-platform.suite.js';
import {
  APPLICATION,
  authenticateU2f,
  CHALLENGE,
  createU2fKey,
  opensslAcceptsAssertion,
  registerU2f,
  tryAuthenticate,
  tryRegister,
} from '../u2f/u2f-client.suite.js';

const never = { signal: new AbortController().signal, keepAlive: () => {} };

async function keyWithHandle() {
  const key = await createU2fKey();
  const { keyHandle, publicKey } = await registerU2f(key);
  return { key, keyHandle, publicKey };
}

const counter = (key: TestKey) => key.store.read((reader) => reader.counter());

describe('U2F with a fault', () => {
  it('signs wrongly', async () => {
    const { key, keyHandle, publicKey } = await keyWithHandle();
    key.machine.faults.set({ fault: 'signature', times: 1 });
    const [wrong, right] = [await authenticateU2f(key, keyHandle), await authenticateU2f(key, keyHandle)];
    expect(opensslAcceptsAssertion(publicKey, wrong)).toBe(false);
    expect(opensslAcceptsAssertion(publicKey, right)).toBe(true);
  });

  it('signs another challenge', async () => {
    const { key, keyHandle, publicKey } = await keyWithHandle();
    key.machine.faults.set({ fault: 'signature', value: 'other-data' });
    expect(opensslAcceptsAssertion(publicKey, await authenticateU2f(key, keyHandle))).toBe(false);
  });

  it('counts wrongly, and signs that', async () => {
    const { key, keyHandle, publicKey } = await keyWithHandle();
    const first = await authenticateU2f(key, keyHandle);
    key.machine.faults.set({ fault: 'counter', value: 'stuck', command: 'U2F_AUTHENTICATE' });
    const second = await authenticateU2f(key, keyHandle);
    expect([first.counter, second.counter]).toEqual([1, 1]);
    expect(opensslAcceptsAssertion(publicKey, second)).toBe(true);
  });

  it('answers with a status word, and does nothing', async () => {
    const { key, keyHandle } = await keyWithHandle();
    const scope = { command: 'U2F_AUTHENTICATE' };
    key.machine.faults.set({ fault: 'status-word', value: 'SW_WRONG_DATA', ...scope });
    expect((await tryAuthenticate(key, keyHandle)).status).toBe('SW_WRONG_DATA');
    expect(await counter(key)).toBe(0);
    expect((await tryRegister(key)).status).toBe('SW_NO_ERROR');
  });

  it('answers too little, too much, and too late', async () => {
    const { key, keyHandle } = await keyWithHandle();
    const message = u2fAuthenticateCommand('enforcePresence', {
      challenge: CHALLENGE,
      application: APPLICATION,
      keyHandle,
    });
    const send = () => key.machine.handleU2f(message, never);
    key.machine.faults.set({ fault: 'truncated', value: 9_999, times: 1 });
    expect(await send()).toHaveLength(0);
    key.machine.faults.set({ fault: 'trailing', value: 4, times: 1 });
    expect((await send()).subarray(-6)).toEqual(Uint8Array.of(0x90, 0, 0, 0, 0, 0));
    key.machine.faults.set({ fault: 'delay-after', value: 1_000, times: 1 });
    const late = send();
    for (let turn = 0; turn < 100 && key.clock.pending === 0; turn++) await key.clock.advance(0);
    expect(key.clock.pending).toBe(1);
    await key.clock.advance(1_000);
    expect((await late).subarray(-2)).toEqual(Uint8Array.of(0x90, 0));
  });

  it('loses its power after a change', async () => {
    const { key, keyHandle } = await keyWithHandle();
    key.machine.faults.set({ fault: 'power-cut', value: 'after-change', times: 1 });
    expect((await tryAuthenticate(key, keyHandle)).status).toBe('SW_UNKNOWN');
    expect((await authenticateU2f(key, keyHandle)).counter).toBe(2);
    expect(key.failures).toEqual([]);
  });
});
