import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../ctap/commands.js';
import { STATUS } from '../ctap/status.js';
import { VirtualClock } from '../ports.js';
import type { KeepAliveStatus } from '../transport/transport.js';
import { withLatency } from './latency.js';

const MAKE = Uint8Array.of(COMMANDS.authenticatorMakeCredential);
const INFO = Uint8Array.of(COMMANDS.authenticatorGetInfo);

function slowDevice(makeCredential: number | undefined) {
  const clock = new VirtualClock({ automatic: true });
  const handled: Uint8Array[] = [];
  const keepAlives: (readonly [number, KeepAliveStatus])[] = [];
  const stop = new AbortController();
  const start = clock.now();
  const handle = withLatency(
    async (message) => {
      handled.push(message);
      return Uint8Array.of(STATUS.CTAP1_ERR_SUCCESS);
    },
    makeCredential === undefined ? undefined : { makeCredential },
    clock,
  );
  const keepAlive = (status: KeepAliveStatus) => {
    keepAlives.push([clock.now() - start, status]);
  };
  const send = (message: Uint8Array) => handle(message, { signal: stop.signal, keepAlive });
  return { send, handled, keepAlives, stop, clock, elapsed: () => clock.now() - start };
}

describe('a device with latency', () => {
  it('takes as long as its profile says, and says every 100 ms that it works', async () => {
    const device = slowDevice(350);
    expect(await device.send(MAKE)).toEqual(Uint8Array.of(STATUS.CTAP1_ERR_SUCCESS));
    expect(device.elapsed()).toBe(350);
    expect(device.keepAlives).toEqual([100, 200, 300].map((at) => [at, 'processing']));
    expect(device.handled).toEqual([MAKE]);
  });

  it('is quick with what the profile does not name', async () => {
    const device = slowDevice(350);
    await device.send(INFO);
    expect({ elapsed: device.elapsed(), keepAlives: device.keepAlives }).toEqual({
      elapsed: 0,
      keepAlives: [],
    });
  });

  it('is quick without a latency', async () => {
    const device = slowDevice(undefined);
    await device.send(MAKE);
    expect(device.elapsed()).toBe(0);
  });

  it('can be cancelled while it works, and then has done nothing', async () => {
    const device = slowDevice(60_000);
    const answer = device.send(MAKE);
    await device.clock.sleep(250);
    device.stop.abort();
    expect(await answer).toEqual(Uint8Array.of(STATUS.CTAP2_ERR_KEEPALIVE_CANCEL));
    expect(device.handled).toEqual([]);
    expect(device.elapsed()).toBe(250);
  });
});
