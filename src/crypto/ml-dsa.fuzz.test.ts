/**
 * ML-DSA against published vectors: the accumulated ones of the Community Cryptography Test Vectors (C2SP/CCTV, ML-DSA/accumulated). Seeds
 * are squeezed from one SHAKE-128; public keys and deterministic signatures of the empty message are absorbed by another.
 */
import { shake128 } from '@noble/hashes/sha3.js';
import { expect, it } from 'vitest';
import { COSE_ALGORITHMS } from '../ctap/cose.js';
import { toHex } from '../data/bytes.js';
import { mlDsaPublicKey, prepareMlDsaSigner } from './ml-dsa.js';

/** The digests after 100 keys. */
const ACCUMULATED = {
  'ML-DSA-44': 'd51148e1f9f4fa1a723a6cf42e25f2a99eb5c1b378b3d2dbbd561b1203beeae4',
  'ML-DSA-65': '8358a1843220194417cadbc2651295cd8fc65125b5a5c1a239a16dc8b57ca199',
  'ML-DSA-87': '8c3ad714777622b8f21ce31bb35f71394f23bc0fcf3c78ace5d608990f3b061b',
} as const;

it.each(['ML-DSA-44', 'ML-DSA-65', 'ML-DSA-87'] as const)(
  '%s makes the published keys and signatures',
  { timeout: 120_000 },
  (name) => {
    const row = COSE_ALGORITHMS[name];
    const seeds = shake128.create({});
    const digest = shake128.create({});
    const empty = new Uint8Array(0);
    for (let at = 0; at < 100; at++) {
      const seed = seeds.xof(32);
      digest.update(mlDsaPublicKey(row, seed)).update(prepareMlDsaSigner(row, seed)(empty));
    }
    expect(toHex(digest.xof(32))).toBe(ACCUMULATED[name]);
  },
);
