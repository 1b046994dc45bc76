import { describe, expect, it } from 'vitest';
import { STATUS } from '../ctap/status.js';
import { FakeKey, type FakeKeyOptions } from './fake-key.suite.js';
import { fakeMachine, settle } from './fake-ui.suite.js';
import { CREATION, descriptors, PAGE, REQUEST, RP_ID } from './good-options.suite.js';

const named = (name: string) => expect.objectContaining({ name });
const ALL = { kind: 'all' } as const;

/** Two keys that wait for hands, and whatever a test changes about them. */
function twoKeys(a: FakeKeyOptions = {}, b: FakeKeyOptions = {}) {
  const first = new FakeKey({ id: 'a', touch: 'by-hand', ...a });
  const second = new FakeKey({ id: 'b', touch: 'by-hand', ...b });
  const keys = [first, second];
  const machine = fakeMachine(keys);
  machine.ui.choices.push(ALL, { kind: 'cancel' });
  return { a: first, b: second, keys, ...machine };
}

describe('several devices at once', () => {
  it('all blink, the first touch wins, the others are cancelled', async () => {
    const { a, b, client, ui, clock } = twoKeys();
    const result = client.create(PAGE, CREATION);
    await settle();
    expect([a.waiting, b.waiting]).toEqual([1, 1]);
    b.press();
    expect((await result).rawId).toEqual(b.credentials[0]?.id);
    expect(a.credentials).toEqual([]);
    expect([a.cancels, a.open, b.open, clock.pending]).toEqual([1, 0, 0, 0]);
    expect(ui.told()).toEqual(['done']);
  });

  it('may be many', async () => {
    const warnings: string[] = [];
    const listen = (warning: Error) => warnings.push(warning.name);
    process.on('warning', listen);
    const keys = Array.from({ length: 15 }, (_, at) => new FakeKey({ id: `${at}`, touch: 'by-hand' }));
    const { client, ui } = fakeMachine(keys);
    ui.choices.push(ALL);
    const result = client.create(PAGE, CREATION);
    await settle();
    keys[9]?.press();
    expect((await result).rawId).toEqual(keys[9]?.credentials[0]?.id);
    expect(keys.map(({ cancels }) => cancels)).toEqual(keys.map((_, at) => (at === 9 ? 0 : 1)));
    process.off('warning', listen);
    expect(warnings).toEqual([]);
  });

  it('pick the one whose PIN is asked for by a touch', async () => {
    const { a, b, client, ui } = twoKeys({ pin: '1111' }, { pin: '2222' });
    ui.pins.push('2222');
    const result = client.create(PAGE, CREATION);
    await settle();
    expect(ui.pinRequests).toEqual([]);
    b.press();
    await settle();
    expect(ui.pinRequests).toMatchObject([{ device: 'b' }]);
    b.press();
    expect((await result).rawId).toEqual(b.credentials[0]?.id);
    expect(a.commands()).toEqual(['GetInfo', 'Selection']);
    expect(b.commands().filter((name) => name !== 'ClientPIN')).toEqual([
      'GetInfo',
      'Selection',
      'MakeCredential',
    ]);
  });

  it('of CTAP 2.0 are picked by a request that can only be touched', async () => {
    const old = { versions: ['FIDO_2_0'], pinUvAuthProtocols: [1] };
    const { b, client, ui } = twoKeys({ pin: '1111', info: old }, { pin: '2222', info: old });
    ui.pins.push('2222');
    const result = client.create(PAGE, CREATION);
    await settle();
    expect(b.log.at(-1)).toMatchObject({
      command: 'authenticatorMakeCredential',
      request: { pinUvAuthParam: new Uint8Array(0), pinUvAuthProtocol: 1, rp: { id: '.touch' } },
    });
    b.press();
    await settle();
    b.press();
    expect((await result).rawId).toEqual(b.credentials[0]?.id);
  });

  it.each([
    ['of CTAP 2.1', {}],
    ['of CTAP 2.0', { info: { versions: ['FIDO_2_0'] } }],
  ])('%s are picked by a touch before a first PIN is set', async (_, old) => {
    const { a, b, client, ui } = twoKeys(old, old);
    ui.pins.push('1234');
    const authenticatorSelection = { userVerification: 'required' } as const;
    const result = client.create(PAGE, { ...CREATION, authenticatorSelection });
    await settle();
    expect(ui.pinRequests).toEqual([]);
    b.press();
    await settle();
    b.press();
    expect((await result).rawId).toEqual(b.credentials[0]?.id);
    expect([a.pin, b.pin]).toEqual([undefined, '1234']);
  });

  it('are not joined by any more once one was picked', async () => {
    const { b, keys, client, ui, clock } = twoKeys({ pin: '1111' }, { pin: '2222' });
    const abort = new AbortController();
    ui.enterPin = () => new Promise(() => {});
    const result = client.create(PAGE, CREATION, { signal: abort.signal }).catch(() => {});
    await settle();
    b.press();
    await settle();
    const late = new FakeKey({ id: 'late' });
    keys.push(late);
    await clock.advance(1_000);
    expect(late.log).toEqual([]);
    abort.abort();
    await result;
  });

  it('need no touch to be picked when there is one only', async () => {
    const { a, client, ui, keys } = twoKeys({ pin: '1111', touch: 'at-once' });
    keys.length = 1;
    ui.pins.push('1111');
    await client.create(PAGE, CREATION);
    expect(a.commands()).not.toContain('Selection');
  });

  it('of which one errs go on without it', async () => {
    const { a, b, client, ui } = twoKeys();
    a.script.authenticatorGetInfo = [Uint8Array.of(0, 0xff)];
    const result = client.create(PAGE, CREATION);
    await settle();
    b.press();
    expect((await result).rawId).toEqual(b.credentials[0]?.id);
    expect(ui.told()).toEqual(['device-unusable', 'done']);
  });

  it('of which one is pulled go on without it', async () => {
    const { a, b, client, ui } = twoKeys();
    const result = client.create(PAGE, CREATION);
    await settle();
    a.unplug();
    await settle();
    b.press();
    expect((await result).rawId).toEqual(b.credentials[0]?.id);
    expect(ui.notices.filter(({ kind }) => kind === 'device-unusable')).toMatchObject([{ device: 'a' }]);
  });

  it('of which one is refused at end together', async () => {
    const { a, b, client } = twoKeys({}, { touch: 'deny' });
    await expect(client.create(PAGE, CREATION)).rejects.toThrow(named('NotAllowedError'));
    expect([a.cancels, a.open, b.open]).toEqual([1, 0, 0]);
  });

  it('of which one holds an excluded credential end when it is touched', async () => {
    const { a, client } = twoKeys();
    const excludeCredentials = descriptors(await a.enroll(RP_ID));
    const result = expect(client.create(PAGE, { ...CREATION, excludeCredentials })).rejects.toThrow(
      named('InvalidStateError'),
    );
    await settle();
    a.press();
    await result;
  });

  it('are not bothered when they have no matching credential', async () => {
    const { a, b, client, ui } = twoKeys();
    const allowCredentials = descriptors(await b.enroll(RP_ID));
    const result = client.get(PAGE, { ...REQUEST, allowCredentials });
    await settle();
    expect([a.waiting, b.waiting]).toEqual([0, 1]);
    expect(ui.told()).toEqual(['no-credentials']);
    b.press();
    expect((await result).rawId).toEqual(b.credentials[0]?.id);
  });

  it('that all drop out leave the choice to the person again', async () => {
    const { a, b, client, ui } = twoKeys();
    a.script.authenticatorMakeCredential = [STATUS.CTAP1_ERR_OTHER];
    b.script.authenticatorMakeCredential = [STATUS.CTAP1_ERR_OTHER];
    await expect(client.create(PAGE, CREATION)).rejects.toThrow(named('NotAllowedError'));
    expect(ui.offers).toEqual([['a', 'b'], []]);
    expect(ui.told()).toEqual(['device-refused', 'device-refused']);
  });

  it('leave the choice to the person when the chosen one drops out', async () => {
    const { a, b, client, ui } = twoKeys({ pin: '1111' }, { pin: '2222' });
    a.retries = 0;
    const result = expect(client.create(PAGE, CREATION)).rejects.toThrow(named('NotAllowedError'));
    await settle();
    a.press();
    await result;
    expect(ui.told()).toEqual(['pin-blocked']);
    expect(ui.offers).toEqual([['a', 'b'], ['b']]);
    expect(b.open).toBe(0);
  });

  it('are joined by one that is plugged in meanwhile', async () => {
    const { a, keys, client, clock } = twoKeys();
    keys.length = 1;
    const result = client.create(PAGE, CREATION);
    await settle();
    const late = new FakeKey({ id: 'late', touch: 'by-hand' });
    keys.push(late);
    await clock.advance(200);
    await settle();
    expect([a.waiting, late.waiting]).toEqual([1, 1]);
    late.press();
    expect((await result).rawId).toEqual(late.credentials[0]?.id);
  });

  it('of which one dropped out have it back once it was pulled', async () => {
    const { a, b, client, ui, clock } = twoKeys();
    a.script.authenticatorMakeCredential = [STATUS.CTAP1_ERR_OTHER];
    const result = client.create(PAGE, CREATION);
    await settle();
    expect([a.waiting, b.waiting]).toEqual([0, 1]);
    a.unplug();
    a.plug();
    await clock.advance(200);
    await settle();
    expect([a.waiting, b.waiting]).toEqual([1, 1]);
    a.press();
    expect((await result).rawId).toEqual(a.credentials[0]?.id);
    expect(ui.told()).toEqual(['device-refused', 'done']);
  });

  it('are waited for when there is none yet', async () => {
    const { a, b, client, clock } = twoKeys({ touch: 'at-once' });
    a.unplug();
    b.unplug();
    const result = client.create(PAGE, CREATION);
    await clock.advance(10_000);
    expect(a.log).toEqual([]);
    a.plug();
    await clock.advance(200);
    expect((await result).rawId).toEqual(a.credentials[0]?.id);
  });

  it('are not asked when they are attached in the wrong way', async () => {
    const { a, b, client, ui } = twoKeys({ attachment: 'platform' });
    const authenticatorSelection = { authenticatorAttachment: 'cross-platform' } as const;
    const result = client.create(PAGE, { ...CREATION, authenticatorSelection });
    await settle();
    expect([a.waiting, b.waiting]).toEqual([0, 1]);
    b.press();
    await result;
    expect(ui.offers).toEqual([['b']]);
  });

  it('end with the ceremony when somebody throws what is no failure of a device', async () => {
    const { a, b, client } = twoKeys();
    const bug = new RangeError('a bug in a transport');
    a.script.authenticatorMakeCredential = [() => Promise.reject(bug)];
    await expect(client.create(PAGE, CREATION)).rejects.toBe(bug);
    expect([a.open, b.open]).toEqual([0, 0]);
  });
});
