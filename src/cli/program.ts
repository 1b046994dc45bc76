/**
 * The command line as a whole: its commands, and how it speaks when something is wrong.
 */
import { Command, CommanderError } from 'commander';
import { nearestName } from '../data/nearest-name.js';
import { type ErrorCode, formatError, KeyrigError } from '../errors.js';
import { commandLine } from './command-line.js';
import { doctorCommand } from './commands/doctor.js';
import { keysCommand } from './commands/keys.js';
import { mergeCommand } from './commands/merge.js';
import { profilesCommand } from './commands/profiles.js';
import { runCommand } from './commands/run.js';
import { testCommand } from './commands/test.js';
import { EXIT, type ExitCode, type Io } from './io.js';
import { named } from './names.js';
import { toolVersion } from './version.js';

/** Where a command leaves its exit code. */
export interface Outcome {
  code: ExitCode;
}

/** What every command gets. */
export interface CommandParts {
  readonly io: Io;
  readonly outcome: Outcome;
  /** What the user typed, for reports. */
  readonly commandLine: string;
}

function buildProgram(parts: CommandParts): Command {
  const program = new Command('keyrig')
    .description(
      'A software FIDO2 security key, the phone beside it and the platform between them, for testing passkeys.',
    )
    .version(toolVersion(), '-V, --version', 'print the version')
    .enablePositionalOptions();
  program.addCommand(runCommand(parts), { isDefault: true });
  program.addCommand(testCommand(parts));
  program.addCommand(mergeCommand(parts));
  program.addCommand(keysCommand(parts));
  program.addCommand(profilesCommand(parts));
  program.addCommand(doctorCommand(parts));
  program.addHelpText('after', EXAMPLES);
  for (const command of [program, ...descendants(program)]) settle(command, parts.io);
  return program;
}

const EXAMPLES = `
Examples:
  keyrig                                      run every built-in scenario against the demo relying party
  keyrig run sign-in-username                 run one of them
  keyrig run ./mine.yaml --target rp.yaml     run your own scenario against your own relying party
  keyrig test rp rp.yaml                      send your relying party responses that it must refuse
  keyrig profiles list                        the devices, platforms and relying parties that there are

keyrig is a test tool: its keys are for tests, never for accounts that matter.`;

function descendants(command: Command): readonly Command[] {
  return command.commands.flatMap((child) => [child, ...descendants(child)]);
}

/** The same manners for every command: throw in place of exiting, one line for a mistake. */
function settle(command: Command, io: Io): void {
  command
    .helpOption('-h, --help', 'print help')
    .showSuggestionAfterError(true)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      outputError: (text, write) => write(mistake(oneLine(text), 'option-invalid')),
      getOutHelpWidth: () => io.stdout.columns,
      getErrHelpWidth: () => io.stderr.columns,
    });
  if (command.commands.length > 0) command.helpCommand('help [command]', 'print help for a command');
}

/** Commander's message and suggestion, which come on two lines. */
function oneLine(text: string): string {
  return text
    .replace(/^error: /, '')
    .trim()
    .replaceAll(/\s*\n\s*/g, ' ');
}

/** How every mistake is told: one line that ends with its code, which can be looked up. */
function mistake(text: string, code: ErrorCode): string {
  return `keyrig: ${text} [${code}]\n`;
}

/**
 * Runs one command line.
 *
 * @param argv Without the interpreter and the script.
 * @returns The exit code; nothing is thrown and the process is not ended.
 */
export async function main(argv: readonly string[], io: Io): Promise<ExitCode> {
  const outcome: Outcome = { code: EXIT.ok };
  const called = [io.program ?? 'keyrig', commandLine(argv)].filter((part) => part !== '').join(' ');
  const program = buildProgram({ io, outcome, commandLine: called });
  try {
    refuseMisspeltCommand(argv, program);
    await program.parseAsync([...argv], { from: 'user' });
    return outcome.code;
  } catch (error) {
    return explain(error, io);
  }
}

/** `keyrig profile list`: the default command would take any first word for the name of a scenario. */
function refuseMisspeltCommand(argv: readonly string[], program: Command): void {
  const [word = '-', ...rest] = argv;
  if (word === 'help') refuseUnknownTopic(rest, program);
  const commands = [...program.commands.map((command) => command.name()), 'help'];
  if (commands.includes(word) || /^-|[./\\]/.test(word)) return;
  const near = nearestName(word, commands);
  if (near === undefined) return;
  throw new KeyrigError('option-invalid', `there is no command "${word}"`, {
    hint: `did you mean "${near}"?`,
  });
}

/** `keyrig help run2`: help that is asked for by name, for a command that there is none of. */
function refuseUnknownTopic([word = '-']: readonly string[], program: Command): void {
  if (word.startsWith('-') || word === 'help') return;
  named('command', word, program.commands, (command) => command.name());
}

function explain(error: unknown, io: Io): ExitCode {
  // Commander has already said what is wrong; help and version are no mistakes.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.failed;
  const code = error instanceof KeyrigError ? error.code : 'internal';
  io.stderr.write(mistake(oneLine(formatError(error)), code));
  if (code === 'internal' && error instanceof Error)
    io.stderr.write(`${error.stack ?? ''}\nplease report this\n`);
  return EXIT.failed;
}
