/**
 * `keyrig test`: suites that judge.
 */
import { Argument, Command, Option } from 'commander';
import type { Scenario } from '../../scenarios/scenario.js';
import { named } from '../names.js';
import { addRunOptions, collect, filled, type RunOptions } from '../options.js';
import type { CommandParts } from '../program.js';

interface Options extends RunOptions {
  readonly check?: readonly string[];
}

const GROUP_EXAMPLES = `
Examples:
  keyrig test rp demo                                the embedded demo relying party
  keyrig test rp ./rp.yaml                           your own, by its adapter`;

const EXAMPLES = `
Each check sends one response with exactly one thing wrong. It passes only when the relying party refuses that response in a
controlled way, nobody is signed in afterwards, and the same response without the fault is accepted before and after.

Examples:
  keyrig test rp demo                                the embedded demo relying party
  keyrig test rp better-auth:http://localhost:3000   a relying party that comes with an adapter
  keyrig test rp ./rp.yaml --check AUTH-20 --check SES-01
  keyrig test rp demo --list                         every check with its clause

Exit codes: 0 all held, 1 a rule was broken, 2 keyrig or its input failed, 130 interrupted (the report is written).`;

/** Makes the command and its sub-commands. */
export function testCommand(parts: CommandParts): Command {
  return new Command('test')
    .description('suites that judge a relying party')
    .addCommand(relyingPartyCommand(parts))
    .addHelpText('after', GROUP_EXAMPLES);
}

function relyingPartyCommand({ io, outcome, commandLine }: CommandParts): Command {
  const command = new Command('rp')
    .description('send a relying party responses that it must refuse')
    .addArgument(new Argument('<target>', 'an adapter file, preset:URL, or demo').argParser(filled))
    .addOption(new Option('--check <id>', 'only this check; repeat it for several').argParser(collect))
    .addHelpText('after', EXAMPLES);
  return addRunOptions(command).action(async (target: string, options: Options) => {
    const scenarios = await checksOf(options.check);
    const { runSession } = await import('../run-session.js');
    outcome.code = await runSession({ ...options, target, scenarios, command: commandLine }, io);
  });
}

async function checksOf(ids: readonly string[] | undefined): Promise<readonly Scenario[]> {
  const { relyingPartySuite } = await import('../../conformance/relying-party/suite.js');
  return ids?.map((id) => named('check', id, relyingPartySuite, (check) => check.id)) ?? relyingPartySuite;
}
