import { describe, expect, it } from 'vitest';
import { KeyrigError } from '../errors.js';
import { lifetimeOf, RECOMMENDED_LIFETIMES } from './ceremony.js';
import { DEADLINES } from './ctap-client.js';
import { FakeKey, type FakeKeyOptions } from './fake-key.suite.js';
import { fakeMachine, settle } from './fake-ui.suite.js';
import { CREATION, PAGE, REQUEST, RP_ID } from './good-options.suite.js';
import type { WebAuthnClientOptions } from './webauthn-client.js';

const named = (name: string) => expect.objectContaining({ name });

/** A key that nobody touches until a test does. */
function slowKey(options: FakeKeyOptions = {}, client: Partial<WebAuthnClientOptions> = {}) {
  const key = new FakeKey({ touch: 'by-hand', ...options });
  return { key, ...fakeMachine([key], client) };
}

describe('the lifetime of a ceremony', () => {
  it.each([
    [undefined, 300_000],
    [0, 300_000],
    [300_001, 300_001],
    [600_000, 600_000],
    [2 ** 32 - 1, 600_000],
  ])('of a timeout of %s is %i', (timeout, lifetime) => {
    expect(lifetimeOf(timeout, RECOMMENDED_LIFETIMES)).toBe(lifetime);
  });

  it('ends with NotAllowedError, a cancel, and nothing left behind', async () => {
    const { key, client, clock, events } = slowKey();
    const result = client.create(PAGE, { ...CREATION, timeout: 300_500 });
    const refused = expect(result).rejects.toThrow(named('NotAllowedError'));
    await clock.advance(300_499);
    expect(key.waiting).toBe(1);
    await clock.advance(1);
    await refused;
    expect([key.cancels, key.open, clock.pending]).toEqual([1, 0, 0]);
    expect(events.at(-1)).toMatchObject({ kind: 'error', name: 'NotAllowedError' });
  });

  it('can be shrunk', async () => {
    const { client, clock } = slowKey({}, { lifetimes: { shortest: 10, usual: 50, longest: 100 } });
    const results = [undefined, 1, 1000].map((timeout) =>
      client
        .create(PAGE, { ...CREATION, ...(timeout === undefined ? {} : { timeout }) })
        .catch(() => clock.now()),
    );
    const start = clock.now();
    await clock.advance(200);
    expect((await Promise.all(results)).map((end) => Number(end) - start)).toEqual([50, 10, 100]);
  });

  it('also ends what a device does not: a cancelled device that stays silent is given up', async () => {
    const { key, client, clock } = slowKey();
    key.script.authenticatorMakeCredential = [() => new Promise(() => {})];
    const refused = expect(client.create(PAGE, CREATION)).rejects.toThrow(named('NotAllowedError'));
    await clock.advance(300_000);
    await clock.advance(DEADLINES.cancel);
    await refused;
    expect([key.open, clock.pending]).toEqual([0, 0]);
  });

  it('also ends a person who does nothing', async () => {
    const { client, clock, ui } = slowKey();
    ui.chooseDevice = () => new Promise(() => {});
    const refused = expect(client.get(PAGE, REQUEST)).rejects.toThrow(named('NotAllowedError'));
    await clock.advance(300_000);
    await refused;
    expect(clock.pending).toBe(0);
  });

  it('also ends a site that does not serve its related origins', async () => {
    const { client, clock } = slowKey({}, { fetchRelatedOrigins: () => new Promise(() => {}) });
    const refused = expect(client.get(PAGE, { ...REQUEST, rpId: 'example.com' })).rejects.toThrow(
      named('NotAllowedError'),
    );
    await clock.advance(300_000);
    await refused;
  });

  it('also ends a device that never connects, and closes it when it does after all', async () => {
    const { key, client, clock } = slowKey();
    let connected: (() => void) | undefined;
    const connect = key.client.connect.bind(key.client);
    key.client.connect = async () => {
      await new Promise<void>((resolve) => {
        connected = resolve;
      });
      return connect();
    };
    const refused = expect(client.create(PAGE, CREATION)).rejects.toThrow(named('NotAllowedError'));
    await clock.advance(300_000);
    await refused;
    connected?.();
    await settle();
    expect(key.open).toBe(0);
  });
});

describe('a page that aborts', () => {
  it.each([
    ['while a key waits for its touch', {}],
    ['while a PIN is entered', { pin: '1234' }],
  ])('%s gets its own reason, and the key is cancelled', async (_, options) => {
    const { key, client, ui, clock } = slowKey(options);
    ui.enterPin = () => new Promise(() => {});
    const abort = new AbortController();
    const result = client.create(PAGE, CREATION, { signal: abort.signal });
    const reason = { left: true };
    const rejected = expect(result).rejects.toBe(reason);
    await settle();
    abort.abort(reason);
    await rejected;
    expect(ui.told()).toEqual([]);
    expect([key.cancels, key.open, clock.pending]).toEqual(['pin' in options ? 0 : 1, 0, 0]);
  });

  it('leaves the person alone from then on', async () => {
    const { key, client, ui } = slowKey({ pin: '1234' });
    const abort = new AbortController();
    const retriesLeft = async () => {
      abort.abort();
      return Uint8Array.of(0, 0xa1, 0x03, 0x08);
    };
    key.script.authenticatorClientPIN = [retriesLeft];
    await expect(client.create(PAGE, CREATION, { signal: abort.signal })).rejects.toThrow(
      named('AbortError'),
    );
    expect(ui.pinRequests).toEqual([]);
    expect(ui.told()).toEqual([]);
  });

  it('gets an AbortError when it gives no reason', async () => {
    const { client } = slowKey();
    const abort = new AbortController();
    const result = client.create(PAGE, CREATION, { signal: abort.signal });
    abort.abort();
    await expect(result).rejects.toThrow(named('AbortError'));
  });

  it('too late changes nothing', async () => {
    const key = new FakeKey();
    const { client } = fakeMachine([key]);
    const abort = new AbortController();
    const result = await client.create(PAGE, CREATION, { signal: abort.signal });
    abort.abort();
    expect(result.type).toBe('public-key');
  });
});

describe('the person', () => {
  it('who cancels gets NotAllowedError', async () => {
    const { key, client, ui } = slowKey();
    ui.choices.push({ kind: 'cancel' });
    await expect(client.create(PAGE, CREATION)).rejects.toThrow(named('NotAllowedError'));
    expect(key.log).toEqual([]);
  });

  it('who insists on a device that dropped out gets NotAllowedError', async () => {
    const { key, client, ui } = slowKey({ touch: 'at-once' });
    ui.choices.push({ kind: 'device', device: 'key' }, { kind: 'device', device: 'key' });
    await expect(client.get(PAGE, REQUEST)).rejects.toThrow(named('NotAllowedError'));
    expect(key.commands()).toEqual(['GetInfo', 'GetAssertion']);
  });

  it('who pulls the key and plugs it in again is served', async () => {
    const { key, client, ui } = slowKey();
    const plug = () => {
      key.plug();
      key.touch = 'at-once';
      return { kind: 'device', device: 'key' } as const;
    };
    ui.choices.push({ kind: 'device', device: 'key' }, plug);
    const result = client.create(PAGE, CREATION);
    await settle();
    key.unplug();
    await expect(result).resolves.toMatchObject({ type: 'public-key' });
    expect(ui.offers).toEqual([['key'], []]);
  });

  it('is told of what the key does', async () => {
    const { key, client, ui } = slowKey();
    const result = client.create(PAGE, CREATION);
    await settle();
    key.press();
    await result;
    expect(ui.notices).toEqual([
      { kind: 'keepalive', device: 'key', status: 'user-presence-needed' },
      { kind: 'done', device: 'key' },
    ]);
  });
});

describe('a user interface that breaks', () => {
  const broken = new KeyrigError('platform-script', 'no such button');

  it.each(['chooseDevice', 'enterPin', 'chooseAccount'] as const)(
    'at %s ends the ceremony with its failure',
    async (name) => {
      const key = new FakeKey(name === 'enterPin' ? { pin: '1234' } : {});
      await key.enroll(RP_ID);
      await key.enroll(RP_ID);
      const { client, ui, clock } = fakeMachine([key]);
      Object.assign(ui, { [name]: () => Promise.reject(broken) });
      await expect(client.get(PAGE, REQUEST)).rejects.toBe(broken);
      expect([key.open, clock.pending]).toEqual([0, 0]);
    },
  );

  it('at a notice ends it too', async () => {
    const { key, client, ui } = slowKey();
    ui.notify = () => {
      throw broken;
    };
    await expect(client.create(PAGE, CREATION)).rejects.toBe(broken);
    expect(key.open).toBe(0);
  });

  it('by choosing a device that there is not is told so', async () => {
    const { client, ui } = slowKey();
    ui.choices.push({ kind: 'device', device: 'other' });
    await expect(client.create(PAGE, CREATION)).rejects.toThrow(
      expect.objectContaining({ code: 'platform-script' }),
    );
  });
});

it('takes options as they were when the call came', async () => {
  const key = new FakeKey();
  const credential = await key.enroll(RP_ID);
  const { client } = fakeMachine([key]);
  const challenge = Buffer.from([1, 2, 3]);
  const id = Buffer.from(credential.id);
  const result = client.get(PAGE, { ...REQUEST, challenge, allowCredentials: [{ type: 'public-key', id }] });
  challenge.fill(0);
  id.fill(0);
  const { clientDataJSON, rawId } = await result;
  expect(new TextDecoder().decode(clientDataJSON)).toContain('"challenge":"AQID"');
  expect(rawId).toEqual(credential.id);
});

it('takes a user ID as it was when the call came', async () => {
  const key = new FakeKey();
  const { client } = fakeMachine([key]);
  const id = Buffer.from([1, 2, 3]);
  const result = client.create(PAGE, { ...CREATION, user: { ...CREATION.user, id } });
  id.fill(0);
  await result;
  expect(key.credentials[0]?.user.id).toEqual(Uint8Array.of(1, 2, 3));
});
