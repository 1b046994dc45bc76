// `npm run soak`: does a key forget anything that it has answered? Starts a process that works with a key on the durable store, kills it
// with SIGKILL at a random moment, looks at what the store still has, and goes on with the next process on the same store. One line at the end.
// `--kills N` (1000), `--seed TEXT` (drawn), `--keep` leaves the stores where they are.
import { fork } from 'node:child_process';
import { createPublicKey, randomBytes, verify } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openDurableStore } from '../dist/authenticator/store/lmdb.js';
import { acknowledge, begin, faultsOf, freshModel, settle } from './soak-model.mjs';
import { randomNumbers } from './soak-random.mjs';

/** Milliseconds of work before a kill, at most. */
const LONGEST = 150;
/** How many of a hundred processes are killed while they still open the store, or before. */
const EARLY = 6;
/** Kills per store: new ones are a moment of their own. */
const KILLS_PER_STORE = 50;
/** Milliseconds until a process that says nothing hangs. */
const PATIENCE = 60_000;

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '1000' },
    seed: { type: 'string', default: randomBytes(4).toString('hex') },
    keep: { type: 'boolean' },
  },
});
const kills = Number(values.kills);
if (!Number.isInteger(kills) || kills < 1) {
  console.error('soak: --kills takes a number from 1');
  process.exit(2);
}
const random = randomNumbers(values.seed);
const root = mkdtempSync(join(tmpdir(), 'keyrig-soak-'));
const faults = [];
const totals = { answers: 0, changes: 0, signatures: 0, unanswered: 0 };
const started = performance.now();

/** A process that waits to be told its store; the next one starts while this one works. */
function newWriter() {
  const script = fileURLToPath(new URL('soak-writer.mjs', import.meta.url));
  return fork(script, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
}

/** Lets a process work on the store until it is killed; the model learns what it said. */
async function work(writer, folder, model, seed) {
  const early = random() * 100 < EARLY;
  const ended = new Promise((resolve) => writer.once('close', (code) => resolve(code)));
  const hung = setTimeout(() => writer.kill('SIGKILL'), PATIENCE);
  let ready = () => {};
  const isReady = new Promise((resolve) => {
    ready = resolve;
  });
  createInterface({ input: writer.stdout }).on('line', (line) => {
    // Killed while it wrote: half a line says nothing.
    const said = parse(line);
    if (said?.ready) ready();
    else if (said?.begin) begin(model, said.begin);
    else if (said?.done) hear(model, said.done);
    else if (said?.fault) faults.push(said.fault);
  });
  writer.send({ folder, seed, pin: model.pin, credentials: [...model.credentials.values()] });
  if (!early) await Promise.race([isReady, ended]);
  await new Promise((resolve) => setTimeout(resolve, random() * LONGEST));
  writer.kill('SIGKILL');
  const code = await ended;
  clearTimeout(hung);
  if (code !== null) faults.push(`a writer ended by itself with ${code}`);
}

function parse(line) {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function hear(model, done) {
  totals.answers += 1;
  if (done.op !== 'sign-in') totals.changes += 1;
  else checkSignature(model, done);
  faults.push(...acknowledge(model, done));
}

/** The key that signs is the one that was registered, in whatever process. */
function checkSignature(model, { id, message, signature }) {
  const spki = model.credentials.get(id)?.spki;
  const key = createPublicKey({ key: Buffer.from(spki, 'base64url'), format: 'der', type: 'spki' });
  totals.signatures += 1;
  if (!verify('sha256', Buffer.from(message, 'base64url'), key, Buffer.from(signature, 'base64url')))
    faults.push(`${id} signs with another key than it was registered with`);
}

/** What the store has, as the model has it. */
async function look(folder) {
  const store = await openDurableStore(folder);
  try {
    return await store.read((reader) => ({
      counter: reader.counter(),
      retries: reader.pin()?.pinRetries ?? 8,
      pinHash: hex(reader.pin()?.hash),
      credentials: reader
        .rpIds()
        .flatMap((rpId) => reader.credentialsOf(rpId))
        .map(({ id, rpId, userId }) => ({ id: hex(id), rpId, userId: hex(userId) })),
      count: reader.credentialCount(),
    }));
  } finally {
    await store.close();
  }
}

const hex = (bytes) => (bytes === undefined ? undefined : Buffer.from(bytes).toString('hex'));

let model = freshModel();
let folder = '';
let writer = newWriter();
for (let kill = 0; kill < kills && faults.length === 0; kill++) {
  if (kill % KILLS_PER_STORE === 0) {
    folder = join(root, String(kill));
    model = freshModel();
  }
  const next = newWriter();
  await work(writer, folder, model, `${values.seed}/${kill}`);
  writer = next;
  if (model.pending !== undefined) totals.unanswered += 1;
  try {
    const seen = await look(folder);
    faults.push(...faultsOf(model, seen).map((fault) => `after kill ${kill + 1}: ${fault}`));
    settle(model, seen);
  } catch (error) {
    faults.push(`after kill ${kill + 1} the store does not open: ${error.message}`);
  }
  if (process.stderr.isTTY) process.stderr.write(`\r${kill + 1} kills, ${totals.answers} answers `);
}
writer.kill('SIGKILL');
if (process.stderr.isTTY) process.stderr.write('\r');
for (const fault of faults) console.error(`soak: ${fault}`);
if (!values.keep && faults.length === 0) rmSync(root, { recursive: true, force: true });
const seconds = ((performance.now() - started) / 1_000).toFixed(0);
console.log(
  `soak: ${kills} kills, ${totals.unanswered} of them in the middle of a command; ${totals.answers} acknowledged answers ` +
    `(${totals.changes} changes, ${totals.signatures} verified signatures), ${faults.length} lost or repeated; ` +
    `seed ${values.seed}, ${seconds} s${faults.length === 0 ? '' : `, stores in ${root}`}`,
);
process.exit(faults.length === 0 ? 0 : 1);
