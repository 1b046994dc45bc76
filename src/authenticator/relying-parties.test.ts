import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createNodeCrypto } from '../crypto/node.js';
import { RelyingParties } from './relying-parties.js';

const sha256 = (text: string) => new Uint8Array(createHash('sha256').update(text).digest());

/** With a count of the hashes that were worked out. */
function counted() {
  const crypto = createNodeCrypto();
  const hashed: number[] = [];
  const parties = new RelyingParties({
    sha256: (...parts) => {
      hashed.push(parts.length);
      return crypto.sha256(...parts);
    },
  });
  return { parties, hashed };
}

describe('relying parties', () => {
  it.each(['example.org', '', 'bücher.example'])('"%s" goes with its own hash', (id) => {
    const { parties } = counted();
    parties.of('example.com');
    expect(parties.of(id)).toEqual({ id, hash: sha256(id) });
    expect(parties.of(id)).toEqual({ id, hash: sha256(id) });
  });

  it('are hashed once', () => {
    const { parties, hashed } = counted();
    for (const id of ['a.example', 'b.example', 'a.example', 'b.example']) parties.of(id);
    expect(hashed).toHaveLength(2);
  });

  it('are forgotten before they take much room', () => {
    const { parties, hashed } = counted();
    for (let number = 0; number <= 1_000; number++) parties.of(`${number}.example`);
    parties.of('0.example');
    expect(hashed).toHaveLength(1_002);
  });
});
