import { describe, expect, it } from 'vitest';
import { getInfo, type TestKey } from '../test-platform.suite.js';
import { U2F_PATIENCE } from './presence.js';
import {
  createU2fKey,
  OTHER_APPLICATION,
  registerU2f,
  tryAuthenticate,
  tryRegister,
} from './u2f-client.suite.js';

const OK = { status: 'SW_NO_ERROR' };
const NOT_TOUCHED = { status: 'SW_CONDITIONS_NOT_SATISFIED' };
/** How often clients ask, in milliseconds. */
const POLL = 200;

const manualKey = () => createU2fKey({ touch: { kind: 'manual' } });
const eventsOf = (key: TestKey) => key.events.map(({ kind }) => kind).join(' ');

describe('presence for U2F', () => {
  it('is not waited for: a touch between two questions answers the second', async () => {
    const key = await manualKey();
    expect(await tryRegister(key)).toMatchObject(NOT_TOUCHED);
    expect(await tryRegister(key)).toMatchObject(NOT_TOUCHED);
    expect(key.user.waiting).toMatchObject({ reason: 'u2f-register' });
    expect(key.user.touch()).toBe(true);
    expect(await tryRegister(key)).toMatchObject(OK);
    expect(eventsOf(key)).toBe('wait touch');
  });

  it('is used up by one answer', async () => {
    const key = await manualKey();
    await tryRegister(key);
    key.user.touch();
    expect(await tryRegister(key)).toMatchObject(OK);
    expect(await tryRegister(key)).toMatchObject(NOT_TOUCHED);
  });

  it('of somebody who is always there is given at once', async () => {
    const key = await createU2fKey();
    expect(await tryRegister(key)).toMatchObject(OK);
    expect(await tryRegister(key)).toMatchObject(OK);
    expect(key.clock.pending).toBe(0);
  });

  it('of somebody who takes a second comes after a second', async () => {
    const key = await createU2fKey({ touch: { kind: 'after', milliseconds: 1_000 } });
    let polls = 0;
    while ((await tryRegister(key)).status !== OK.status) {
      polls += 1;
      await key.clock.advance(POLL);
    }
    expect(polls).toBe(1_000 / POLL);
    expect(key.clock.pending).toBe(0);
  });

  it('for one application is none for another, nor for another purpose', async () => {
    const key = await createU2fKey();
    const { keyHandle } = await registerU2f(key);
    key.user.setTouch({ kind: 'manual' });
    await tryRegister(key);
    key.user.touch();
    expect(await tryRegister(key, OTHER_APPLICATION)).toMatchObject(NOT_TOUCHED);
    key.user.touch();
    expect(await tryAuthenticate(key, keyHandle)).toMatchObject(NOT_TOUCHED);
    expect(key.user.waiting).toMatchObject({ reason: 'u2f-authenticate' });
    key.user.touch();
    expect(await tryAuthenticate(key, keyHandle)).toMatchObject(OK);
  });

  it('is asked for no longer when the client has gone', async () => {
    const key = await manualKey();
    await tryRegister(key);
    await key.clock.advance(U2F_PATIENCE - 1);
    expect(key.user.waiting).toBeDefined();
    await tryRegister(key);
    await key.clock.advance(U2F_PATIENCE - 1);
    expect(key.user.waiting).toBeDefined();
    await key.clock.advance(1);
    expect(key.user.waiting).toBeUndefined();
    expect(key.clock.pending).toBe(0);
  });

  it('that came too late for the client is forgotten', async () => {
    const key = await manualKey();
    await tryRegister(key);
    key.user.touch();
    await tryRegister(key, OTHER_APPLICATION);
    key.user.touch();
    await key.clock.advance(U2F_PATIENCE);
    expect(await tryRegister(key, OTHER_APPLICATION)).toMatchObject(NOT_TOUCHED);
  });

  it('is not asked for again when it was denied, until the client gives up', async () => {
    const key = await createU2fKey({ touch: { kind: 'deny' } });
    for (let poll = 0; poll < 5; poll++) expect(await tryRegister(key)).toMatchObject(NOT_TOUCHED);
    expect(eventsOf(key)).toBe('wait deny');
    key.user.setTouch({ kind: 'at-once' });
    expect(await tryRegister(key)).toMatchObject(NOT_TOUCHED);
    await key.clock.advance(U2F_PATIENCE);
    expect(await tryRegister(key)).toMatchObject(OK);
  });

  it('is asked for again where the user did nothing for long and the client did not give up', async () => {
    const key = await createU2fKey({ touch: { kind: 'never' } });
    for (let elapsed = 0; elapsed <= 31_000; elapsed += POLL) {
      expect(await tryRegister(key)).toMatchObject(NOT_TOUCHED);
      await key.clock.advance(POLL);
    }
    expect(eventsOf(key)).toBe('wait timeout wait');
    key.user.setTouch({ kind: 'at-once' });
    expect(await tryRegister(key)).toMatchObject(OK);
  });

  it.each<[string, (key: TestKey) => unknown]>([
    ['a CTAP2 command', getInfo],
    ['a power cycle', (key) => key.machine.powerCycle()],
  ])('ends with %s', async (_what, interrupt) => {
    const key = await manualKey();
    await tryRegister(key);
    await interrupt(key);
    await key.clock.advance(0);
    expect(key.user.waiting).toBeUndefined();
    expect(key.clock.pending).toBe(0);
    expect(await tryRegister(key)).toMatchObject(NOT_TOUCHED);
    expect(key.failures).toEqual([]);
  });
});
