/**
 * `keyrig profiles metadata`: what a relying party needs in order to trust a device's attestation.
 */
import { resolve } from 'node:path';
import { Argument, Command, Option } from 'commander';
import { filled } from '../options.js';
import type { CommandParts } from '../program.js';

interface Options {
  readonly blob?: boolean;
  readonly root?: boolean;
  readonly state?: string;
}

const EXAMPLES = `
Examples:
  keyrig profiles metadata yubikey-5 --state keys/ > yubikey-5.json
  keyrig profiles metadata yubikey-5 --state keys/ --blob > blob.jwt
  keyrig profiles metadata yubikey-5 --state keys/ --root > root.pem

Give your relying party the statement, or the BLOB and the root that signs it; then run with the same --state.`;

const FORGOTTEN =
  'keyrig: this attestation root is new and forgotten now; with --state DIR it is that of runs with the same --state\n';

/** Makes the command. */
export function metadataCommand({ io }: CommandParts): Command {
  return new Command('metadata')
    .description("print a device's FIDO metadata statement, or a signed BLOB with it")
    .addArgument(new Argument('<device>', 'a name or your own file'))
    .addOption(new Option('--blob', 'print a signed MDS3 BLOB (a JWT) with the statement').conflicts('root'))
    .addOption(
      new Option('--root', 'print the root certificate that signs attestations and the BLOB').conflicts(
        'blob',
      ),
    )
    .addOption(
      new Option('--state <dir>', 'use the attestation root of this state directory').argParser(filled),
    )
    .addHelpText('after', EXAMPLES)
    .action(async (device: string, options: Options) => {
      // Loaded only to print: help and mistakes come at once.
      const { describeDevice } = await import('../device-metadata.js');
      const what = options.blob ? 'blob' : options.root ? 'root' : 'statement';
      const state = options.state === undefined ? undefined : resolve(io.cwd, options.state);
      io.stdout.write(await describeDevice(device, { what, state }));
      if (state === undefined) io.stderr.write(FORGOTTEN);
    });
}
