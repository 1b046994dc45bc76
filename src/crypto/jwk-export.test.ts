import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

/** Across lines, in any order of members, with any quotes; not `exportKey`, which WebCrypto does safely. */
const JWK_EXPORT = /\.\s*export\s*\([^)]*['"`]jwk['"`]/;

/** Assembled, so that this file does not hold what it looks for. */
const call = (argument: string) => `key.${'export'}(${argument})`;

describe('no key object is exported as a JWK, which can deadlock on Node 20', () => {
  it.each(['src', 'test'])('in %s', (folder) => {
    const root = new URL(`../../${folder}/`, import.meta.url);
    const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) =>
      /\.(ts|mjs|js)$/.test(name),
    );
    expect(files.filter((name) => JWK_EXPORT.test(readFileSync(new URL(name, root), 'utf8')))).toEqual([]);
  });

  it.each([`{ format: 'jwk' }`, `{ format: "jwk" }`, `{\n    cipher: 'x',\n    format: 'jwk',\n  }`])(
    'the search would find %j',
    (argument) => {
      expect(JWK_EXPORT.test(call(argument))).toBe(true);
    },
  );

  it.each([`{ format: 'der', type: 'spki' }`, `{ format: 'pem' }); import({ format: 'jwk' }`])(
    'the search leaves %j alone',
    (argument) => {
      expect(JWK_EXPORT.test(call(argument))).toBe(false);
    },
  );
});
