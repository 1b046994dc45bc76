/**
 * `keyrig profiles`: the devices, platforms and relying parties that keyrig knows.
 */
import { readFile } from 'node:fs/promises';
import { Argument, Command, Option } from 'commander';
import { formatError, KeyrigError } from '../../errors.js';
import { PROFILE_KINDS, type ProfileKind } from '../../rig/profile-kinds.js';
import type { ProfileCheck } from '../../rig/profiles.js';
import { EXIT } from '../io.js';
import { choices } from '../options.js';
import type { CommandParts } from '../program.js';
import { importCommand } from './profiles-import.js';
import { metadataCommand } from './profiles-metadata.js';

interface KindOption {
  readonly kind?: ProfileKind;
}

const GROUP_EXAMPLES = `
Examples:
  keyrig profiles list
  keyrig profiles show yubikey-5
  keyrig profiles check ./my-key.yaml
  keyrig profiles import blob.jwt --output devices/
  keyrig profiles metadata yubikey-5 --state keys/`;

const kindOption = () => choices(new Option('--kind <kind>', 'only profiles of this kind'), PROFILE_KINDS);

/** Loaded only when it is needed: help and mistakes come at once. */
const loadProfiles = () => import('../../rig/profiles.js');

/** Makes the command and its sub-commands. */
export function profilesCommand(parts: CommandParts): Command {
  return new Command('profiles')
    .description('list, show and check devices, platforms and relying parties; metadata of devices')
    .addCommand(listCommand(parts))
    .addCommand(showCommand(parts))
    .addCommand(checkCommand(parts))
    .addCommand(importCommand(parts))
    .addCommand(metadataCommand(parts))
    .addHelpText('after', GROUP_EXAMPLES);
}

function listCommand({ io }: CommandParts): Command {
  return new Command('list')
    .description('the profiles that come with keyrig')
    .addOption(kindOption())
    .addOption(
      new Option(
        '--known [text]',
        'devices of the FIDO Metadata Service with this in their names or AAGUIDs, in place of profiles',
      ).conflicts('kind'),
    )
    .option('--json', 'print them as JSON on stdout')
    .addHelpText(
      'after',
      '\nExamples:\n  keyrig profiles list\n  keyrig profiles list --kind device --json\n  keyrig profiles list --known yubikey',
    )
    .action(async (options: ListOptions) => {
      const rows = options.known === undefined ? await rowsOfProfiles(options) : await rowsOfKnown(options);
      io.stdout.write(options.json ? `${JSON.stringify(rows, null, 2)}\n` : columnsOf(rows));
      if (options.known === undefined && options.kind !== 'platform' && options.kind !== 'relying-party')
        io.stderr.write(await moreDevices());
    });
}

interface ListOptions extends KindOption {
  readonly json?: boolean;
  /** `true` for all of them. */
  readonly known?: string | true;
}

async function rowsOfProfiles({ kind: only }: ListOptions): Promise<readonly Row[]> {
  const { listProfiles } = await loadProfiles();
  return (await listProfiles(only)).map(({ kind, name, title }) => ({ kind, name, title }));
}

async function rowsOfKnown({ known }: ListOptions): Promise<readonly Row[]> {
  const { knownDevices } = await import('../../rig/known-devices.js');
  const text = typeof known === 'string' ? known.toLowerCase() : '';
  return (await knownDevices())
    .map(({ id, facts }) => ({ kind: facts.aaguid, name: id, title: facts.description }))
    .filter((row) => Object.values(row).some((cell) => cell.toLowerCase().includes(text)));
}

async function moreDevices(): Promise<string> {
  const { knownDevices } = await import('../../rig/known-devices.js');
  const { length } = await knownDevices();
  return `and ${length} devices of the FIDO Metadata Service, by AAGUID or name: keyrig profiles list --known\n`;
}

interface Row {
  readonly kind: string;
  readonly name: string;
  readonly title: string;
}

/** One line each, in columns, without anything that a `grep` would stumble over. */
function columnsOf(rows: readonly Row[]): string {
  const kindWidth = Math.max(...rows.map(({ kind }) => kind.length));
  const nameWidth = Math.max(...rows.map(({ name }) => name.length));
  return rows
    .map(({ kind, name, title }) => `${kind.padEnd(kindWidth)}  ${name.padEnd(nameWidth)}  ${title}\n`)
    .join('');
}

function showCommand({ io }: CommandParts): Command {
  return new Command('show')
    .description('print one profile, with its sources')
    .addArgument(new Argument('<name>', 'as `keyrig profiles list` prints it'))
    .addOption(kindOption())
    .option('--json', 'print it as one JSON object on stdout, as it is written: defaults are not filled in')
    .addHelpText(
      'after',
      '\nExamples:\n  keyrig profiles show yubikey-5\n  keyrig profiles show win11-23h2 > mine.yaml\n  keyrig profiles show yubikey-5 --json',
    )
    .action(async (name: string, options: KindOption & { readonly json?: boolean }) => {
      const { text, file } = await written(name, options.kind);
      io.stdout.write(options.json ? await asJson(text, file) : text);
    });
}

/** A profile's file, or what would be in it. */
async function written(name: string, kind: ProfileKind | undefined) {
  const { findProfile, knownByName } = await loadProfiles();
  const known = kind === undefined || kind === 'device' ? await knownByName(name) : undefined;
  if (known === undefined) {
    const { file } = await findProfile(name, kind);
    return { text: await readFile(file, 'utf8'), file };
  }
  const { importedYaml } = await import('../../rig/metadata-yaml.js');
  return { text: importedYaml(known.facts, known), file: `${known.id}.yaml` };
}

/** The same members, without the comments. */
async function asJson(text: string, file: string): Promise<string> {
  const { readYaml } = await import('../../data/located-yaml.js');
  return `${JSON.stringify(readYaml(text, file, 'profile-invalid').value, null, 2)}\n`;
}

function checkCommand({ io, outcome }: CommandParts): Command {
  return new Command('check')
    .description('check profiles, adapters and scenarios against their schemas')
    .addArgument(new Argument('[file...]', 'your own files (default: everything that comes with keyrig)'))
    .addOption(
      choices(
        new Option('--kind <kind>', 'what the files describe (default: seen from their members)'),
        PROFILE_KINDS,
      ),
    )
    .addHelpText(
      'after',
      '\nExamples:\n  keyrig profiles check\n  keyrig profiles check ./my-key.yaml\n\nA fault is shown as file:line:column: path: what was expected.',
    )
    .action(async (files: readonly string[], options: KindOption) => {
      const { good, faults } = await check(files, options.kind);
      for (const name of good) io.stderr.write(`ok  ${name}\n`);
      for (const fault of faults) io.stderr.write(`${describeFault(fault.error)}\n`);
      outcome.code = faults.length === 0 ? EXIT.ok : EXIT.failed;
    });
}

async function check(files: readonly string[], kind: ProfileKind | undefined): Promise<ProfileCheck> {
  if (files.length === 0) return (await loadProfiles()).checkAllProfiles({ kind });
  const { checkFile } = await import('../check-file.js');
  const good: string[] = [];
  const faults: { readonly file: string; readonly error: unknown }[] = [];
  for (const file of files) {
    try {
      good.push(`${file} (${await checkFile(file, kind)})`);
    } catch (error) {
      faults.push({ file, error });
    }
  }
  return { good, faults };
}

/** Every problem of a file on a line of its own, where the error lists them. */
function describeFault(error: unknown): string {
  const problems = error instanceof KeyrigError ? error.facts.problems : undefined;
  const texts = Array.isArray(problems)
    ? problems.filter((problem): problem is string => typeof problem === 'string')
    : [];
  return texts.length > 1 ? texts.join('\n') : formatError(error);
}
