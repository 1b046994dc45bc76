/**
 * AES over node:crypto, for both implementations: it takes no randomness, so that seeded runs repeat with it.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { concat } from '../data/bytes.js';
import type { Crypto } from './crypto.js';

const CBC_128 = 'aes-128-cbc';
const CBC_256 = 'aes-256-cbc';
const GCM = 'aes-256-gcm';
/** Bytes of GCM's tag. */
const TAG_LENGTH = 16;

/** The AES half of the Crypto port. */
export const aes: Pick<Crypto, Extract<keyof Crypto, `aes${string}`>> = {
  aes128CbcEncrypt: (key, iv, plaintext) => cbcEncrypt(CBC_128, key, iv, plaintext),
  aes128CbcDecrypt: (key, iv, ciphertext) => cbcDecrypt(CBC_128, key, iv, ciphertext),
  aes256CbcEncrypt: (key, iv, plaintext) => cbcEncrypt(CBC_256, key, iv, plaintext),
  aes256CbcDecrypt: (key, iv, ciphertext) => cbcDecrypt(CBC_256, key, iv, ciphertext),
  aes256GcmSeal: (key, nonce, plaintext, aad) => {
    const cipher = createCipheriv(GCM, key, nonce, { authTagLength: TAG_LENGTH }).setAAD(aad);
    return concat(cipher.update(plaintext), cipher.final(), cipher.getAuthTag());
  },
  aes256GcmOpen: (key, nonce, sealed, aad) => {
    if (sealed.length < TAG_LENGTH) return undefined;
    const end = sealed.length - TAG_LENGTH;
    const decipher = createDecipheriv(GCM, key, nonce, { authTagLength: TAG_LENGTH })
      .setAAD(aad)
      .setAuthTag(sealed.subarray(end));
    const plaintext = decipher.update(sealed.subarray(0, end));
    try {
      return concat(plaintext, decipher.final());
    } catch {
      // The one thing that `final` refuses in GCM is the tag.
      return undefined;
    }
  },
};

function cbcEncrypt(cipherName: string, key: Uint8Array, iv: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const cipher = createCipheriv(cipherName, key, iv).setAutoPadding(false);
  return concat(cipher.update(plaintext), cipher.final());
}

function cbcDecrypt(cipherName: string, key: Uint8Array, iv: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  const decipher = createDecipheriv(cipherName, key, iv).setAutoPadding(false);
  return concat(decipher.update(ciphertext), decipher.final());
}
