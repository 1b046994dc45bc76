import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestKey } from '../../test/targets/test-key.js';
import { systemClock } from '../ports.js';
import { openTarget } from './open-target.js';

const options = { trace: { emit: () => {} }, clock: systemClock };

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'keyrig-open-target-'));
});
afterAll(() => rm(directory, { recursive: true }));

async function file(name: string, text: string): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, text);
  return path;
}

describe('openTarget', () => {
  it('starts the demo, and drives it over its socket through its adapter', async () => {
    const target = await openTarget('demo', options);
    const user = {
      name: 'ada-2',
      displayName: 'Ada',
      email: 'ada-2@demo.example',
      password: 'twelve letters',
    };
    await target.createUser(user);
    const session = target.openSession('ada');
    expect(await session.signInWithPassword(user)).toMatchObject({ verdict: 'accepted' });
    const key = new TestKey();
    const registration = key.create(await session.registrationOptions(user), target.origin);
    expect(await session.submitRegistration(registration)).toMatchObject({
      verdict: 'accepted',
      status: 201,
    });
    await session.signOut();
    const assertion = key.get(await session.signInOptions('username', user), target.origin);
    expect(await session.submitSignIn(assertion)).toMatchObject({ verdict: 'accepted', status: 200 });
    expect(await session.whoami()).toBe('ada-2');
    await target.close();
    await expect(session.whoami()).rejects.toMatchObject({ code: 'target-unreachable' });
  });

  it('takes a preset with its address', async () => {
    const target = await openTarget('demo:http://localhost:4000', options);
    expect(target).toMatchObject({ id: 'demo', origin: 'http://localhost:4000', rpId: 'localhost' });
    expect(target.policy.userVerification).toBe('required');
  });

  it('takes an adapter file, and what it says about the place', async () => {
    const path = await file(
      'my-shop.yaml',
      'version: 1\nname: Shop\ntarget: { baseUrl: "http://127.0.0.1:8080", origin: "https://shop.example" }\n',
    );
    expect(await openTarget(path, options)).toMatchObject({
      id: 'my-shop',
      origin: 'https://shop.example',
      rpId: 'shop.example',
      policy: { userVerification: 'preferred' },
    });
  });

  it.each([
    ['a faulty file', 'broken.yaml', 'adapter-invalid'],
    ['a file that is not there', 'nowhere.yaml', 'option-invalid'],
    ['a file without an address', 'placeless.yaml', 'adapter-invalid'],
  ])('says no to %s', async (_, name, code) => {
    await file('broken.yaml', 'version: 1\nnmae: Shop\n');
    await file('placeless.yaml', 'version: 1\nname: Shop\n');
    await expect(openTarget(join(directory, name), options)).rejects.toMatchObject({ code });
  });

  it('says where a file is faulty', async () => {
    const path = await file('broken.yaml', 'version: 1\nnmae: Shop\n');
    await expect(openTarget(path, options)).rejects.toMatchObject({
      where: `${path}:2:1`,
      hint: 'did you mean "name"?',
    });
  });

  it.each([
    'demmo:http://localhost:4000',
    'http://localhost:4000',
    'demo:http://localhost:4000/app',
    'demo:http://',
  ])('says no to %s', async (source) => {
    await expect(openTarget(source, options)).rejects.toMatchObject({ code: 'option-invalid' });
  });

  it.each([
    ['dmo', 'did you mean "demo"?'],
    ['demp', 'did you mean "demo"?'],
    ['betterauth', 'did you mean "better-auth:URL", e.g. better-auth:http://localhost:3000?'],
    ['better-auth', 'did you mean "better-auth:URL", e.g. better-auth:http://localhost:3000?'],
    ['./dmo', 'name a YAML file, a preset with its address (better-auth:http://localhost:3000), or demo'],
  ])('says what %s may mean', async (source, hint) => {
    await expect(openTarget(source, options)).rejects.toMatchObject({ code: 'option-invalid', hint });
  });

  it.each(['localhost', 'rp.localhost', '127.0.0.1', '127.9.9.9', '[::1]'])(
    'takes %s for this machine',
    async (host) => {
      expect((await openTarget(`demo:http://${host}:4000`, options)).origin).toBe(`http://${host}:4000`);
    },
  );

  it.each([
    'rp.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '10.0.0.1',
    '0.0.0.0',
    '[::2]',
    '1.127.0.0',
  ])('takes %s for somebody else, unless it is said to be owned', async (host) => {
    await expect(openTarget(`demo:https://${host}`, options)).rejects.toMatchObject({
      code: 'option-invalid',
      hint: 'if this relying party is yours to test, say so with --i-own-this-target',
    });
    const target = await openTarget(`demo:https://${host}`, { ...options, ownThisTarget: true });
    expect(target.origin).toBe(`https://${host}`);
  });
});
