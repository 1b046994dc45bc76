import { describe, expect, it } from 'vitest';
import { systemRandom, VirtualClock } from '../../ports.js';
import { DemoSessions, MAX_SESSIONS } from './sessions.js';

const HOUR = 60 * 60 * 1000;

describe('sessions', () => {
  it.each([
    ['signed in', 'account', 12 * HOUR],
    ['anonymous', undefined, HOUR / 2],
  ])('that are %s end after their time', async (_, accountId, lifetime) => {
    const clock = new VirtualClock();
    const sessions = new DemoSessions(clock, systemRandom);
    const { id } = sessions.open(accountId);
    await clock.advance(lifetime - 1);
    expect(sessions.find(id)?.id).toBe(id);
    await clock.advance(1);
    expect(sessions.find(id)).toBeUndefined();
  });

  it('are bounded: a flood pushes out sign-ins that were only begun', () => {
    const sessions = new DemoSessions(new VirtualClock(), systemRandom);
    const kept = sessions.open('account');
    const begun = sessions.open();
    for (let flood = 0; flood < MAX_SESSIONS; flood++) sessions.open();
    expect(sessions.find(kept.id)).toBeDefined();
    expect(sessions.find(begun.id)).toBeUndefined();
    expect(sessions.size).toBe(MAX_SESSIONS);
  });
});
