// What a key must still know after a kill: everything that it has answered, and of the command that it was in the middle of, all or nothing.
import { createHash } from 'node:crypto';

/** Tries of a PIN on a key that has lost none (CTAP 2.1 §6.5.2.2). */
export const ALL_RETRIES = 8;

/** LEFT(SHA-256(PIN), 16) in hex, as a key keeps it. */
export function pinHash(pin) {
  return pin === undefined ? undefined : createHash('sha256').update(pin).digest('hex').slice(0, 32);
}

/** A key that nobody has used. */
export function freshModel() {
  return { credentials: new Map(), pin: undefined, retries: ALL_RETRIES, counter: 0, pending: undefined };
}

/** The key was asked for something. */
export function begin(model, command) {
  model.pending = command;
}

/** The key has answered. Returns what is wrong with the answer itself. */
export function acknowledge(model, done) {
  model.pending = undefined;
  return ANSWERS[done.op](model, done);
}

const ANSWERS = {
  register: (model, { id, rpId, userId, spki }) => {
    model.credentials.set(id, { id, rpId, userId, spki });
    model.retries = ALL_RETRIES;
    return [];
  },
  'sign-in': (model, { counter }) => {
    const repeated = counter <= model.counter;
    const faults = repeated ? [`the counter was ${model.counter}, and then ${counter}`] : [];
    model.counter = Math.max(model.counter, counter);
    return faults;
  },
  'wrong-pin': (model, { retries }) => {
    const faults = retries === model.retries - 1 ? [] : [`${model.retries} tries became ${retries}`];
    model.retries = retries;
    return faults;
  },
  'right-pin': (model) => {
    model.retries = ALL_RETRIES;
    return [];
  },
  'set-pin': (model, { pin }) => {
    model.pin = pin;
    model.retries = ALL_RETRIES;
    return [];
  },
  reset: (model) => {
    model.credentials = new Map();
    model.pin = undefined;
    model.retries = ALL_RETRIES;
    return [];
  },
};

/** What each command may have left behind without having answered. A PIN that is tried costs a try before it is looked at. */
const MAY = {
  register: { retries: ({ retries }) => [retries - 1, ALL_RETRIES] },
  'sign-in': { counts: 1 },
  'wrong-pin': { retries: ({ retries }) => [retries - 1] },
  'right-pin': { retries: ({ retries }) => [retries - 1, ALL_RETRIES] },
  'set-pin': { retries: ({ retries }) => [retries - 1, ALL_RETRIES], pin: (pending) => pending.pin },
  reset: {},
};

/** What the store has and must not have, or lacks. */
export function faultsOf(model, seen) {
  if (model.pending?.op === 'reset' && faultsOfReset(model, seen).length === 0) return [];
  return [...faultsOfPin(model, seen), ...faultsOfCounter(model, seen), ...faultsOfCredentials(model, seen)];
}

/** A reset that was not answered may have happened, but then the whole of it. */
function faultsOfReset({ counter }, seen) {
  const whole = seen.credentials.length === 0 && seen.pinHash === undefined && seen.retries === ALL_RETRIES;
  return whole && seen.counter === counter ? [] : ['a half of a reset'];
}

function faultsOfPin(model, seen) {
  const may = MAY[model.pending?.op] ?? {};
  const retries = [model.retries, ...(may.retries?.(model) ?? [])];
  const pins = [model.pin, ...(may.pin === undefined ? [] : [may.pin(model.pending)])].map(pinHash);
  return [
    ...(retries.includes(seen.retries)
      ? []
      : [`${seen.retries} tries of the PIN, not ${retries.join(' or ')}`]),
    ...(pins.includes(seen.pinHash) ? [] : ['another PIN, or none']),
  ];
}

function faultsOfCounter(model, seen) {
  const most = model.counter + (MAY[model.pending?.op]?.counts ?? 0);
  if (seen.counter >= model.counter && seen.counter <= most) return [];
  return [`the counter is ${seen.counter}, not ${model.counter} to ${most}`];
}

function faultsOfCredentials(model, seen) {
  const seenIds = new Set(seen.credentials.map(({ id }) => id));
  const lost = [...model.credentials.keys()].filter((id) => !seenIds.has(id));
  const more = seen.credentials.filter(({ id }) => !model.credentials.has(id));
  const expected = ({ userId }) => model.pending?.op === 'register' && model.pending.userId === userId;
  return [
    ...lost.map((id) => `the credential ${id} is lost`),
    ...more.filter((one) => !expected(one)).map(({ id }) => `a credential ${id} that nobody made`),
    ...(seen.count === seen.credentials.length
      ? []
      : [`${seen.count} credentials counted, and ${seen.credentials.length} there`]),
  ];
}

/** From now on what was seen is what must be kept. */
export function settle(model, seen) {
  const known = (id) => model.credentials.get(id);
  // A credential that was made without an answer can't be signed in with: nobody knows its public key.
  model.credentials = new Map(
    seen.credentials.map((one) => [one.id, known(one.id) ?? { ...one, spki: undefined }]),
  );
  if (seen.pinHash !== pinHash(model.pin))
    model.pin = seen.pinHash === undefined ? undefined : model.pending?.pin;
  model.retries = seen.retries;
  model.counter = seen.counter;
  model.pending = undefined;
}
