/** The command line as a process: what it prints where, which files it leaves, and how it ends. */

import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type RunReport, reportSchema } from '../../src/scenarios/results.js';
import { startDemo } from '../../src/target/demo/demo.js';
import { type Ended, keyrig, MAIN, plainEnvironment, ROOT, reportIn, run, verdicts } from './keyrig.js';
import { serve, watchedDemo } from './servers.js';

/** Everything that these tests write; each test has a folder of its own below it. */
const scratch = await mkdtemp(join(tmpdir(), 'keyrig-cli-'));
afterAll(() => rm(scratch, { recursive: true }));

const folder = (): Promise<string> => mkdtemp(join(scratch, 'test-'));

/** A fresh folder with these files in it. */
async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
  const cwd = await folder();
  for (const [name, text] of Object.entries(files)) await writeFile(join(cwd, name), text);
  return cwd;
}

const REPORT_FILES = ['index.html', 'junit.xml', 'report.json', 'trace.jsonl'];

/** The report in a folder that keyrig wrote. */
async function reportOf(cwd: string, out = 'reports'): Promise<RunReport> {
  return reportSchema.parse(JSON.parse(await readFile(join(cwd, out, 'latest', 'report.json'), 'utf8')));
}

/** What was made in a run, told by the page: ids and public keys of new passkeys. */
function passkeys({ results }: RunReport): readonly unknown[] {
  const made = z.object({ rawId: z.string(), publicKey: z.string() });
  return results.flatMap(({ events }) =>
    events.flatMap((event) => {
      const { data } = made.safeParse(event.fields);
      return event.layer === 'webauthn' && event.kind === 'result' && data !== undefined ? [data] : [];
    }),
  );
}

describe('keyrig alone', () => {
  let cwd = '';
  let ended: Ended;
  beforeAll(async () => {
    cwd = await folder();
    ended = await keyrig([], { cwd });
  });

  it('runs every built-in scenario against the demo, which passes', async () => {
    const report = await reportOf(cwd);
    expect(ended.code).toBe(0);
    expect(report.totals).toMatchObject({ PASS: 14, FAIL: 0, INCONCLUSIVE: 0, SKIP: 0 });
  });

  it('says nothing on stdout, and a line for each result on stderr', () => {
    expect(ended.stdout).toBe('');
    expect(ended.stderr.match(/^ +\d+\/14 PASS +[\d.]+ m?s {2}[a-z-/]+/gm)).toHaveLength(14);
    expect(ended.stderr).toMatch(/^14 results in .*: 14 PASS$/m);
  });

  it('leaves the report in reports/, and points at it', async () => {
    const [named] = /^Report {2}reports\/(.*)\/index\.html$/m.exec(ended.stderr)?.slice(1) ?? [];
    expect((await readdir(join(cwd, 'reports', named ?? ''))).sort()).toEqual(REPORT_FILES);
    expect(await readlink(join(cwd, 'reports/latest'))).toBe(named);
  });

  it('writes no colours where nobody sees them', () => {
    expect(ended.stderr).not.toContain('\u001b');
  });
});

describe('exit codes', () => {
  it('are 1 when a rule was broken', async () => {
    const demo = await startDemo({ breaks: ['skip-signature'] });
    const cwd = await folder();
    const { code, stderr } = await keyrig(['test', 'rp', `demo:${demo.origin}`, '--check', 'AUTH-20'], {
      cwd,
    });
    await demo.close();
    expect(code).toBe(1);
    expect(stderr).toContain('1 broken rule');
    expect(verdicts(await reportOf(cwd))).toEqual(['AUTH-20: FAIL']);
  });

  it.each([
    [['run', '--sede', '7'], "unknown option '--sede' (Did you mean --seed?) [option-invalid]"],
    [['profile'], 'there is no command "profile" (did you mean "profiles"?) [option-invalid]'],
    [['run', 'registr'], 'no scenario is named "registr" (did you mean "register"?) [scenario-not-found]'],
  ])('are 2 for a mistake, which is one line: %j', async (argv, line) => {
    const cwd = await folder();
    expect(await keyrig(argv, { cwd })).toEqual({ code: 2, stdout: '', stderr: `keyrig: ${line}\n` });
    expect(await readdir(cwd)).toEqual([]);
  });

  it('are 2 where no report can be written, before anything runs', async () => {
    const cwd = await folderWith({ file: '' });
    const { code, stdout, stderr } = await keyrig(['run', 'register', '--out', 'file/reports'], { cwd });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(
      /^keyrig: .*file\/reports: the report could not be written: ENOTDIR.* \[report-write\]\n$/,
    );
  });
});

describe('a signal', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    '%s ends the run with 130; what there is until then is written',
    async (signal) => {
      const cwd = await folder();
      const { code, stdout, stderr } = await keyrig(['--json'], {
        cwd,
        onLine: (line, child) => {
          if (/^ +1\/14 /.test(line)) child.kill(signal);
        },
      });
      expect(code).toBe(130);
      expect(stderr).toContain('Interrupted: writing the report');
      const report = await reportOf(cwd);
      expect(report.interrupted).toBe(true);
      expect(report.results.length).toBeGreaterThan(0);
      expect(report.results.length).toBeLessThan(14);
      expect(report.results[0]).toMatchObject({ id: 'register', verdict: 'PASS' });
      expect(JSON.parse(stdout)).toEqual(report);
    },
  );

  it('does not wait for a relying party that never answers', async () => {
    const cwd = await folder();
    let interrupt = () => {};
    const silent = await serve(() => interrupt());
    const started = performance.now();
    const { code } = await keyrig(['run', 'register', '--target', `better-auth:${silent.origin}`], {
      cwd,
      onLine: (_, child) => {
        interrupt = () => child.kill('SIGINT');
      },
    });
    await silent.close();
    expect(code).toBe(130);
    // The request alone would have been waited for ten seconds.
    expect(performance.now() - started).toBeLessThan(9_000);
    expect((await reportOf(cwd)).results[0]).toMatchObject({
      verdict: 'INCONCLUSIVE',
      reason: expect.stringMatching(/^interrupted during "/),
    });
  });
});

describe('--json', () => {
  it('prints the report, nothing else, as its JSON Schema says', async () => {
    const cwd = await folder();
    const { code, stdout, stderr } = await keyrig(['run', 'register', '--json'], { cwd });
    expect(code).toBe(0);
    expect(stdout).toBe(await readFile(join(cwd, 'reports/latest/report.json'), 'utf8'));
    const schema = JSON.parse(await readFile(join(ROOT, 'dist/schemas/report.schema.json'), 'utf8'));
    expect(z.fromJSONSchema(schema).safeParse(JSON.parse(stdout)).error).toBeUndefined();
    expect(stderr).toContain('1 result in ');
  });

  /** Runs keyrig with another end of its stdout; its exit code and stderr. */
  async function withStdout(argv: readonly string[], stdout: 'closed' | number) {
    const child = spawn(process.execPath, [MAIN, ...argv], {
      cwd: await folder(),
      env: plainEnvironment(),
      stdio: ['ignore', stdout === 'closed' ? 'pipe' : stdout, 'pipe'],
    });
    child.stdout?.destroy();
    let stderr = '';
    child.stderr?.on('data', (text) => {
      stderr += text;
    });
    const code = await new Promise((resolve) => child.once('close', resolve));
    return { code, stderr };
  }

  it('may be read by somebody who leaves early', async () => {
    const { code, stderr } = await withStdout(['run', 'register', '--json'], 'closed');
    expect(code).toBe(0);
    expect(stderr).toMatch(/\nRepeat {2}.*\n$/);
  });

  it('says so when what it prints can’t be written', async () => {
    expect(await withStdout(['run', '--list'], openSync('/dev/full', 'w'))).toEqual({
      code: 2,
      stderr: 'keyrig: the output could not be written: ENOSPC [report-write]\n',
    });
  });
});

describe('--seed', () => {
  const seeded = async (seed: string) =>
    passkeys(reportIn(await keyrig(['run', 'register', '--json', '--seed', seed], { cwd: await folder() })));

  it('makes the same keys again, and another one makes others', async () => {
    const [first, again, other] = await Promise.all([seeded('7'), seeded('7'), seeded('8')]);
    expect(first).toHaveLength(1);
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });

  it('is drawn when it isn’t given, and the last line repeats the run with it', async () => {
    const cwd = await folder();
    const argv = ['run', 'register', '--out', 'my reports'];
    const { stderr } = await keyrig(argv, { cwd });
    const first = passkeys(await reportOf(cwd, 'my reports'));
    const [, command = ''] = /\nRepeat {2}(.*)\n$/.exec(stderr) ?? [];
    expect(command).toMatch(/^node \S+main\.js run register --out 'my reports' --seed [0-9a-f]{16}$/);
    const again = await run('sh', ['-c', command], { cwd });
    expect(again.code).toBe(0);
    expect(passkeys(await reportOf(cwd, 'my reports'))).toEqual(first);
    // Who repeats a repeated run types the same.
    expect(again.stderr).toContain(`Repeat  ${command}\n`);
  });

  /** Every line of a trace, with a word in place of each time: of the events, in a Date header, and in what the demo says. */
  async function timelessTrace(argv: readonly string[]): Promise<readonly string[]> {
    const cwd = await folder();
    await keyrig([...argv, '--seed', '7'], { cwd });
    const text = await readFile(join(cwd, 'reports/latest/trace.jsonl'), 'utf8');
    return text
      .replaceAll(/"at":[\d.]+/g, '"at":"TIME"')
      .replaceAll(/\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT/g, 'TIME')
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
      .split('\n');
  }

  /** Two traces of runs whose demo was on one port: another run beside these, such as another test's, takes the next port. */
  async function twoTraces(
    argv: readonly string[],
  ): Promise<readonly [readonly string[], readonly string[]]> {
    const byPort = new Map<string, readonly string[]>();
    for (let attempt = 0; attempt < 12; attempt++) {
      const trace = await timelessTrace(argv);
      const [origin = ''] = /http:\/\/localhost:\d+/.exec(trace.join('\n')) ?? [];
      const before = byPort.get(origin);
      if (before !== undefined) return [before, trace];
      byPort.set(origin, trace);
    }
    return expect.fail('no two runs were on one port');
  }

  it.each([
    [['run', 'sign-in-usernameless', 'prioritised-phone/edge', 'register-on-phone/synced']],
    [['test', 'rp', 'demo', '--check', 'AUTH-20', '--check', 'AUTH-50']],
  ])('makes the same trace again, times apart: %j', async (argv) => {
    const [first, again] = await twoTraces(argv);
    expect(first.length).toBeGreaterThan(50);
    expect(again).toEqual(first);
  });
});

describe('--shard', () => {
  it('cuts a run into parts that make up the whole, with the same keys', async () => {
    const argv = ['run', 'register', 'register-on-phone', '--seed', '7', '--json'];
    const cwd = await folder();
    const [whole, ...halves] = await Promise.all(
      [[], ['--shard', '1/2'], ['--shard', '2/2']].map(async (more) =>
        reportIn(await keyrig([...argv, ...more], { cwd })),
      ),
    );
    const ids = (report: RunReport | undefined) => report?.results.map(({ id }) => id) ?? [];
    expect(halves.flatMap(ids).toSorted()).toEqual([...ids(whole)].toSorted());
    const keys = (reports: readonly (RunReport | undefined)[]) =>
      reports
        .flatMap((report) => (report === undefined ? [] : passkeys(report)))
        .map((one) => JSON.stringify(one))
        .toSorted();
    expect(keys(halves)).toEqual(keys([whole]));
    // Three runs that started at once: none wrote into another's folder.
    const names = (await readdir(join(cwd, 'reports'))).filter((name) => name !== 'latest');
    expect(names).toHaveLength(3);
  });
});

describe('keyrig merge', () => {
  it('makes the report of the whole out of those of its shards', async () => {
    const argv = ['run', 'register', 'register-on-phone', '--seed', '7'];
    const cwd = await folder();
    const whole = reportIn(await keyrig([...argv, '--json'], { cwd }));
    for (const shard of ['1', '2'])
      await keyrig([...argv, '--shard', `${shard}/2`, '--out', `s${shard}`], { cwd });
    const { code, stdout, stderr } = await keyrig(['merge', 's1', 's2', '--out', 'merged', '--json'], {
      cwd,
    });
    expect(code).toBe(0);
    const report = reportIn({ stdout });
    expect(verdicts(report)).toEqual(verdicts(whole));
    expect(passkeys(report)).toEqual(passkeys(whole));
    expect(report.totals).toEqual(whole.totals);
    expect(stderr).toContain('register register-on-phone --seed 7\n');
    expect((await readdir(join(cwd, 'merged/latest'))).sort()).toEqual(REPORT_FILES);
  });
});

describe('what is logged and written', () => {
  const PIN = 'geheim-4711';
  let ended: Ended;
  let secrets: ReadonlySet<string>;
  let log: readonly Record<string, unknown>[] = [];
  let files: readonly string[] = [];

  beforeAll(async () => {
    const demo = await watchedDemo();
    const cwd = await folderWith({
      'secret.yaml': [
        'id: secret',
        'title: a user with a PIN',
        `devices: { key: { kind: security-key, pin: ${PIN} } }`,
        'steps:',
        '  - register: {}',
        '  - signIn: {}',
        `  - pin: { device: key, knows: ${PIN}-not }`,
        '  - signIn: {}',
        '  - expect: { error: NotAllowedError }',
      ].join('\n'),
    });
    const argv = ['run', 'secret.yaml', 'other-ways-to-sign-in', '--target', `demo:${demo.origin}`];
    ended = await keyrig([...argv, '--log-level', 'trace', '--json'], { cwd });
    await demo.close();
    secrets = demo.secrets;
    log = ended.stderr.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []));
    files = await Promise.all(
      REPORT_FILES.map((name) => readFile(join(cwd, 'reports/latest', name), 'utf8')),
    );
  });

  it('is about runs that passed', () => {
    expect(ended.code).toBe(0);
    expect(verdicts(reportIn(ended))).toEqual(['secret: PASS', 'other-ways-to-sign-in: PASS']);
    expect(secrets.size).toBeGreaterThan(4);
  });

  it('is JSON line by line, from plan to end', () => {
    expect(log.map(({ msg }) => msg)).toEqual(['planned', 'begin', 'result', 'result', 'end']);
    for (const line of log) expect(line).toMatchObject({ level: 'info', time: expect.stringMatching(/Z$/) });
  });

  it('holds no password, no cookie and no PIN anywhere', () => {
    const written = [ended.stdout, ended.stderr, ...files];
    const hex = Buffer.from(PIN).toString('hex');
    for (const secret of [...secrets, PIN, hex]) {
      expect(written.filter((text) => text.includes(secret)).length, secret).toBe(0);
    }
  });

  it('says where something was taken out', () => {
    expect(files.every((text) => text.includes('[redacted]'))).toBe(false);
    expect(ended.stdout).toContain('[redacted]');
  });
});

describe('colours', () => {
  it.each([
    [{ FORCE_COLOR: '1' }, true],
    [{ FORCE_COLOR: '1', NO_COLOR: '1' }, false],
    [{ FORCE_COLOR: '0' }, false],
    [{}, false],
  ])('with %j: %s', async (env, expected) => {
    const { stderr } = await keyrig(['doctor'], { cwd: await folder(), env });
    expect(stderr.includes('\u001b')).toBe(expected);
  });
});
