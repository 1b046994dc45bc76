import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../ports.js';
import type { PresenceRequest } from './ports.js';
import { createScriptedUser, type ScriptedUserOptions } from './user.js';

function setUp(options: Partial<ScriptedUserOptions> = {}) {
  const clock = new VirtualClock();
  const user = createScriptedUser({ clock, ...options });
  const stop = new AbortController();
  const request: PresenceRequest = { reason: 'selection', signal: stop.signal };
  return { clock, user, stop, request };
}

/** What has become of a promise by now. */
async function soFar<T>(clock: VirtualClock, promise: Promise<T>): Promise<T | 'waiting'> {
  const waiting = clock.advance(0).then(() => 'waiting' as const);
  return Promise.race([promise, waiting]);
}

describe('a scripted user', () => {
  it('touches at once when nothing is said', async () => {
    const { user, request } = setUp();
    expect(await user.presence(request)).toBe('touched');
  });

  it('touches after a delay by the clock', async () => {
    const { user, request, clock } = setUp({ touch: { kind: 'after', milliseconds: 500 } });
    const asked = user.presence(request);
    await clock.advance(499);
    expect(await soFar(clock, asked)).toBe('waiting');
    await clock.advance(1);
    expect(await asked).toBe('touched');
  });

  it('denies', async () => {
    const { user, request } = setUp({ touch: { kind: 'deny' } });
    expect(await user.presence(request)).toBe('denied');
    expect(await user.verification(request)).toBe('cancelled');
  });

  it.each(['never', 'manual'] as const)('with "%s" does nothing until told to stop', async (kind) => {
    const { user, request, clock, stop } = setUp({ touch: { kind } });
    const asked = user.presence(request);
    await clock.advance(3_600_000);
    expect(await soFar(clock, asked)).toBe('waiting');
    expect(user.waiting).toBe(request);
    stop.abort();
    expect(await asked).toBe('cancelled');
    expect(user.waiting).toBeUndefined();
  });

  it('stops at once when it was told to before', async () => {
    const { user, request, stop } = setUp({ touch: { kind: 'never' } });
    stop.abort();
    expect(await user.presence(request)).toBe('cancelled');
  });

  it('touches and denies by hand, once, and only while the key waits', async () => {
    const { user, request } = setUp({ touch: { kind: 'manual' } });
    expect([user.touch(), user.deny()]).toEqual([false, false]);
    const touched = user.presence(request);
    expect([user.touch(), user.touch()]).toEqual([true, false]);
    expect(await touched).toBe('touched');
    const denied = user.presence(request);
    expect(user.deny()).toBe(true);
    expect(await denied).toBe('denied');
  });

  it('changes its mind while the key waits', async () => {
    const { user, request, clock } = setUp({ touch: { kind: 'never' } });
    const asked = user.presence(request);
    user.setTouch({ kind: 'after', milliseconds: 1_000 });
    await clock.advance(999);
    user.setTouch({ kind: 'after', milliseconds: 1_000 });
    await clock.advance(999);
    expect(await soFar(clock, asked)).toBe('waiting');
    user.setTouch({ kind: 'at-once' });
    expect(await asked).toBe('touched');
    user.setTouch({ kind: 'deny' });
    expect(await user.presence(request)).toBe('denied');
    expect(clock.pending).toBe(0);
  });

  it('verifies as told, and can be told otherwise on the way', async () => {
    const { user, request } = setUp({ verification: 'succeed' });
    expect(user.verificationConfigured).toBe(true);
    expect(await user.verification(request)).toBe('verified');
    user.setVerification('fail');
    expect(await user.verification(request)).toBe('failed');
    user.setTouch({ kind: 'manual' });
    const asked = user.verification(request);
    user.setVerification('succeed');
    user.touch();
    expect(await asked).toBe('verified');
    user.setVerification('not-configured');
    expect(user.verificationConfigured).toBe(false);
    user.setVerification('succeed');
    user.forgetVerification();
    expect(user.verificationConfigured).toBe(false);
    expect(setUp().user.verificationConfigured).toBe(false);
  });
});
