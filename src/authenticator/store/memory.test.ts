import { describe, expect, it } from 'vitest';
import { bytesKey } from '../bytes-key.js';
import { createMemoryStore } from './memory.js';
import { describeCredentialStore, sampleCredential } from './store.suite.js';

describeCredentialStore('the memory store', { open: createMemoryStore });

describe('the memory store', () => {
  it('refuses a transaction inside of another one', async () => {
    const store = createMemoryStore();
    const inner = await store.write(() => store.write((writer) => writer.advanceCounter(1)).catch(String));
    expect(inner).toContain('inside of another one');
  });

  it('needs no turn of the event loop for a transaction', async () => {
    const store = createMemoryStore();
    let turned = false;
    setImmediate(() => {
      turned = true;
    });
    for (let at = 0; at < 1_000; at++) {
      await store.write((writer) => writer.advanceCounter(1));
      await store.read((reader) => reader.counter());
    }
    expect(turned).toBe(false);
  });

  it('hands out the same list until it changes, however many credentials there are', async () => {
    const store = createMemoryStore();
    await store.write((writer) => writer.putCredential(sampleCredential('a')));
    const first = await store.read((reader) => reader.credentialsOf('example.org'));
    expect(await store.read((reader) => reader.credentialsOf('example.org'))).toBe(first);
    await store.write((writer) => writer.putCredential(sampleCredential('b')));
    expect(first).toHaveLength(1);
  });
});

describe('byte strings as keys', () => {
  it('are equal exactly for equal bytes, however long', () => {
    const long = Uint8Array.from({ length: 5_000 }, (_, at) => at % 256);
    expect(bytesKey(long)).toBe(bytesKey(long.slice()));
    expect(bytesKey(long)).toHaveLength(5_000);
    expect(bytesKey(long.with(4_999, 0))).not.toBe(bytesKey(long));
    expect(bytesKey(Uint8Array.of(0xff))).not.toBe(bytesKey(Uint8Array.of(0xc3, 0xbf)));
  });
});
