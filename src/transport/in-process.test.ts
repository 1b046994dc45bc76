import { describe, expect, it } from 'vitest';
import { createInProcessPort } from './in-process.js';
import type { MessageHandler } from './transport.js';

const echo: MessageHandler = async (message) => message;
const untilCancelled: MessageHandler = (_message, { signal, keepAlive }) =>
  new Promise((resolve) => {
    keepAlive('user-presence-needed');
    signal.addEventListener('abort', () => resolve(Uint8Array.of(0x2d)), { once: true });
    if (signal.aborted) resolve(Uint8Array.of(0x2d));
  });

const port = (handle: MessageHandler) => createInProcessPort({ device: 'key', name: 'usb', handle });
const closed = expect.objectContaining({ code: 'transport-closed' });

describe('the in-process transport', () => {
  it('carries messages both ways', async () => {
    const transport = port(echo).open();
    expect(transport).toMatchObject({ name: 'usb', device: 'key' });
    await expect(transport.send(Uint8Array.of(4, 5))).resolves.toEqual(Uint8Array.of(4, 5));
  });

  it('carries U2F to devices that speak it, and offers it for no others', async () => {
    const handleU2f: MessageHandler = async (message) => Uint8Array.of(...message, 0x90, 0x00);
    const both = createInProcessPort({ device: 'key', name: 'usb', handle: echo, handleU2f });
    const transport = both.open();
    await expect(transport.sendU2f?.(Uint8Array.of(1))).resolves.toEqual(Uint8Array.of(1, 0x90, 0x00));
    await expect(transport.send(Uint8Array.of(1))).resolves.toEqual(Uint8Array.of(1));
    expect(port(echo).open().sendU2f).toBeUndefined();
    both.unplug();
    await expect(transport.sendU2f?.(Uint8Array.of(1))).rejects.toThrow(closed);
  });

  it('gives each end its own copy', async () => {
    const request = Uint8Array.of(1);
    const kept: Uint8Array[] = [];
    const answer = await port(async (message) => {
      kept.push(message);
      return message;
    })
      .open()
      .send(request);
    request[0] = 9;
    answer[0] = 8;
    expect(kept).toEqual([Uint8Array.of(1)]);
  });

  it('passes keep-alives on and waits for the answer after a cancel', async () => {
    const abort = new AbortController();
    const seen: string[] = [];
    const running = port(untilCancelled)
      .open()
      .send(Uint8Array.of(1), { signal: abort.signal, onKeepAlive: (status) => seen.push(status) });
    abort.abort();
    await expect(running).resolves.toEqual(Uint8Array.of(0x2d));
    expect(seen).toEqual(['user-presence-needed']);
  });

  it('cancels at once when the signal is aborted already', async () => {
    const running = port(untilCancelled).open().send(Uint8Array.of(1), { signal: AbortSignal.abort() });
    await expect(running).resolves.toEqual(Uint8Array.of(0x2d));
  });

  it('ends a running exchange when the device is pulled', async () => {
    const usb = port(untilCancelled);
    const running = usb.open().send(Uint8Array.of(1));
    usb.unplug();
    expect(usb.plugged).toBe(false);
    await expect(running).rejects.toThrow(closed);
  });

  it('ends it even when the device never answers', async () => {
    const usb = port(() => new Promise(() => {}));
    const running = usb.open().send(Uint8Array.of(1));
    usb.unplug();
    await expect(running).rejects.toThrow(closed);
  });

  it('opens nothing while unplugged, and needs a new connection afterwards', async () => {
    const usb = port(echo);
    const before = usb.open();
    usb.unplug();
    expect(() => usb.open()).toThrow(closed);
    expect(usb.insertions).toBe(1);
    usb.plug();
    usb.plug();
    expect(usb.insertions).toBe(2);
    await expect(before.send(Uint8Array.of(1))).rejects.toThrow(closed);
    await expect(usb.open().send(Uint8Array.of(1))).resolves.toEqual(Uint8Array.of(1));
  });

  it('refuses to send after closing', async () => {
    const transport = port(echo).open();
    await transport.close();
    await expect(transport.send(Uint8Array.of(1))).rejects.toThrow(closed);
  });

  it('carries any number of exchanges at once, and ends all of them', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error) => warnings.push(warning);
    process.on('warning', note);
    const usb = port(untilCancelled);
    const running = Array.from({ length: 40 }, () => usb.open().send(Uint8Array.of(1)));
    usb.unplug();
    for (const one of await Promise.allSettled(running)) expect(one).toMatchObject({ reason: closed });
    // Node warns in the next turn of the event loop.
    await new Promise(setImmediate);
    process.off('warning', note);
    expect(warnings).toEqual([]);
  });
});
