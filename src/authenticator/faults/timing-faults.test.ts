/**
 * Faults of time and power: answers that come late or never, and a key that starts anew in the middle of a command.
 */
import { describe, expect, it } from 'vitest';
import { getAssertionRequest, getAssertionResponse } from '../../ctap/messages/get-assertion.js';
import { encodeRequest } from '../../ctap/messages/message.js';
import { STATUS } from '../../ctap/status.js';
import {
  CLIENT_DATA_HASH,
  createTestKey,
  getAssertion,
  mustSucceed,
  RP_ID,
  readAnswer,
  registerDiscoverable,
  signedBy,
  type TestKey,
} from '../test-platform.suite.js';

const ASSERT = encodeRequest(
  'authenticatorGetAssertion',
  getAssertionRequest.write({ rpId: RP_ID, clientDataHash: CLIENT_DATA_HASH }),
);
const CANCELLED = Uint8Array.of(STATUS.CTAP2_ERR_KEEPALIVE_CANCEL);

async function keyWithAda(fault: string, value?: string | number) {
  const key = createTestKey();
  const ada = await registerDiscoverable(key, 'ada');
  key.machine.faults.set({ fault, ...(value === undefined ? {} : { value }), times: 1 });
  return { key, ada };
}

/** A message on its way, and whether there is an answer yet. */
function sent(key: TestKey) {
  const cancel = new AbortController();
  const state = { answered: false };
  const answer = key.send(ASSERT, cancel.signal).then((bytes) => {
    state.answered = true;
    return bytes;
  });
  return { answer, cancel: () => cancel.abort(), state };
}

/** Lets the key run until it sleeps. */
async function untilLate(key: TestKey): Promise<void> {
  for (let turn = 0; turn < 100 && key.clock.pending === 0; turn++) await key.clock.advance(0);
}

const counter = (key: TestKey) => key.store.read((reader) => reader.counter());
const kinds = (key: TestKey) => key.events.map(({ kind }) => kind);

describe('a delay', () => {
  it.each([
    ['delay-before', 0],
    ['delay-after', 1],
  ])('called %s is one by the clock', async (fault, counted) => {
    const { key, ada } = await keyWithAda(fault, 5_000);
    const { answer, state } = sent(key);
    await untilLate(key);
    await key.clock.advance(4_999);
    expect([state.answered, await counter(key)]).toEqual([false, counted]);
    await key.clock.advance(1);
    expect(signedBy(ada, mustSucceed(readAnswer(await answer, getAssertionResponse)))).toBe(true);
    expect(key.clock.pending).toBe(0);
  });

  it('before the command ends with a cancel, and so does the command', async () => {
    const { key } = await keyWithAda('delay-before', 5_000);
    const { answer, cancel } = sent(key);
    await key.clock.advance(10);
    cancel();
    expect(await answer).toEqual(CANCELLED);
    expect(await counter(key)).toBe(0);
  });

  it('after the command is deaf to a cancel', async () => {
    const { key, ada } = await keyWithAda('delay-after', 5_000);
    const { answer, cancel } = sent(key);
    await untilLate(key);
    cancel();
    await key.clock.advance(5_000);
    expect(signedBy(ada, mustSucceed(readAnswer(await answer, getAssertionResponse)))).toBe(true);
  });

  it.each(['delay-before', 'delay-after'])('called %s ends with the power', async (fault) => {
    const { key } = await keyWithAda(fault, 5_000);
    const { answer } = sent(key);
    await key.clock.advance(10);
    key.machine.powerCycle();
    expect(await answer).toEqual(CANCELLED);
  });

  it('keeps the next command waiting', async () => {
    const { key } = await keyWithAda('delay-before', 5_000);
    const first = sent(key);
    const second = sent(key);
    await key.clock.advance(4_999);
    expect([first.state.answered, second.state.answered]).toEqual([false, false]);
    await key.clock.advance(1);
    await Promise.all([first.answer, second.answer]);
  });
});

describe('a hanging key', () => {
  const LONG = 3_600_000;

  it.each([
    ['before', 0],
    ['after', 1],
  ])('that hangs %s the command answers when it is cancelled', async (value, counted) => {
    const { key } = await keyWithAda('hang', value);
    const { answer, cancel, state } = sent(key);
    await key.clock.advance(LONG);
    expect([state.answered, await counter(key)]).toEqual([false, counted]);
    cancel();
    expect(await answer).toEqual(CANCELLED);
    expect(await counter(key)).toBe(counted);
    expect((await getAssertion(key)).status).toBe('CTAP1_ERR_SUCCESS');
  });

  it.each(['before', 'after', 'deaf'])('that hangs %s ends with the power', async (value) => {
    const { key } = await keyWithAda('hang', value);
    const { answer } = sent(key);
    await key.clock.advance(LONG);
    key.machine.powerCycle();
    expect(await answer).toEqual(CANCELLED);
    expect((await getAssertion(key)).status).toBe('CTAP1_ERR_SUCCESS');
  });

  it('that is deaf does not hear a cancel', async () => {
    const { key } = await keyWithAda('hang', 'deaf');
    const { answer, cancel, state } = sent(key);
    await key.clock.advance(LONG);
    cancel();
    await key.clock.advance(LONG);
    expect(state.answered).toBe(false);
    await key.machine.close();
    expect(await answer).toEqual(CANCELLED);
  });
});

describe('a power cut', () => {
  it.each([
    ['before', 0],
    ['waiting', 0],
    ['before-change', 0],
    ['after-change', 1],
    ['after', 1],
  ])('%s: all or nothing is done, and the key goes on', async (value, counted) => {
    const { key, ada } = await keyWithAda('power-cut', value);
    const { session } = key.machine;
    expect(await key.send(ASSERT)).toEqual(CANCELLED);
    expect(key.machine.session).not.toBe(session);
    expect(await counter(key)).toBe(counted);
    expect(kinds(key)).toContain('power-cycle');
    expect(key.failures).toEqual([]);
    const after = mustSucceed(await getAssertion(key));
    expect(signedBy(ada, after)).toBe(true);
  });

  it('while nobody acts is one all the same', async () => {
    const { key } = await keyWithAda('power-cut', 'waiting');
    key.user.setTouch({ kind: 'never' });
    expect(await key.send(ASSERT)).toEqual(CANCELLED);
  });

  it('does not happen where the command does not come to it', async () => {
    const { key } = await keyWithAda('power-cut', 'waiting');
    const { session } = key.machine;
    await getAssertion(key, { options: { up: false } });
    expect(key.machine.session).toBe(session);
    expect(key.machine.faults.faults).toHaveLength(1);
  });
});
