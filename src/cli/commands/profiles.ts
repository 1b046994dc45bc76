/**
 * `keyrig profiles`: the devices, platforms and relying parties that keyrig knows.
 */
import { readFile } from 'node:fs/promises';
import Table from 'cli-table3';
import { Argument, Command, Option } from 'commander';
import { formatError, KeyrigError } from '../../errors.js';
import {
  checkAllProfiles,
  checkProfileFile,
  findProfile,
  listProfiles,
  PROFILE_KINDS,
  type ProfileKind,
} from '../../rig/profiles.js';
import { EXIT, type Io } from '../io.js';
import type { CommandParts } from '../program.js';

interface KindOption {
  readonly kind?: ProfileKind;
}

const kindOption = () => new Option('--kind <kind>', 'only profiles of this kind').choices(PROFILE_KINDS);

/** Makes the command and its sub-commands. */
export function profilesCommand(parts: CommandParts): Command {
  return new Command('profiles')
    .description('list, show and check devices, platforms and relying parties')
    .addCommand(listCommand(parts))
    .addCommand(showCommand(parts))
    .addCommand(checkCommand(parts));
}

function listCommand({ io }: CommandParts): Command {
  return new Command('list')
    .description('the profiles that come with keyrig')
    .addOption(kindOption())
    .option('--json', 'print them as JSON on stdout')
    .addHelpText('after', '\nExamples:\n  keyrig profiles list\n  keyrig profiles list --kind device --json')
    .action(async (options: KindOption & { readonly json?: boolean }) => {
      const profiles = await listProfiles(options.kind);
      const rows = profiles.map(({ kind, name, title }) => ({ kind, name, title }));
      if (options.json) io.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
      else io.stdout.write(`${tableOf(rows, io)}\n`);
    });
}

function tableOf(
  rows: readonly { readonly kind: string; readonly name: string; readonly title: string }[],
  io: Io,
): string {
  // Kind and name are short; the title takes what is left of the line.
  const titleWidth = Math.max(20, io.stdout.columns - 48);
  const table = new Table({
    head: ['kind', 'name', 'what'],
    colWidths: [null, null, titleWidth],
    wordWrap: true,
    style: { head: [], border: [] },
  });
  for (const row of rows) table.push([row.kind, row.name, row.title]);
  return table.toString();
}

function showCommand({ io }: CommandParts): Command {
  return new Command('show')
    .description('print one profile, with its sources')
    .addArgument(new Argument('<name>', 'as `keyrig profiles list` prints it'))
    .addOption(kindOption())
    .addHelpText(
      'after',
      '\nExamples:\n  keyrig profiles show yubikey-5\n  keyrig profiles show win11-23h2 > mine.yaml',
    )
    .action(async (name: string, options: KindOption) => {
      const profile = await findProfile(name, options.kind);
      io.stdout.write(await readFile(profile.file, 'utf8'));
    });
}

function checkCommand({ io, outcome }: CommandParts): Command {
  return new Command('check')
    .description('check profiles against their schemas')
    .addArgument(new Argument('[file...]', 'your own files (default: everything that comes with keyrig)'))
    .addOption(
      new Option('--kind <kind>', 'what the files describe (default: seen from their members)').choices(
        PROFILE_KINDS,
      ),
    )
    .addHelpText(
      'after',
      '\nExamples:\n  keyrig profiles check\n  keyrig profiles check ./my-key.yaml\n\nA fault is shown as file:line:column: path: what was expected.',
    )
    .action(async (files: readonly string[], options: KindOption) => {
      const { good, faults } =
        files.length === 0 ? await checkAllProfiles() : await checkFiles(files, options.kind);
      for (const name of good) io.stderr.write(`ok  ${name}\n`);
      for (const fault of faults) io.stderr.write(`${describeFault(fault.error)}\n`);
      outcome.code = faults.length === 0 ? EXIT.ok : EXIT.failed;
    });
}

async function checkFiles(files: readonly string[], kind: ProfileKind | undefined) {
  const good: string[] = [];
  const faults: { readonly file: string; readonly error: unknown }[] = [];
  for (const file of files) {
    try {
      good.push(`${file} (${await checkProfileFile(file, kind)})`);
    } catch (error) {
      faults.push({ file, error });
    }
  }
  return { good, faults };
}

/** Every problem of a file on a line of its own, where the error lists them. */
function describeFault(error: unknown): string {
  const problems = error instanceof KeyrigError ? error.facts['problems'] : undefined;
  const texts = Array.isArray(problems)
    ? problems.filter((problem): problem is string => typeof problem === 'string')
    : [];
  return texts.length > 1 ? texts.join('\n') : formatError(error);
}
