import { describe, expect, it } from 'vitest';
import { STATUS } from '../ctap/status.js';
import { VirtualClock } from '../ports.js';
import type { TraceEvent } from '../trace/events.js';
import type { SendOptions, Transport } from '../transport/transport.js';
import { type CtapClientOptions, createCtapClient, DEADLINES } from './ctap-client.js';
import { FakeKey } from './fake-key.suite.js';
import { settle } from './fake-ui.suite.js';

const REQUEST = {
  clientDataHash: new Uint8Array(32),
  rp: { id: 'example.org' },
  user: { id: Uint8Array.of(1) },
  pubKeyCredParams: [{ alg: -7, type: 'public-key' }],
};

/** A wire with a person's hands on the other end of it. */
class Wire implements Transport {
  readonly name = 'usb';
  readonly device = 'key';
  readonly sent: Uint8Array[] = [];
  closed = false;
  answer: (options: SendOptions) => Promise<Uint8Array> = async () => Uint8Array.of(0);

  async send(message: Uint8Array, options: SendOptions = {}): Promise<Uint8Array> {
    this.sent.push(message);
    return this.answer(options);
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

function setUp(change: Partial<CtapClientOptions> = {}) {
  const wire = new Wire();
  const clock = new VirtualClock();
  const events: TraceEvent[] = [];
  const trace = { emit: (event: TraceEvent) => events.push(event) };
  return { wire, clock, events, ctap: createCtapClient(wire, { clock, trace, ...change }) };
}

const untilCancelled = ({ signal }: SendOptions) =>
  new Promise<Uint8Array>((resolve) => {
    const cancel = () => resolve(Uint8Array.of(STATUS.CTAP2_ERR_KEEPALIVE_CANCEL));
    signal?.addEventListener('abort', cancel);
    if (signal?.aborted) cancel();
  });
const coded = (code: string) => expect.objectContaining({ code });

describe('a CTAP client', () => {
  it('gives statuses as values', async () => {
    const { wire, ctap } = setUp();
    wire.answer = async () => Uint8Array.of(STATUS.CTAP2_ERR_OPERATION_DENIED);
    await expect(ctap.selection()).resolves.toEqual({ ok: false, status: STATUS.CTAP2_ERR_OPERATION_DENIED });
    wire.answer = async () => Uint8Array.of(0);
    await expect(ctap.reset()).resolves.toEqual({ ok: true, value: {} });
    expect(wire.sent).toEqual([Uint8Array.of(0x0b), Uint8Array.of(0x07)]);
  });

  it('reads what an authenticator says of itself', async () => {
    const { ctap } = setUp();
    const key = new FakeKey();
    const transport = await key.client.connect();
    const info = await createCtapClient(transport, { clock: new VirtualClock() }).getInfo();
    expect(info).toMatchObject({ ok: true, value: { versions: ['FIDO_2_0', 'FIDO_2_1'], maxMsgSize: 1200 } });
    expect(ctap).toMatchObject({ device: 'key', transport: 'usb' });
  });

  it.each([
    ['nothing', new Uint8Array(0)],
    ['no CBOR', Uint8Array.of(0, 0xff)],
    ['another shape', Uint8Array.of(0, 0xa1, 0x01, 0x02)],
    ['less than it owes', Uint8Array.of(0)],
  ])('rejects an answer that is %s', async (_, answer) => {
    const { wire, ctap } = setUp();
    wire.answer = async () => answer;
    await expect(ctap.getInfo()).rejects.toThrow(coded('message-malformed'));
  });

  it('sends 1024 bytes at most until the authenticator has said more', async () => {
    const { wire, ctap } = setUp();
    const big = { ...REQUEST, user: { id: Uint8Array.of(1), name: 'a'.repeat(1_000) } };
    await expect(ctap.makeCredential(big)).rejects.toThrow(coded('transport-too-large'));
    const key = new FakeKey();
    const roomy = createCtapClient(await key.client.connect(), { clock: new VirtualClock() });
    await roomy.getInfo();
    await expect(roomy.makeCredential(big)).resolves.toMatchObject({ ok: true });
    await expect(roomy.makeCredential({ ...big, rp: { id: 'b'.repeat(300) } })).rejects.toThrow(
      expect.objectContaining({ facts: expect.objectContaining({ maxMsgSize: 1200 }) }),
    );
    expect(wire.sent).toEqual([]);
  });

  it('cancels when a signal aborts, and waits for the answer', async () => {
    const abort = new AbortController();
    const { wire, clock, ctap } = setUp({ signal: abort.signal });
    wire.answer = untilCancelled;
    const running = ctap.makeCredential(REQUEST);
    abort.abort();
    await expect(running).resolves.toEqual({ ok: false, status: STATUS.CTAP2_ERR_KEEPALIVE_CANCEL });
    await expect(ctap.selection({ signal: AbortSignal.abort() })).resolves.toMatchObject({ ok: false });
    expect(clock.pending).toBe(0);
  });

  it('gives up a second after a cancel that is not answered', async () => {
    const { wire, clock, ctap } = setUp();
    wire.answer = () => new Promise(() => {});
    const abort = new AbortController();
    const running = expect(ctap.selection({ signal: abort.signal })).rejects.toThrow(
      coded('deadline-exceeded'),
    );
    abort.abort();
    await settle();
    expect(clock.pending).toBe(1);
    await clock.advance(DEADLINES.cancel);
    await running;
    expect(clock.pending).toBe(0);
  });

  it.each([
    ['ten seconds for what the device does alone', 'getInfo', DEADLINES.device],
    ['ten minutes for what needs a person', 'selection', DEADLINES.person],
  ] as const)('waits %s', async (_, command, deadline) => {
    const { wire, clock, ctap } = setUp();
    wire.answer = untilCancelled;
    const running = ctap[command]();
    let over = false;
    void running.finally(() => {
      over = true;
    });
    await clock.advance(deadline - 1);
    expect(over).toBe(false);
    await clock.advance(1);
    await expect(running).resolves.toEqual({ ok: false, status: STATUS.CTAP2_ERR_KEEPALIVE_CANCEL });
  });

  it('passes on that a device went away', async () => {
    const key = new FakeKey({ touch: 'by-hand' });
    const ctap = createCtapClient(await key.client.connect(), { clock: new VirtualClock() });
    const running = expect(ctap.selection()).rejects.toThrow(coded('transport-closed'));
    key.unplug();
    await running;
  });

  it('tells of keep-alives when they change, and of everything on the timeline', async () => {
    const heard: string[] = [];
    const { wire, events, ctap } = setUp({ onKeepAlive: (status) => heard.push(status) });
    wire.answer = async ({ onKeepAlive }) => {
      for (const status of ['processing', 'processing', 'user-presence-needed'] as const)
        onKeepAlive?.(status);
      return Uint8Array.of(STATUS.CTAP2_ERR_NO_CREDENTIALS);
    };
    await ctap.getAssertion({ rpId: 'example.org', clientDataHash: new Uint8Array(32) });
    expect(heard).toEqual(['processing', 'user-presence-needed']);
    expect(events.map((event) => ('name' in event ? `${event.kind} ${event.name}` : ''))).toEqual([
      'request authenticatorGetAssertion',
      'keepalive processing',
      'keepalive user-presence-needed',
      'response CTAP2_ERR_NO_CREDENTIALS',
    ]);
    expect(events[0]).toMatchObject({ layer: 'ctap', device: 'key', fields: { rpId: 'example.org' } });
    expect(events[3]).toMatchObject({ hex: '2e' });
  });

  it('writes cancels onto the timeline', async () => {
    const { wire, events, ctap } = setUp();
    wire.answer = untilCancelled;
    const abort = new AbortController();
    const running = ctap.selection({ signal: abort.signal });
    abort.abort();
    await running;
    expect(events.map(({ kind }) => kind)).toEqual(['request', 'cancel', 'response']);
  });

  it('closes its transport', async () => {
    const { wire, ctap } = setUp();
    await ctap.close();
    expect(wire.closed).toBe(true);
  });
});
