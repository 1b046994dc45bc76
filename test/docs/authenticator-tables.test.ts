/**
 * docs/authenticator.md lists what the key has, no more and no less: names and numbers are those of the tables in the code, and what
 * a key with everything answers decides whether a command or sub-command is done.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { IMPLEMENTED } from '../../src/authenticator/config.js';
import { MANAGED } from '../../src/authenticator/credential-management.suite.js';
import { BIO, CONFIGURABLE } from '../../src/authenticator/management.suite.js';
import { createTestKey } from '../../src/authenticator/test-platform.suite.js';
import { SERVED_BY, SERVED_BY_ALL } from '../../src/crypto/algorithms.js';
import { encode } from '../../src/ctap/cbor.js';
import { COMMANDS, type CommandName } from '../../src/ctap/commands.js';
import { COSE_ALGORITHMS, type CoseAlgorithmName } from '../../src/ctap/cose.js';
import { BIO_ENROLLMENT_SUBCOMMANDS } from '../../src/ctap/messages/bio-enrollment.js';
import { CLIENT_PIN_SUBCOMMANDS } from '../../src/ctap/messages/client-pin.js';
import { CONFIG_SUBCOMMANDS } from '../../src/ctap/messages/config.js';
import { CREDENTIAL_MANAGEMENT_SUBCOMMANDS } from '../../src/ctap/messages/credential-management.js';
import { statusName } from '../../src/ctap/status.js';
import { U2F_CONTROL, U2F_INSTRUCTIONS } from '../../src/ctap/u2f.js';
import { concat } from '../../src/data/bytes.js';
import { ATTESTATIONS, COMPOUND_PARTS } from '../../src/rig/device-attestation.js';
import { column, nameIn, namesIn, ROOT, readPage } from './markdown.js';

const page = readPage('docs/authenticator.md');
const tables = {
  commands: page.table('Commands'),
  subcommands: page.table('Sub-commands'),
  u2f: page.table('U2F'),
  options: page.table('Versions and options'),
  extensions: page.table('Extensions'),
  algorithms: page.table('Algorithms'),
  attestation: page.table('Attestation'),
};

const DONE = 'done';
const hex = (byte: number) => `0x${byte.toString(16).padStart(2, '0')}`;

/** A key on which everything is switched on. */
const everything = () =>
  createTestKey({
    config: {
      ...CONFIGURABLE,
      ...BIO,
      versions: [...MANAGED.versions, 'FIDO_2_1'],
      options: {
        ...MANAGED.options,
        ...CONFIGURABLE.options,
        ...BIO.options,
        userVerificationMgmtPreview: true,
        ep: true,
      },
      limits: { ...MANAGED.limits, ...CONFIGURABLE.limits },
    },
    unchecked: true,
  });

async function statusOf(message: Uint8Array): Promise<string> {
  const [status = -1] = await everything().send(message);
  return statusName(status);
}

/** The member that names a sub-command, by command (CTAP 2.1 §6.5.5, §6.7, §6.8, §6.11). */
const SUBCOMMANDS = [
  ['authenticatorClientPIN', 0x02, CLIENT_PIN_SUBCOMMANDS],
  ['authenticatorBioEnrollment', 0x02, BIO_ENROLLMENT_SUBCOMMANDS],
  ['authenticatorCredentialManagement', 0x01, CREDENTIAL_MANAGEMENT_SUBCOMMANDS],
  ['authenticatorConfig', 0x01, CONFIG_SUBCOMMANDS],
] as const satisfies readonly (readonly [CommandName, number, Readonly<Record<string, number>>])[];

describe('docs/authenticator.md', () => {
  it('lists the commands, and what is done is what a key with everything knows', async () => {
    const all = Object.entries(COMMANDS).toSorted(([, one], [, other]) => one - other);
    expect(tables.commands.map(([name, byte]) => [nameIn(name), nameIn(byte)])).toEqual(
      all.map(([name, byte]) => [name, hex(byte)]),
    );
    const known: string[] = [];
    for (let byte = 0; byte < 256; byte++)
      if ((await statusOf(Uint8Array.of(byte))) !== 'CTAP1_ERR_INVALID_COMMAND') known.push(hex(byte));
    const done = tables.commands.filter(([, , state]) => state === DONE);
    expect(known).toEqual(column(done, 1));
  });

  it('lists the sub-commands', () => {
    expect(tables.subcommands.map((row) => row.slice(0, 3).map(nameIn))).toEqual(
      SUBCOMMANDS.flatMap(([command, , numbers]) =>
        Object.entries(numbers).map(([name, number]) => [command, name, hex(number)]),
      ),
    );
  });

  it.each(SUBCOMMANDS)('has those of %s done that a key with everything knows', async (command, member) => {
    const known: string[] = [];
    for (let number = 0; number < 256; number++) {
      const request = encode(new Map([[member, number]]));
      const status = await statusOf(concat(Uint8Array.of(COMMANDS[command]), request));
      if (status !== 'CTAP2_ERR_INVALID_SUBCOMMAND') known.push(hex(number));
    }
    const done = tables.subcommands.filter(([of, , , state]) => nameIn(of) === command && state === DONE);
    expect(known).toEqual(column(done, 2));
  });

  it('lists the instructions of U2F and their control bytes', () => {
    expect(tables.u2f.map(([name, number]) => [nameIn(name), nameIn(number)])).toEqual(
      Object.entries(U2F_INSTRUCTIONS).map(([name, number]) => [name, hex(number)]),
    );
    expect(namesIn(tables.u2f[1]?.[3])).toEqual(Object.values(U2F_CONTROL).map(hex));
  });

  it('lists versions, options and extensions as they are implemented', () => {
    const named = (kind: string) =>
      tables.options.filter(([one]) => one === kind).map(([, name]) => nameIn(name));
    expect(named('version')).toEqual(IMPLEMENTED.versions);
    expect(new Set(named('option'))).toEqual(new Set(IMPLEMENTED.options));
    expect(named('option')).toHaveLength(IMPLEMENTED.options.length);
    expect(column(tables.extensions)).toEqual(IMPLEMENTED.extensions);
  });

  it('lists the algorithms: done is what serves with a seed and without', () => {
    const rows = tables.algorithms.map(([name, id]) => [nameIn(name), nameIn(id)]);
    expect(rows).toEqual(Object.values(COSE_ALGORITHMS).map(({ name, id }) => [name, `${id}`]));
    for (const [cell, , state = ''] of tables.algorithms) {
      const name = nameIn(cell) as CoseAlgorithmName;
      const [word] = [DONE, 'done without a seed', 'not done']
        .filter((one) => state.startsWith(one))
        .toReversed();
      const served = SERVED_BY[name].length === 0 ? 'not done' : 'done without a seed';
      expect([name, word]).toEqual([name, SERVED_BY_ALL.includes(name) ? DONE : served]);
    }
  });

  it('lists the attestations and the parts of a compound one', () => {
    expect(column(tables.attestation)).toEqual(ATTESTATIONS);
    expect(namesIn(tables.attestation.at(-1)?.[2])).toEqual(COMPOUND_PARTS);
  });

  /** Where the rows say whose test it is; a test that doesn't say its name doesn't show it. */
  it.each([
    ...tables.subcommands.map((row) => [nameIn(row[1]), row.at(-1)] as const),
    ...tables.options.map((row) => [nameIn(row[1]), row.at(-1)] as const),
    ...tables.extensions.map((row) => [nameIn(row[0]), row.at(-1)] as const),
    ...tables.attestation.map((row) => [nameIn(row[0]), row.at(-1)] as const),
  ])('names a test of %s', (name, cell) => {
    expect(testText(cell)).toMatch(new RegExp(`\\b${name}\\b`));
  });

  it.each([...tables.commands, ...tables.u2f].map((row) => [nameIn(row[0]), row.at(-1)] as const))(
    'names a test of %s, by whatever name',
    (name, cell) => {
      const word = name.replace(/^authenticator/, '').replace(/Preview$/, '');
      expect(testText(cell).toLowerCase()).toContain(word.toLowerCase());
    },
  );
});

function testText(cell: string | undefined): string {
  const path = nameIn(cell);
  expect(path).toMatch(/\.test\.ts$/);
  expect(existsSync(join(ROOT, path)), path).toBe(true);
  return readFileSync(join(ROOT, path), 'utf8');
}
