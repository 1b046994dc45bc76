import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { SERVED_BY_ALL } from '../crypto/algorithms.js';
import { ERROR_CODES } from '../errors.js';
import { listProfiles } from '../rig/profiles.js';
import { builtInScenarios } from '../scenarios/registry.js';
import { memoryOutput, say } from './io.suite.js';
import { allSchemas } from './schemas.js';
import { toolVersion } from './version.js';

const COMMANDS = [
  [],
  ['run'],
  ['test'],
  ['test', 'rp'],
  ['merge'],
  ['keys'],
  ['keys', 'list'],
  ['keys', 'show'],
  ['keys', 'mint'],
  ['keys', 'import'],
  ['keys', 'export'],
  ['keys', 'delete'],
  ['profiles'],
  ['profiles', 'list'],
  ['profiles', 'show'],
  ['profiles', 'check'],
  ['profiles', 'metadata'],
  ['doctor'],
];

describe.each(COMMANDS.map((words) => [['keyrig', ...words].join(' '), words] as const))(
  '%s --help',
  (name, words) => {
    it('is printed for programs and people alike, with examples', async () => {
      const { code, stdout, stderr } = await say([...words, '--help']);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toContain(`Usage: ${name}`);
      expect(stdout).toMatch(/\nExamples:\n {2}keyrig /);
    });

    it('describes every option and every command, in one voice', async () => {
      const { stdout } = await say([...words, '--help']);
      const entries = stdout.match(/^ {2}(?:-\w, )?(?:--|[a-z]+ )?\S.*$/gm) ?? [];
      expect(entries.length).toBeGreaterThan(0);
      expect(stdout).not.toContain('display help');
      expect(stdout).toContain('-h, --help');
    });

    it('fits a narrow terminal as far as it is ours to wrap', async () => {
      const stdout = memoryOutput({ columns: 72 });
      await say([...words, '--help'], { stdout });
      const [before = ''] = stdout.text().split('\nExamples:');
      const long = before
        .split('\n')
        .filter((line) => line.length > 72 && /^(Usage|Options|Commands| {2}-)/.test(line));
      expect(long).toEqual([]);
    });
  },
);

describe('examples in the help', () => {
  it.each(COMMANDS.map((words) => [words.join(' '), words] as const))(
    'of keyrig %s can be typed',
    async (_, words) => {
      const { stdout } = await say([...words, '--help']);
      const lines = stdout.match(/^ {2}keyrig .*$/gm) ?? [];
      for (const line of lines) {
        const typed = line
          .trim()
          .split(/ {2,}| > | \| /)[0]
          ?.split(' ')
          .slice(1);
        // Every option that an example uses is one that its command has.
        const path = typed?.filter((word) => /^[a-z]+$/.test(word)).slice(0, 2) ?? [];
        const known = COMMANDS.findLast((command) => command.every((word, at) => path[at] === word)) ?? [];
        const help = (await say([...known, '--help'])).stdout;
        for (const option of typed?.filter((word) => word.startsWith('--')) ?? [])
          expect(help).toContain(` ${option}`);
      }
    },
  );
});

it.each(['--version', '-V'])('%s prints the version, and nothing else', async (option) => {
  expect(await say([option])).toEqual({ code: 0, stdout: `${toolVersion()}\n`, stderr: '' });
});

it.each([
  [['help', 'run'], 'Usage: keyrig run'],
  [['help'], 'Usage: keyrig [options]'],
  [['test', 'help', 'rp'], 'Usage: keyrig test rp'],
])('%j is the help, too', async (words, start) => {
  const { code, stdout } = await say(words);
  expect({ code, stdout: stdout.startsWith(start) }).toEqual({ code: 0, stdout: true });
});

describe('a mistake', () => {
  it.each([
    [['run', 'registr'], 'no scenario is named "registr" (did you mean "register"?) [scenario-not-found]'],
    [['registr'], 'no scenario is named "registr" (did you mean "register"?) [scenario-not-found]'],
    [
      ['run', 'prioritised-phone/chrom'],
      'no scenario is named "prioritised-phone/chrom" (did you mean "prioritised-phone/chrome"?) [scenario-not-found]',
    ],
    [['runn'], 'there is no command "runn" (did you mean "run"?) [option-invalid]'],
    [['profile', 'list'], 'there is no command "profile" (did you mean "profiles"?) [option-invalid]'],
    [['test', 'rq', 'demo'], "unknown command 'rq' (Did you mean rp?) [option-invalid]"],
    [['profiles', 'shw'], "unknown command 'shw' (Did you mean show?) [option-invalid]"],
    [['run', '--sede', '7'], "unknown option '--sede' (Did you mean --seed?) [option-invalid]"],
    [['--sede', '7'], "unknown option '--sede' (Did you mean --seed?) [option-invalid]"],
    [['doctor', '--jsn'], "unknown option '--jsn' (Did you mean --json?) [option-invalid]"],
    [
      ['test', 'rp', 'demo', '--check', 'AUTH-2'],
      'there is no check "AUTH-2" (did you mean "AUTH-20"?) [option-invalid]',
    ],
    [
      ['run', '--device', 'yubikey5'],
      'no device profile is named "yubikey5" (did you mean "yubikey-5"?) [profile-not-found]',
    ],
    [
      ['run', '--device', './no.yaml'],
      "./no.yaml can't be read (name a YAML file that exists) [profile-not-found]",
    ],
    [
      ['run', '--platform', 'win11-23h'],
      'no platform profile is named "win11-23h" (did you mean "win11-23h2"?) [profile-not-found]',
    ],
    [
      ['run', '--platform', 'win11-23h2/edg'],
      'there is no browser of win11-23h2 "edg" (did you mean "edge"?) [option-invalid]',
    ],
    [
      ['run', '--platform', './my.yaml'],
      '--platform takes a name, and "./my.yaml" looks like a file (platform profiles of your own are for createRig, in code) [option-invalid]',
    ],
    [
      ['run', '--target', 'demoo:http://localhost:1'],
      'no relying-party preset is named "demoo" (there are better-auth, demo) (did you mean "demo"?) [option-invalid]',
    ],
    [
      ['run', '--target', 'http://localhost:1'],
      'http://localhost:1 is an address without an adapter (put a preset in front (better-auth:http://localhost:1), or write an adapter file) [option-invalid]',
    ],
    [
      ['run', '--target', 'better-auth:https://example.com'],
      'https://example.com is not on this machine (if this relying party is yours to test, say so with --i-own-this-target) [option-invalid]',
    ],
    [
      ['run', './no.ts'],
      "the scenario file ./no.ts can't be read (check the path: it stands for /project/no.ts) [scenario-not-found]",
    ],
    [['run', '--seed'], "option '--seed <text>' argument missing [option-invalid]"],
    [
      ['run', '--seed', ''],
      "option '--seed <text>' argument '' is invalid. expected some text [option-invalid]",
    ],
    [
      ['run', '--shard', '3/2'],
      `option '--shard <i/n>' argument '3/2' is invalid. "3/2" is not a shard (give its number and how many there are, e.g. 2/3) [option-invalid]`,
    ],
    [
      ['run', '--deadline', 'soon'],
      "option '--deadline <seconds>' argument 'soon' is invalid. expected whole seconds from 1 to 86400 [option-invalid]",
    ],
    [
      ['run', '--log-level', 'trase'],
      "option '--log-level <level>' argument 'trase' is invalid. Allowed choices are silent, fatal, error, warn, info, debug, trace. (did you mean \"trace\"?) [option-invalid]",
    ],
    [
      ['keys', 'mint', '--rp', 'a.example', '--user', 'ada', '--algorithm', 'RS1'],
      `option '--algorithm <name>' argument 'RS1' is invalid. Allowed choices are ${SERVED_BY_ALL.join(', ')}. [option-invalid]`,
    ],
    [['help', 'run2'], 'there is no command "run2" (did you mean "run"?) [option-invalid]'],
    [
      ['help', 'frobnicate'],
      'there is no command "frobnicate" (there are run, test, merge, keys, profiles, doctor) [option-invalid]',
    ],
    [
      ['run', '--log-level', 'loud'],
      "option '--log-level <level>' argument 'loud' is invalid. Allowed choices are silent, fatal, error, warn, info, debug, trace. [option-invalid]",
    ],
    [['test', 'rp'], "missing required argument 'target' [option-invalid]"],
    [
      ['profiles', 'show', 'win11'],
      'no profile is named "win11" (did you mean "win11-23h2"?) [profile-not-found]',
    ],
    [
      ['profiles', 'show', 'macos'],
      'no profile is named "macos" (`keyrig profiles list` prints the 37 that there are, and with `--known` the devices of the metadata service) [profile-not-found]',
    ],
    [
      ['profiles', 'list', '--kind', 'devices'],
      "option '--kind <kind>' argument 'devices' is invalid. Allowed choices are device, platform, relying-party. (did you mean \"device\"?) [option-invalid]",
    ],
    [
      ['run', 'register', 'register'],
      'two scenarios are called "register" (name it once, or give one of them another id) [scenario-invalid]',
    ],
    [['doctor', 'who'], "too many arguments for 'doctor'. Expected 0 arguments but got 1. [option-invalid]"],
  ])('in keyrig %j is one line, and the exit code 2', async (argv, message) => {
    const { code, stdout, stderr } = await say(argv);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.replaceAll(process.cwd(), '/project')).toBe(`keyrig: ${message}\n`);
    const [, errorCode = ''] = /\[([a-z-]+)\]\n$/.exec(stderr) ?? [];
    expect(Object.keys(ERROR_CODES)).toContain(errorCode);
  });

  it.each([[['test']], [['profiles']]])(
    '%j without a command below it shows which there are',
    async (argv) => {
      const { code, stdout, stderr } = await say(argv);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toContain('Commands:');
    },
  );
});

it('a fault of keyrig itself comes with everything that helps to find it', async () => {
  const broken = {
    ...memoryOutput(),
    write: () => {
      throw new TypeError('no such thing');
    },
  };
  const { code, stderr } = await say(['profiles', 'list'], { stdout: broken });
  expect(code).toBe(2);
  expect(stderr).toMatch(
    /^keyrig: no such thing \[internal\]\nTypeError: no such thing\n +at .*program\.test/,
  );
  expect(stderr).toMatch(/\nplease report this\n$/);
});

describe('names of scenarios', () => {
  it('are never taken for misspelt commands', async () => {
    const names = builtInScenarios.map(({ id }) => id);
    const { code, stderr } = await say([...names, '--list', '--target', 'better-auth:http://localhost:1']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});

describe('--list', () => {
  const target = ['--target', 'better-auth:http://localhost:1'];

  it('needs nobody to listen, and writes nothing', async () => {
    const { code, stdout, stderr } = await say(['run', '--list', ...target, '--out', '/nowhere/at/all']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^register +a user registers a security key {2}\[WebAuthn L3 §7\.1\]$/m);
  });

  it('says what would be skipped and why', async () => {
    const { stdout } = await say(['run', '--list', ...target, '--device', 'phone-synced']);
    expect(stdout).toMatch(/^register .* {2}SKIP: it needs a security key .* and this run has none$/m);
  });

  it('is data with --json', async () => {
    const { stdout } = await say([
      'test',
      'rp',
      'better-auth:http://localhost:1',
      '--list',
      '--json',
      '--check',
      'AUTH-20',
    ]);
    expect(JSON.parse(stdout)).toEqual([
      {
        id: 'AUTH-20',
        title: 'refuses an assertion whose signature does not verify',
        kind: 'check',
        level: 'MUST',
        severity: 'critical',
        clause: 'WebAuthn L3 §7.2 step 21',
        target: 'better-auth',
        platform: expect.any(String),
        devices: [],
      },
    ]);
  });

  it.each([1, 2, 3])('in %i shards is the whole list', async (count) => {
    const list = async (...words: readonly string[]) =>
      z
        .array(z.object({ id: z.string() }))
        .parse(JSON.parse((await say(['run', '--list', '--json', ...target, ...words])).stdout));
    const whole = await list();
    const parts = await Promise.all(
      Array.from({ length: count }, (_, at) => list('--shard', `${at + 1}/${count}`)),
    );
    const ids = (runs: readonly { readonly id: string }[]) => runs.map(({ id }) => id);
    expect(ids(parts.flat()).toSorted()).toEqual(ids(whole).toSorted());
    expect(
      Math.max(...parts.map((part) => part.length)) - Math.min(...parts.map((part) => part.length)),
    ).toBeLessThan(2);
  });

  it('is empty when a shard is', async () => {
    expect(await say(['run', 'register', '--list', ...target, '--shard', '2/2'])).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
  });
});

it('every run takes the same options, in the same words', async () => {
  const optionsOf = async (...words: string[]) => {
    const help = (await say([...words, '--help'])).stdout;
    return help.slice(help.indexOf('  --seed'), help.indexOf('  -h, --help')).replaceAll(/\s+/g, ' ');
  };
  const options = await optionsOf('run');
  expect(options.match(/ --[a-z-]+/g)).toHaveLength(8);
  expect(await optionsOf('test', 'rp')).toBe(options);
});

describe('keyrig profiles', () => {
  it('lists one per line, in columns', async () => {
    const { code, stdout } = await say(['profiles', 'list']);
    expect(code).toBe(0);
    expect(stdout.split('\n').slice(0, -1)).toHaveLength((await listProfiles()).length);
    expect(stdout).toMatch(/^device {9}yubikey-5 {2,}YubiKey 5/m);
  });

  it('lists as data', async () => {
    const { stdout } = await say(['profiles', 'list', '--json', '--kind', 'platform']);
    expect(JSON.parse(stdout)).toContainEqual({
      kind: 'platform',
      name: 'win11-23h2',
      title: 'Windows 11 23H2',
    });
  });

  it('shows a file as it is', async () => {
    const { code, stdout, stderr } = await say(['profiles', 'show', 'yubikey-5']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^id: yubikey-5$/m);
  });

  it('shows any of them as one object that says the same', async () => {
    for (const { name, kind, file } of await listProfiles()) {
      const { code, stdout, stderr } = await say(['profiles', 'show', name, '--kind', kind, '--json']);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const shown: unknown = JSON.parse(stdout);
      expect(shown).toEqual(parse(await readFile(file, 'utf8')));
      const schema = z.fromJSONSchema(allSchemas()[kind === 'relying-party' ? 'adapter' : kind] ?? {});
      expect(schema.safeParse(shown).error, name).toBeUndefined();
    }
  });

  it('prints what a relying party needs to trust a device, from one root', async () => {
    const state = await mkdtemp(join(tmpdir(), 'keyrig-state-'));
    const printed = async (...options: readonly string[]) => {
      const said = await say(['profiles', 'metadata', 'yubikey-5', '--state', 'keys', ...options], {
        cwd: state,
      });
      expect(said).toMatchObject({ code: 0, stderr: '' });
      return said.stdout;
    };
    try {
      const statement = JSON.parse(await printed());
      expect(statement).toMatchObject({ schema: 3, aaguid: '19083c3d-8383-4b18-bc03-8f1c9ab2fd1b' });
      const pem = await printed('--root');
      expect(pem).toMatch(/^-----BEGIN CERTIFICATE-----\n/);
      const der = pem.replaceAll(/-----.*-----|\n/g, '');
      expect(statement.attestationRootCertificates).toEqual([der]);
      const payload = (await printed('--blob')).split('.')[1] ?? '';
      const { entries } = JSON.parse(Buffer.from(payload, 'base64url').toString());
      expect(entries).toMatchObject([{ metadataStatement: statement }]);
      expect(await readFile(join(state, 'keys', 'attestation-root.json'), 'utf8')).toContain('for tests');
    } finally {
      await rm(state, { recursive: true });
    }
  });

  it('says that a root of no state directory is forgotten', async () => {
    const [one, other] = [
      await say(['profiles', 'metadata', 'yubikey-5', '--root']),
      await say(['profiles', 'metadata', 'yubikey-5', '--root']),
    ];
    expect(one.stderr).toMatch(/forgotten now; with --state DIR/);
    expect(one.stdout).not.toBe(other.stdout);
  });

  it.each([
    [['profiles', 'metadata', 'yubikey'], /^keyrig: .*\[profile-not-found\]/],
    [['profiles', 'metadata', 'yubikey-5', '--blob', '--root'], /cannot be used with.*\[option-invalid\]/],
  ])('refuses %j', async (words, expected) => {
    const { code, stdout, stderr } = await say(words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(expected);
  });

  it('checks everything that comes with keyrig', async () => {
    const { code, stdout, stderr } = await say(['profiles', 'check']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr.match(/^ok {2}/gm)).toHaveLength((await listProfiles()).length);
  });

  it('checks one kind', async () => {
    expect((await say(['profiles', 'check', '--kind', 'device'])).stderr).not.toMatch(/platform/);
  });
});

describe('keyrig profiles check FILE', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'keyrig-cli-'));
  afterAll(() => rm(folder, { recursive: true }));
  const good = (await say(['profiles', 'show', 'yubikey-5'])).stdout;

  it('checks a scenario as one, names in it included, and an adapter as one', async () => {
    const scenario = join(folder, 'scenario.yaml');
    const text =
      'id: a\ntitle: a\nplatform: win11-23h2\ndevices:\n  key: { kind: security-key }\nsteps:\n  - register: {}\n';
    await writeFile(scenario, text);
    expect((await say(['profiles', 'check', scenario])).stderr).toBe(`ok  ${scenario} (scenario)\n`);
    await writeFile(scenario, text.replace('security-key', 'stick'));
    expect((await say(['profiles', 'check', scenario])).stderr).toMatch(
      /:5:16: devices\.key\.kind: expected one of/,
    );
    await writeFile(scenario, text.replace('23h2', '23h3'));
    expect((await say(['profiles', 'check', scenario])).stderr).toMatch(
      /:3:11: platform: there is no platform/,
    );
    const adapter = join(folder, 'adapter.yaml');
    await writeFile(adapter, (await say(['profiles', 'show', 'demo'])).stdout);
    expect((await say(['profiles', 'check', adapter])).stderr).toBe(`ok  ${adapter} (relying-party)\n`);
  });

  it('shows each fault with its place, and goes on to the next file', async () => {
    const [broken, fine] = [join(folder, 'broken.yaml'), join(folder, 'fine.yaml')];
    await writeFile(broken, good.replace('kind: security-key', 'kind: stick').replace('[usb]', '[usb, usb]'));
    await writeFile(fine, good);
    const { code, stderr } = await say(['profiles', 'check', broken, fine, join(folder, 'none.yaml')]);
    expect(code).toBe(2);
    expect(stderr.replaceAll(folder, '.').split('\n')).toEqual([
      'ok  ./fine.yaml (device)',
      './broken.yaml:6:7: kind: expected one of "security-key", "phone", "platform", got "stick"',
      './broken.yaml:14:15: authenticator.transports: expected each transport once',
      "./none.yaml can't be read (name a YAML file that exists)",
      '',
    ]);
  });
});

describe('keyrig doctor', () => {
  it('looks at this machine, which has everything', async () => {
    const { code, stdout, stderr } = await say(['doctor']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr.split('\n').filter((line) => line !== '' && !line.startsWith('ok '))).toEqual([]);
  });

  it('gives its findings as data', async () => {
    const { code, stdout, stderr } = await say(['doctor', '--json']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toContainEqual({ title: 'Node.js', ok: true, detail: process.versions.node });
  });

  it('ends with 2 when something is missing', async () => {
    const { code, stderr } = await say(['doctor'], { cwd: '/nowhere/at/all' });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^missing {2}reports folder: .*\(run keyrig elsewhere, or give --out DIR\)$/m);
  });
});
