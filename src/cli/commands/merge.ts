/**
 * `keyrig merge`: the reports of shards as one.
 */
import { Argument, Command } from 'commander';
import { collect, outOption } from '../options.js';
import type { CommandParts } from '../program.js';

interface Options {
  readonly out: string;
  readonly json?: boolean;
}

const EXAMPLES = `
Every shard has to be there once, and all of them need one --seed. Reports of several commands, such as run and test rp, can be merged
as well.

Examples:
  keyrig merge shard-1/ shard-2/ --out whole/        what runs with --shard 1/2 and --shard 2/2 wrote
  keyrig merge out/2026-11-24T21-15-03Z/report.json out/2026-11-24T21-15-07Z/report.json
  keyrig merge shard-*/ --json > report.json

Exit codes: those of the whole run. 0 all held, 1 a rule was broken, 2 keyrig or its input failed, 130 a shard was interrupted.`;

/** Makes the command. */
export function mergeCommand({ io, outcome }: CommandParts): Command {
  return new Command('merge')
    .description('join the reports of shards')
    .addArgument(
      new Argument('<report...>', 'report.json files, or folders that runs wrote with --out').argParser(
        collect,
      ),
    )
    .addOption(outOption())
    .option('--json', 'print the merged report as JSON on stdout')
    .addHelpText('after', EXAMPLES)
    .action(async (reports: readonly string[], options: Options) => {
      const { mergeSession } = await import('../merge-session.js');
      outcome.code = await mergeSession({ ...options, reports }, io);
    });
}
