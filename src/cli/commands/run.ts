/**
 * `keyrig run`: scenarios against a relying party, with emulated devices on a platform.
 */
import { Argument, Command, Option } from 'commander';
import type { Scenario } from '../../scenarios/scenario.js';
import { addRunOptions, collect, filled, type RunOptions } from '../options.js';
import type { CommandParts } from '../program.js';

interface Options extends RunOptions {
  readonly target: string;
  readonly device?: readonly string[];
  readonly platform?: string;
  readonly state?: string;
}

const EXAMPLES = `
Examples:
  keyrig run                                         every built-in scenario against the demo relying party
  keyrig run prioritised-phone --platform win11-23h2/edge
  keyrig run sign-in-usernameless --target better-auth:http://localhost:3000
  keyrig run ./mine.ts ./mine.yaml --target ./rp.yaml --device yubikey-5
  keyrig run register --state keys/                  what the key learns is there again in the next run
  keyrig run --seed 7 --shard 1/2 --out out/         one half of the list, repeatable
  keyrig run --list                                  what there is to run

Exit codes: 0 all held, 1 a rule was broken, 2 keyrig or its input failed, 130 interrupted (the report is written).`;

/** Makes the command. */
export function runCommand({ io, outcome, commandLine }: CommandParts): Command {
  const command = new Command('run')
    .description('run scenarios against a relying party with emulated keys and phones')
    .addArgument(
      new Argument(
        '[scenario...]',
        'names of built-in scenarios, or your own .ts, .js and .yaml files (default: all)',
      ),
    )
    .addOption(
      new Option('--target <t>', 'an adapter file, preset:URL, or demo').default('demo').argParser(filled),
    )
    .addOption(new Option('--device <profile>', 'a device to use; repeat it for several').argParser(collect))
    .addOption(new Option('--platform <profile>', 'a platform, or platform/browser').argParser(filled))
    .addOption(
      new Option('--state <dir>', 'where devices keep their credentials and PINs for later runs').argParser(
        filled,
      ),
    )
    .addHelpText('after', EXAMPLES);
  return addRunOptions(command).action(async (names: readonly string[], options: Options) => {
    const scenarios = await scenariosOf(names);
    const ownCode = names.some(isCodeFile);
    // Loaded only to run: help and mistakes come at once.
    const { runSession } = await import('../run-session.js');
    outcome.code = await runSession({ ...options, scenarios, ownCode, command: commandLine }, io);
  });
}

/** Whether a name is a file of code; YAML always yields. */
function isCodeFile(name: string): boolean {
  return /\.[cm]?[jt]s$/.test(name);
}

/** Built-in ones by name, one's own by file. The library itself is loaded only for files, which may import it. */
async function scenariosOf(names: readonly string[]): Promise<readonly Scenario[]> {
  const { builtInScenarios, findScenario } = await import('../../scenarios/registry.js');
  if (names.length === 0) return builtInScenarios;
  const { isScenarioFile, loadScenarios } = await import('../../scenarios/load.js');
  const found: Scenario[] = [];
  for (const name of names) {
    if (isScenarioFile(name)) found.push(...(await loadScenarios(name, await import('../../index.js'))));
    else found.push(findScenario(name));
  }
  return found;
}
