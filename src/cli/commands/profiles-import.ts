/**
 * `keyrig profiles import`: metadata of real devices becomes device profiles.
 */
import { resolve } from 'node:path';
import { Argument, Command, Option } from 'commander';
import { EXIT } from '../io.js';
import { filled } from '../options.js';
import type { CommandParts } from '../program.js';

interface Options {
  readonly aaguid?: readonly string[];
  readonly name?: readonly string[];
  readonly output?: string;
}

const EXAMPLES = `
Examples:
  keyrig profiles import blob.jwt --aaguid 2fc0579f-8113-47ea-b116-bb5a8db9202a > my-key.yaml
  keyrig profiles import mds.json --name yubikey-5-series --output devices/
  keyrig profiles import mds.json --output devices/

Takes a list of metadata entries, the payload of a BLOB of the FIDO Metadata Service, or the BLOB itself, whose signature is not checked.
Files that exist are left alone, and nothing is written when a chosen device can't be imported.`;

const several = (value: string, before: readonly string[] = []) => [...before, filled(value)];

/** Makes the command. */
export function importCommand({ io, outcome }: CommandParts): Command {
  return new Command('import')
    .description('make device profiles from FIDO metadata')
    .addArgument(new Argument('<file>', 'JSON or a JWT'))
    .addOption(new Option('--aaguid <aaguid>', 'only this device; can be repeated').argParser(several))
    .addOption(
      new Option('--name <name>', 'only devices of this description; can be repeated').argParser(several),
    )
    .addOption(
      new Option('--output <dir>', 'write a file for each (default: print the one that is chosen)').argParser(
        filled,
      ),
    )
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, options: Options) => {
      // Loaded only to import: help and mistakes come at once.
      const { importProfiles } = await import('../profiles-import.js');
      const { aaguid = [], name = [], output } = options;
      const wanted = [...aaguid, ...name];
      const directory = output === undefined ? undefined : resolve(io.cwd, output);
      const { text, notes } = await importProfiles(resolve(io.cwd, file), { wanted, directory });
      for (const note of notes) io.stderr.write(`keyrig: ${note}\n`);
      if (text !== undefined) io.stdout.write(text);
      outcome.code = EXIT.ok;
    });
}
