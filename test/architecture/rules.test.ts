import { describe, expect, it } from 'vitest';
import { documents, OPAQUE_IMPORT, roomOf, type SourceFile, sourceFiles } from './source.js';

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

/** Time, chance, timers, and what only Node has. */
const IMPURE =
  /\bDate\.now\(|\bnew Date\(\)|Math\.random\(|\bset(Timeout|Interval|Immediate)\(|performance\.now\(|\bprocess\.[a-z]|\bBuffer\.[a-z]|\bcrypto\.(getRandomValues|randomUUID)\(/;

describe('house rules', () => {
  it('nothing throws a bare Error', () => {
    expect(lines(product, /throw new (Error|TypeError|RangeError)\(/)).toEqual([]);
  });

  it('pure rooms take time and chance from ports', () => {
    expect(
      lines(
        product.filter((file) => PURE.has(roomOf(file.path))),
        IMPURE,
      ),
    ).toEqual([]);
  });

  it('would notice time, chance and files in a pure room', () => {
    for (const text of [
      'Date.now() + 1',
      'Math.random()',
      'setTimeout(f, 1)',
      'new Date()',
      'process.hrtime()',
      'Buffer.from(x)',
    ])
      expect(lines([{ path: 'ctap/x.ts', text }], IMPURE), text).toHaveLength(1);
  });

  it('every import says plainly what it imports', () => {
    // The only importers of their packages: the one's declarations need DOM types, so the compiler must not see its name; the other waits
    // until there is a key for it, in functions that don't wait.
    const known = ['attestation/x509-library.ts', 'crypto/ml-dsa.ts'];
    const others = product.filter((file) => !known.includes(file.path));
    expect(lines(others, OPAQUE_IMPORT)).toEqual([]);
    expect(lines([{ path: 'x.ts', text: 'await import(name)' }], OPAQUE_IMPORT)).toHaveLength(1);
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
