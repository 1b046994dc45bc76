/** Every example is whole and works: YAML against its schema, pieces in their place, code through the compiler, scenarios on the demo. */
import { afterAll, describe, expect, it } from 'vitest';
import { parse, parseDocument } from 'yaml';
import { parseYaml } from '../../src/data/located-yaml.js';
import { formatError } from '../../src/errors.js';
import { deviceProfileSchema } from '../../src/rig/device-profile.js';
import { reportSchema } from '../../src/scenarios/results.js';
import { adapterSchema } from '../../src/target/adapter-schema.js';
import { keyrig } from './commands.js';
import {
  type Example,
  type ExampleKind,
  exampleNamed,
  examples,
  type Piece,
  pieces,
  unmarked,
} from './examples.js';
import { readPage } from './markdown.js';
import { compile, openProject, runTests } from './project.js';

const project = await openProject();
afterAll(project.remove);

/** Name and example, as cases. */
function ofKind(...kinds: readonly ExampleKind[]): readonly (readonly [string, Example])[] {
  return examples.filter(({ kind }) => kinds.includes(kind)).map((example) => [example.name, example]);
}

function checkAdapter(text: string, name: string): void {
  parseYaml(adapterSchema, text, name, 'adapter-invalid');
}

describe('examples', () => {
  it('say what they are', () => {
    expect(unmarked.map(({ where }) => where)).toEqual([]);
  });

  it('have names of their own', () => {
    const names = examples.map(({ name }) => name);
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  });
});

describe('an adapter', () => {
  it.each(ofKind('adapter'))('%s is valid', (name, { text }) => {
    checkAdapter(text, name);
  });

  it.each(pieces.map((piece) => [piece.where, piece] as const))('takes the piece of %s', (_, piece) => {
    checkAdapter(withPiece(piece), piece.of);
  });

  it('with a misspelt verb is refused as the page says', () => {
    const quotes = readPage('docs/adapters.md').blocks.filter(({ language }) => language === 'text');
    const broken = exampleNamed('bookshop.yaml').text.replace('\nwhoami:', '\nwhomai:');
    expect(`${messageOf(() => checkAdapter(broken, 'bookshop.yaml'))}\n`).toBe(quotes[0]?.text);
  });
});

/** The whole example with the piece where it belongs. */
function withPiece({ of, path, text }: Piece): string {
  const whole = parseDocument(exampleNamed(of).text);
  whole.setIn(path, parse(text));
  return String(whole);
}

function messageOf(action: () => void): string {
  try {
    action();
  } catch (error) {
    return formatError(error);
  }
  return 'nothing was wrong';
}

describe('a device', () => {
  it.each(ofKind('device'))('%s is valid and registers a passkey', async (name, { text }) => {
    parseYaml(deviceProfileSchema, text, name, 'profile-invalid');
    expect(await verdictsOf('register', '--device', project.place(name))).toEqual(['PASS']);
  });
});

describe('a scenario', () => {
  it.each(ofKind('scenario'))('%s passes on the demo', async (name) => {
    expect(await verdictsOf(project.place(name))).toEqual(['PASS']);
  });
});

/** Verdicts with what is behind those that aren't fine. */
async function verdictsOf(...words: readonly string[]): Promise<readonly string[]> {
  const { stdout, stderr } = await keyrig(['run', ...words, '--json'], project.folder);
  expect(stderr).toContain('Report');
  const { results } = reportSchema.parse(JSON.parse(stdout));
  return results.map(({ verdict, reason }) => (reason === undefined ? verdict : `${verdict}: ${reason}`));
}

describe('code', () => {
  it('is there', () => {
    expect(examples.filter(({ language }) => language === 'ts').length).toBeGreaterThan(5);
  });

  it('compiles', async () => {
    expect(await compile(project)).toEqual([]);
  });

  it('that is a test passes', async () => {
    const { ok, output } = await runTests(project);
    expect(ok, output).toBe(true);
    for (const [name] of ofKind('test')) expect(output).toContain(name);
  });
});
