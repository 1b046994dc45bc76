import { describe, expect, it } from 'vitest';
import { documents, roomOf, type SourceFile, sourceFiles } from './source.js';

const files = sourceFiles();
const product = files.filter((file) => !/\.(test|suite)\.ts$/.test(file.path));

/** `path:line: text` of every line that matches. */
function lines(from: readonly SourceFile[], pattern: RegExp): readonly string[] {
  return from.flatMap((file) =>
    file.text
      .split('\n')
      .flatMap((line, at) => (pattern.test(line) ? [`${file.path}:${at + 1}: ${line.trim()}`] : [])),
  );
}

/** Rooms where time, chance and files may enter only through ports. */
const PURE = new Set(['ctap', 'webauthn', 'authenticator', 'platform', 'report', 'forge', 'attestation']);

describe('house rules', () => {
  it('nothing throws a bare Error', () => {
    expect(lines(product, /throw new (Error|TypeError|RangeError)\(/)).toEqual([]);
  });

  it('pure rooms take time and chance from ports', () => {
    const pure = product.filter(
      (file) => PURE.has(roomOf(file.path)) && !file.path.startsWith('target/demo'),
    );
    expect(
      lines(pure, /\bDate\.now\(|\bnew Date\(\)|Math\.random\(|\bset(Timeout|Interval)\(|performance\.now\(/),
    ).toEqual([]);
  });

  it('nothing exports a JWK from a key object: it can deadlock on Node 20', () => {
    expect(lines(product, /\.export\(\s*\{[^}]*jwk/)).toEqual([]);
  });

  it('no file switches the checks off', () => {
    expect(lines(files, /@ts-(ignore|nocheck|expect-error)/)).toEqual([]);
  });

  it('no test is skipped or left alone', () => {
    expect(lines(files, /\b(it|test|describe)\.(only|todo)\(/)).toEqual([]);
  });

  it('neither code nor documents name a folder of one machine', () => {
    expect(lines([...files, ...documents()], /(^|[\s"'`(])\/(work|home|root|Users)\//)).toEqual([]);
  });

  it('product files stay at one subject: under 400 lines', () => {
    const long = product.filter((file) => file.text.split('\n').length > 400).map((file) => file.path);
    expect(long).toEqual([]);
  });
});
