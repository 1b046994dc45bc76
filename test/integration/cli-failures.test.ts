/** Scenarios of users' own, good and broken, and relying parties that are down or answer badly: the run goes on, and the report says why. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Result, RunReport } from '../../src/scenarios/results.js';
import { type Ended, keyrig, reportIn, verdicts } from './keyrig.js';
import { deserted, serve } from './servers.js';

const scratch = await mkdtemp(join(tmpdir(), 'keyrig-failures-'));
afterAll(() => rm(scratch, { recursive: true }));

/** A fresh folder with these files in it. */
async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
  const cwd = await mkdtemp(join(scratch, 'test-'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(cwd, name), text);
  return cwd;
}

const NO_STACK = /^ +at .*:\d+:\d+\)?$/m;

/** A scenario in code with this body. */
const code = (id: string, body: string): string => `
import { defineScenario, registerPasskey, type ScenarioContext, setUpPin } from 'keyrig';

export default defineScenario({
  id: '${id}',
  title: 'a scenario of somebody’s own',
  needs: { capabilities: ['register'], devices: [{ id: 'key', kind: 'security-key', traits: ['pin'] }] },
  async run(context: ScenarioContext) {
    ${body}
  },
});
`;

const GOOD =
  "await setUpPin(context, 'key'); await registerPasskey(context, { user: context.user('a'), device: 'key' });";

const YAML = `id: from-yaml
title: a user registers a key
devices:
  key: { kind: security-key, pin: "246810" }
steps:
  - register: {}
`;

describe('a scenario of one’s own', () => {
  it('runs from TypeScript and from YAML, wherever the file is', async () => {
    const cwd = await folderWith({ 'mine.ts': code('from-code', GOOD), 'mine.yaml': YAML });
    const ended = await keyrig(['run', './mine.ts', './mine.yaml', '--json'], { cwd });
    expect(verdicts(reportIn(ended))).toEqual(['from-code: PASS', 'from-yaml: PASS']);
    expect(ended.code).toBe(0);
  });

  it.each([
    [
      'a syntax error',
      'broken.ts',
      'export default {\n  id: 1,,\n};\n',
      /^keyrig: broken\.ts:2:\d+: .* \[scenario-invalid\]\n$/,
    ],
    [
      'an error when it is loaded',
      'throws.ts',
      "\nthrow new TypeError('on purpose');\n",
      /^keyrig: throws\.ts:2:7: it can't be loaded: on purpose \[scenario-invalid\]\n$/,
    ],
    [
      'no scenario in it',
      'empty.ts',
      'export default 42;\n',
      /^keyrig: empty\.ts: expected the default export .* \[scenario-invalid\]\n$/,
    ],
    [
      'a wrong member',
      'wrong.mjs',
      'export default { id: "a b", title: "t", needs: {}, run: async () => {} };\n',
      /^keyrig: wrong\.mjs: .* a scenario's id: expected letters, .* \[scenario-invalid\]\n$/,
    ],
    [
      'an import of what there is not',
      'lost.ts',
      "import './nowhere.js';\nexport default {};\n",
      /^keyrig: lost\.ts.*: it can't be loaded: .* \[scenario-invalid\]\n$/,
    ],
    [
      'a misspelt step',
      'steps.yaml',
      YAML.replace('- register', '- regster'),
      /^keyrig: steps\.yaml:6:5: steps\[0\]\.regster: .*\(did you mean "register"\?\) \[scenario-invalid\]\n$/,
    ],
    ['broken YAML', 'broken.yaml', 'id: [\n', /^keyrig: broken\.yaml:\d+:\d+: .* \[scenario-invalid\]\n$/],
  ])('with %s is refused at its place, before anything runs', async (_, name, text, expected) => {
    const cwd = await folderWith({ [name]: text });
    const { code: exit, stdout, stderr } = await keyrig(['run', name], { cwd });
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' });
    expect(stderr).toMatch(expected);
    expect(stderr).not.toMatch(NO_STACK);
    expect(await readdir(cwd)).toEqual([name]);
  });

  it('that makes a mistake says where, and the next one runs', async () => {
    const cwd = await folderWith({
      'mistake.ts': code('mistake', 'const nothing: string[] = []; nothing[0].trim();'),
      'hangs.ts': code('hangs', "await context.step('wait for ever', () => new Promise(() => {}));"),
      'good.yaml': `${YAML}deadline: 30\n`,
    });
    const ended = await keyrig(['run', 'mistake.ts', 'hangs.ts', 'good.yaml', '--deadline', '1', '--json'], {
      cwd,
    });
    expect(ended.code).toBe(2);
    const { results } = reportIn(ended);
    expect(verdicts(reportIn(ended))).toEqual([
      'mistake: INCONCLUSIVE scenario-invalid',
      'hangs: INCONCLUSIVE deadline-exceeded',
      'from-yaml: PASS',
    ]);
    expect(results[0]?.error?.where).toMatch(/mistake\.ts:9:\d+$/);
    expect(results[1]?.reason).toBe('it did not end within 1 s during "wait for ever"');
    expect(ended.stderr).not.toMatch(NO_STACK);
  });

  it('that never yields is broken off at its deadline, and the next one runs', async () => {
    const cwd = await folderWith({
      'spins.ts': code('spins', 'for (;;);'),
      'good.yaml': `${YAML}deadline: 30\n`,
    });
    const ended = await keyrig(['run', 'spins.ts', 'good.yaml', '--deadline', '1', '--json'], { cwd });
    expect(verdicts(reportIn(ended))).toEqual(['spins: INCONCLUSIVE deadline-exceeded', 'from-yaml: PASS']);
    expect(ended.stderr).toMatch(/^keyrig: the scenario "spins" did not yield .* \[deadline-exceeded\]$/m);
    expect(ended.code).toBe(2);
  });

  it('keeps nobody waiting with what it has left running, and its stray failures count', async () => {
    const cwd = await folderWith({
      'timer.ts': code('timer', `setInterval(() => {}, 1000); ${GOOD}`),
      'stray.ts': code('stray', `void Promise.reject(new RangeError('nobody listens')); ${GOOD}`),
    });
    const timer = await keyrig(['run', 'timer.ts'], { cwd });
    expect(timer.code).toBe(0);
    const stray = await keyrig(['run', 'stray.ts', '--json'], { cwd });
    expect(verdicts(reportIn(stray))).toEqual(['stray: PASS']);
    expect(stray.stderr).toMatch(
      /^keyrig: a failure that nothing waited for: nobody listens, at .*stray\.ts:9:\d+$/m,
    );
    expect(stray.stderr).not.toMatch(NO_STACK);
    expect(stray.code).toBe(2);
  });

  it('that takes the folder of the report away doesn’t take the results with it', async () => {
    const cwd = await folderWith({
      'vandal.ts': code(
        'vandal',
        `const { rm } = await import('node:fs/promises'); await rm('reports', { recursive: true }); ${GOOD}`,
      ),
    });
    const { code: exit, stdout, stderr } = await keyrig(['run', 'vandal.ts', '--json'], { cwd });
    expect(exit).toBe(2);
    expect(verdicts(reportIn({ stdout }))).toEqual(['vandal: PASS']);
    expect(stderr).toContain('1 result in ');
    expect(stderr).not.toContain('\nReport  ');
    expect(stderr).toMatch(/\nkeyrig: .*: the report could not be written: ENOENT.* \[report-write\]\n$/);
  });
});

/** An adapter with nothing but registration and a list. */
const adapter = (origin: string): string => `
version: 1
name: Broken
target: { baseUrl: "${origin}" }
limits: { timeout: 400ms }
users: { create: { http: { steps: [{ post: /users, json: { name: "\${user.name}" } }], success: { status: 201 } } } }
register:
  http:
    options: [{ post: /options }]
    submit: [{ post: /submit, json: "\${credential}" }]
    success: { status: 201 }
`;

/** Runs two scenarios against a relying party. */
async function runAgainst(origin: string): Promise<Ended & { readonly report: RunReport }> {
  const cwd = await folderWith({ 'rp.yaml': adapter(origin) });
  const ended = await keyrig(
    ['run', 'register', 'register-on-phone/synced', '--target', 'rp.yaml', '--deadline', '5', '--json'],
    { cwd },
  );
  return { ...ended, report: reportIn(ended) };
}

const html: RequestListener = (_, response) => {
  response.setHeader('content-type', 'text/html');
  response.end('<!doctype html><title>Under construction</title>');
};

const loop: RequestListener = (_, response) => {
  response.writeHead(307, { location: '/again' });
  response.end();
};

/** Makes accounts, and says nothing sensible after that. */
const optionsOfWrongShape: RequestListener = (request, response) => {
  response.writeHead(201, { 'content-type': 'application/json' });
  response.end(request.url === '/options' ? '{"challenge":17}' : '{}');
};

const hangUp: RequestListener = (request) => request.socket.destroy();

/** Names of the exchanges that the report shows, e.g. `failure POST /users`. */
function exchanges({ events }: Result): readonly string[] {
  return events.flatMap((event) => (event.layer === 'http' ? [`${event.kind} ${String(event.name)}`] : []));
}

describe('a relying party that', () => {
  it.each<[string, RequestListener | 'nobody', string, RegExp, string]>([
    [
      'is down',
      'nobody',
      'target-unreachable',
      /did not accept a connection: ECONNREFUSED/,
      'failure POST /users',
    ],
    [
      'answers a page in place of JSON',
      html,
      'target-answer',
      /POST \/users answered 200 text\/html: <!doctype html>/,
      'response POST /users',
    ],
    [
      'never answers',
      () => {},
      'deadline-exceeded',
      /POST \/users was not answered within 400 ms/,
      'failure POST /users',
    ],
    [
      'redirects for ever',
      loop,
      'target-answer',
      /redirect loop: POST \/users was redirected more than 10 times/,
      'response POST /again',
    ],
    [
      'hangs up',
      hangUp,
      'target-unreachable',
      /POST \/users ended without a whole answer/,
      'failure POST /users',
    ],
    [
      'sends options that are none',
      optionsOfWrongShape,
      'target-answer',
      /challenge/,
      'response POST /options',
    ],
  ])('%s is no relying party that passed', async (_, listener, error, reason, exchange) => {
    const server = listener === 'nobody' ? undefined : await serve(listener);
    const { code: exit, report, stderr } = await runAgainst(server?.origin ?? (await deserted()));
    await server?.close();
    expect(exit).toBe(2);
    expect(verdicts(report)).toEqual([
      `register: INCONCLUSIVE ${error}`,
      `register-on-phone/synced: INCONCLUSIVE ${error}`,
    ]);
    for (const result of report.results) {
      expect(result.reason).toMatch(reason);
      expect(exchanges(result)).toContain(exchange);
    }
    expect(stderr).toContain('2 results without a judgement');
    expect(stderr).not.toMatch(NO_STACK);
  });

  it('falls over when it gets a response is said to', async () => {
    const server = await serve((request, response) => {
      response.writeHead(request.url === '/submit' ? 500 : 201, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify({
          rp: { id: 'localhost', name: 'Broken' },
          user: { id: 'AQID', name: 'a', displayName: 'A' },
          challenge: 'CQkJ',
          pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
        }),
      );
    });
    const { code: exit, report } = await runAgainst(server.origin);
    await server.close();
    expect(exit).toBe(1);
    expect(report.results[0]).toMatchObject({
      verdict: 'FAIL',
      reason: expect.stringContaining('expected accepted, got crashed: POST /submit answered 500'),
    });
    expect(exchanges(report.results[0] as Result)).toContain('response POST /submit');
  });
});

describe('a target that is not on this machine', () => {
  it('is left alone unless somebody says that it is theirs', async () => {
    // RFC 2606: nobody ever has this name.
    const cwd = await folderWith({ 'rp.yaml': adapter('http://shop.invalid') });
    const argv = ['run', 'register', '--target', 'rp.yaml'];
    const { code: exit, stderr } = await keyrig(argv, { cwd });
    expect(exit).toBe(2);
    expect(stderr).toBe(
      'keyrig: http://shop.invalid is not on this machine (if this relying party is yours to test, say so with --i-own-this-target) [option-invalid]\n',
    );
    const owned = await keyrig([...argv, '--i-own-this-target', '--json'], { cwd });
    expect(verdicts(reportIn(owned))).toEqual(['register: INCONCLUSIVE target-unreachable']);
  });
});

it('reports are for others to read, too', async () => {
  const cwd = await folderWith({ 'mine.yaml': YAML });
  await keyrig(['run', 'mine.yaml'], { cwd });
  const page = await readFile(join(cwd, 'reports/latest/index.html'), 'utf8');
  expect(page).toContain('a user registers a key');
  const junit = await readFile(join(cwd, 'reports/latest/junit.xml'), 'utf8');
  expect(junit).toContain('from-yaml');
});
