import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { say } from './io.suite.js';

const out = await mkdtemp(join(tmpdir(), 'keyrig-silence-'));
afterAll(() => rm(out, { recursive: true, force: true }));

const run = (...words: readonly string[]) => say(['run', ...words, '--out', out]);
/** The built-in scenario that needs a phone, without one. */
const skipped = ['sign-in-phone', '--device', 'yubikey-5'];

describe('a run in which nothing is judged', () => {
  it('ends with 2 and says why when everything is skipped', async () => {
    const { code, stderr } = await run(...skipped);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^Nothing was judged: .*sign-in-phone\/device-bound because it needs a phone .*\.$/m,
    );
  });

  it('ends with 2 in an empty shard when no other shard judges anything', async () => {
    expect((await run(...skipped, '--shard', '2/2')).code).toBe(2);
  });

  it('ends with 0 and says so in an empty shard of a plan that is judged elsewhere', async () => {
    const { code, stderr } = await run('register', '--shard', '2/2');
    expect(code).toBe(0);
    expect(stderr).toMatch(/^Nothing ran: this shard is empty/m);
  });

  it('ends with 0 and says so in a shard whose runs are skipped while another judges', async () => {
    const { code, stderr } = await run('register', ...skipped, '--shard', '2/2');
    expect(code).toBe(0);
    expect(stderr).toMatch(/^Nothing was judged in this shard: /m);
  });
});
