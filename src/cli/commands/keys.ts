/**
 * `keyrig keys`: what the devices of a state directory hold, and credentials without a ceremony.
 */
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { SERVED_BY_ALL } from '../../crypto/algorithms.js';
import type { CoseAlgorithmName } from '../../ctap/cose.js';
import { fromBase64url } from '../../data/bytes.js';
import type { FileFormat } from '../keys/credential-file.js';
import type { BackupName } from '../keys/keyrig-shape.js';
import { choices, filled } from '../options.js';
import type { CommandParts } from '../program.js';

interface StoreOptions {
  readonly state: string;
  readonly device?: string;
}

const GROUP_EXAMPLES = `
Examples:
  keyrig keys mint --rp localhost --user ada
  keyrig keys list --state keys/

What mint, show and export print has private keys in it. They are for tests, never for accounts that matter.`;

/** Loaded only when it is needed: help and mistakes come at once. */
const loadActions = () => import('../keys/actions.js');

/** Makes the command and its sub-commands. */
export function keysCommand(parts: CommandParts): Command {
  return new Command('keys')
    .description('stored credentials: list, show, mint, import, export and delete them')
    .addCommand(listCommand(parts))
    .addCommand(showCommand(parts))
    .addCommand(mintCommand(parts))
    .addCommand(importCommand(parts))
    .addCommand(exportCommand(parts))
    .addCommand(deleteCommand(parts))
    .addHelpText('after', GROUP_EXAMPLES);
}

const stateOption = () => new Option('--state <dir>', 'the state directory').argParser(filled);
const requiredState = () => stateOption().makeOptionMandatory();
const deviceOption = (what: string) => new Option('--device <name>', what).argParser(filled);
const oneDevice = () => deviceOption('the device, as `keyrig keys list` names it: key.yubikey-5, or key');
const rpFilter = () => new Option('--rp <id>', 'only credentials of this relying party').argParser(filled);
const outFile = () =>
  new Option('--out <file>', 'write it to a file that only you can read (default: stdout)').argParser(filled);
const formatOption = (what: string) =>
  new Option('--format <shape>', what).choices(['keyrig', 'chromium', 'playwright'] satisfies FileFormat[]);

function listCommand({ io }: CommandParts): Command {
  return new Command('list')
    .description('what there is, without private keys')
    .addOption(requiredState())
    .addOption(oneDevice())
    .addOption(rpFilter())
    .option('--json', 'print it as JSON on stdout')
    .addHelpText(
      'after',
      '\nExamples:\n  keyrig keys list --state keys/\n  keyrig keys list --state keys/ --device key --rp localhost --json',
    )
    .action(async (options: StoreOptions & { readonly rp?: string; readonly json?: boolean }) => {
      const { listKeys } = await loadActions();
      await listKeys(options, io);
    });
}

function showCommand({ io }: CommandParts): Command {
  return new Command('show')
    .description('both halves of one credential: with its private key, and as a server stores it')
    .addArgument(new Argument('<id>', 'the credential ID, base64url').argParser(filled))
    .addOption(requiredState())
    .addOption(oneDevice())
    .addOption(outFile())
    .addHelpText('after', '\nExamples:\n  keyrig keys show AQIDBA --state keys/ --device key')
    .action(async (id: string, options: StoreOptions & { readonly out?: string }) => {
      const { showKey } = await loadActions();
      await showKey(id, options, io);
    });
}

/** What `keyrig keys mint` is told. */
export interface MintOptions {
  readonly rp: string;
  readonly rpName?: string;
  readonly user: string;
  readonly userDisplayName?: string;
  readonly userHandle?: Uint8Array;
  readonly algorithm: CoseAlgorithmName;
  readonly discoverable: boolean;
  readonly backup?: BackupName;
  readonly profile?: string;
  readonly seed?: string;
  readonly state?: string;
  readonly device?: string;
  readonly out?: string;
}

const MINT_EXAMPLES = `
Prints { notice, credential, record }: the authenticator's half with its private key, and the record that a server stores. With --state the
credential is put into a device as well, which signs in with it once the record is in the server's database.

Examples:
  keyrig keys mint --rp localhost --user ada
  keyrig keys mint --rp example.org --user ada --algorithm EdDSA --backup synced --seed 7
  keyrig keys mint --rp localhost --user ada --state keys/ --device key.yubikey-5 --out ada.json`;

function mintCommand({ io }: CommandParts): Command {
  return new Command('mint')
    .description('make a credential without a ceremony, and print both halves')
    .addOption(new Option('--rp <id>', 'the RP ID').argParser(filled).makeOptionMandatory())
    .addOption(new Option('--rp-name <name>', 'the name of the relying party').argParser(filled))
    .addOption(new Option('--user <name>', 'the name of the account').argParser(filled).makeOptionMandatory())
    .addOption(new Option('--user-display-name <name>', 'the name of the person').argParser(filled))
    .addOption(new Option('--user-handle <id>', 'base64url (default: random)').argParser(userHandle))
    .addOption(choices(new Option('--algorithm <name>', 'of its key').default('ES256'), SERVED_BY_ALL))
    .addOption(new Option('--no-discoverable', 'found by its ID alone'))
    .addOption(
      new Option('--backup <flags>', "its backup flags (default: the profile's)").choices([
        'device-bound',
        'eligible',
        'synced',
      ] satisfies BackupName[]),
    )
    .addOption(new Option('--profile <name>', 'the device that it could be from').argParser(filled))
    .addOption(new Option('--seed <text>', 'the same seed makes the same credential').argParser(filled))
    .addOption(stateOption())
    .addOption(deviceOption('with --state: the device that gets it (default: the only one, or a new key)'))
    .addOption(outFile())
    .addHelpText('after', MINT_EXAMPLES)
    .action(async (options: MintOptions) => {
      const { mintKey } = await loadActions();
      await mintKey(options, io);
    });
}

/** At most 64 bytes (WebAuthn L3 §4, user handle). */
function userHandle(text: string): Uint8Array {
  const bytes = fromBase64url(text);
  if (bytes !== undefined && bytes.length >= 1 && bytes.length <= 64) return bytes;
  throw new InvalidArgumentError('expected base64url of 1 to 64 bytes');
}

const IMPORT_SHAPES = `
Shapes: what \`keyrig keys export\` writes; Chromium's virtual authenticators (WebAuthn.getCredentials of the DevTools protocol); Playwright's
storageState({ credentials: true }) and context.credentials.get(). Credentials with the ID of one that is there replace it, and the device's
signature counter moves up to the highest one of the file.`;

function importCommand({ io }: CommandParts): Command {
  return new Command('import')
    .description('put the credentials of a file into a device')
    .addArgument(new Argument('<file>', 'a JSON file').argParser(filled))
    .addOption(requiredState())
    .addOption(deviceOption('the device that gets them (default: the only one, or a new key)'))
    .addOption(formatOption('the shape of the file (default: seen from its members)'))
    .addHelpText(
      'after',
      `${IMPORT_SHAPES}\n\nExamples:\n  keyrig keys import passkeys.json --state keys/ --device key.yubikey-5`,
    )
    .action(async (file: string, options: StoreOptions & { readonly format?: FileFormat }) => {
      const { importKeys } = await loadActions();
      await importKeys(file, options, io);
    });
}

function exportCommand({ io }: CommandParts): Command {
  return new Command('export')
    .description('write credentials with their private keys')
    .addOption(requiredState())
    .addOption(oneDevice())
    .addOption(rpFilter())
    .addOption(formatOption('the shape of the file').default('keyrig'))
    .addOption(outFile())
    .addHelpText(
      'after',
      '\nExamples:\n  keyrig keys export --state keys/ --device key --out passkeys.json\n  keyrig keys export --state keys/ --device key --format playwright --rp localhost --out state.json',
    )
    .action(
      async (
        options: StoreOptions & { readonly rp?: string; readonly format: FileFormat; readonly out?: string },
      ) => {
        const { exportKeys } = await loadActions();
        await exportKeys(options, io);
      },
    );
}

function deleteCommand({ io }: CommandParts): Command {
  return new Command('delete')
    .description('delete credentials')
    .addArgument(new Argument('[id...]', 'credential IDs, base64url'))
    .addOption(requiredState())
    .addOption(oneDevice())
    .addOption(rpFilter())
    .option('--all', 'all of the device, or with --rp all of a relying party')
    .addHelpText(
      'after',
      '\nExamples:\n  keyrig keys delete AQIDBA --state keys/ --device key\n  keyrig keys delete --all --rp localhost --state keys/ --device key',
    )
    .action(
      async (
        ids: readonly string[],
        options: StoreOptions & { readonly rp?: string; readonly all?: boolean },
      ) => {
        const { deleteKeys } = await loadActions();
        await deleteKeys(ids, options, io);
      },
    );
}
