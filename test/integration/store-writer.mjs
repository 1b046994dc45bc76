// A process that works on a store of others as well: advances the counter and adds credentials, and says every count that it got.
import { openDurableStore } from '../../dist/authenticator/store/lmdb.js';

const [folder, name, times] = process.argv.slice(2);
const store = await openDurableStore(folder);
const counts = [];
for (let time = 0; time < Number(times); time++) {
  const count = await store.write((writer) => {
    const next = writer.advanceCounter(1);
    if (time % 5 === 0) writer.putCredential(credential(`${name}-${time}`));
    return next;
  });
  counts.push(count);
  // What others have done is seen at once.
  const seen = await store.read((reader) => reader.counter());
  if (seen < count) throw new Error(`the counter went back from ${count} to ${seen}`);
}
await store.close();
console.log(JSON.stringify(counts));

function credential(id) {
  const bytes = (fill) => new Uint8Array(32).fill(fill);
  return {
    id: new TextEncoder().encode(id),
    rpId: 'example.org',
    userId: new TextEncoder().encode(id),
    keyPair: {
      algorithm: -7,
      privateKey: bytes(3),
      publicKey: { kty: 'EC2', alg: -7, crv: 'P-256', x: bytes(1), y: bytes(2) },
    },
    algorithm: -7,
    credProtect: 1,
    credRandomWithUv: bytes(4),
    credRandomWithoutUv: bytes(5),
    hmacSecret: false,
  };
}
