/**
 * What every CredentialStore must do, whatever it is made of. A store's test file is one call of {@link describeCredentialStore}.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../../data/bytes.js';
import type {
  AuthenticatorState,
  CredentialStore,
  PinState,
  StoredCredential,
  StoreReader,
  StoreWriter,
} from '../ports.js';

type NewCredential = Omit<StoredCredential, 'created'>;

/** A credential as a command would store it; tests change what they are about. */
export function sampleCredential(id: string, rpId = 'example.org', userId = id): NewCredential {
  return {
    id: utf8(id),
    rpId,
    userId: utf8(userId),
    keyPair: {
      algorithm: -7,
      privateKey: new Uint8Array(32).fill(3),
      publicKey: {
        kty: 'EC2',
        alg: -7,
        crv: 'P-256',
        x: new Uint8Array(32).fill(1),
        y: new Uint8Array(32).fill(2),
      },
    },
    algorithm: -7,
    credProtect: 1,
    credRandomWithUv: new Uint8Array(32).fill(4),
    credRandomWithoutUv: new Uint8Array(32).fill(5),
    hmacSecret: false,
  };
}

/** Members that a credential may lack. */
const EVERY_OPTIONAL_MEMBER = {
  rpName: 'Example',
  userName: 'ada',
  userDisplayName: 'Ada',
  credBlob: new Uint8Array(32).fill(11),
  largeBlobKey: new Uint8Array(32).fill(12),
  largeBlob: { data: new Uint8Array(9).fill(13), originalSize: 1000 },
  thirdPartyPayment: true,
  backup: { eligible: true, backedUp: false },
} as const satisfies Partial<NewCredential>;

const PERSISTENT = {
  token: new Uint8Array(32).fill(8),
  identifier: new Uint8Array(16).fill(9),
  credStoreState: new Uint8Array(16).fill(10),
};

const STATE: AuthenticatorState = {
  wrappingKey: new Uint8Array(32).fill(7),
  forcePinChange: false,
  minPinLength: 4,
  minPinLengthRpIds: ['example.org'],
  alwaysUv: false,
  enterpriseAttestation: false,
  longTouchForReset: true,
  pinComplexityPolicy: true,
  persistent: PERSISTENT,
};

/** What a key without a PIN has. */
const NO_PIN: PinState = { codePoints: 0, pinRetries: 8, uvRetries: 3, complex: false, uvCount: 0 };

/** Everything there is to read, as one value that tests compare. */
export function snapshot(reader: StoreReader) {
  const credentials = reader.rpIds().flatMap((rpId) => reader.credentialsOf(rpId));
  return {
    rpIds: reader.rpIds(),
    credentials,
    byId: credentials.map((credential) => reader.credential(credential.id)),
    count: reader.credentialCount(),
    counter: reader.counter(),
    pin: reader.pin(),
    state: reader.state(),
    largeBlobs: reader.largeBlobs(),
    templates: reader.templates(),
  };
}

const names = (credentials: readonly StoredCredential[]) =>
  credentials.map((credential) => new TextDecoder().decode(credential.id));

/** How a test gets at a store. */
export interface StoreUnderTest {
  /** An empty one. */
  open(): Promise<CredentialStore> | CredentialStore;
  /** For stores that outlive their process: the same data again, after closing. */
  reopen?(store: CredentialStore): Promise<CredentialStore>;
}

/** Runs the suite against one kind of store. */
export function describeCredentialStore(name: string, subject: StoreUnderTest): void {
  const opened = async () => subject.open();
  describe(`${name} as a credential store`, () => {
    describeContents(opened);
    describeTransactions(opened);
    describeAgainstModel(opened);
    if (subject.reopen !== undefined) describeReopening(opened, subject.reopen);
  });
}

type Opened = () => Promise<CredentialStore>;

function describeContents(opened: Opened): void {
  it('starts empty', async () => {
    const store = await opened();
    expect(await store.read(snapshot)).toEqual({
      rpIds: [],
      credentials: [],
      byId: [],
      count: 0,
      counter: 0,
      pin: undefined,
      state: undefined,
      largeBlobs: undefined,
      templates: [],
    });
  });

  it('gives back a credential with all its members, by ID and by relying party', async () => {
    const store = await opened();
    const full = { ...sampleCredential('a'), ...EVERY_OPTIONAL_MEMBER };
    const stored = await store.write((writer) => writer.putCredential(full));
    expect(stored).toEqual({ ...full, created: stored.created });
    expect(await store.read((reader) => reader.credential(utf8('a')))).toEqual(stored);
    expect(await store.read((reader) => reader.credentialsOf('example.org'))).toEqual([stored]);
    expect(await store.read((reader) => reader.credential(utf8('b')))).toBeUndefined();
    expect(await store.read((reader) => reader.credentialsOf('example.com'))).toEqual([]);
  });

  it.each([
    ['EdDSA', { kty: 'OKP', alg: -8, crv: 'Ed25519', x: new Uint8Array(32).fill(9) }],
    ['RS256', { kty: 'RSA', alg: -257, n: new Uint8Array(256).fill(9), e: Uint8Array.of(1, 0, 1) }],
    ['ML-DSA-44', { kty: 'AKP', alg: -48, pub: new Uint8Array(1312).fill(9) }],
  ] as const)('keeps %s keys', async (_, publicKey) => {
    const store = await opened();
    const sample = sampleCredential('a');
    const credential = {
      ...sample,
      algorithm: publicKey.alg,
      keyPair: { ...sample.keyPair, algorithm: publicKey.alg, publicKey },
    };
    await store.write((writer) => writer.putCredential(credential));
    expect(await store.read((reader) => reader.credential(utf8('a')))).toMatchObject(credential);
  });

  it('lists the newest credential of a relying party first, and relying parties by their oldest one', async () => {
    const store = await opened();
    await store.write((writer) => {
      writer.putCredential(sampleCredential('b1', 'b.example'));
      writer.putCredential(sampleCredential('a1', 'a.example'));
      writer.putCredential(sampleCredential('b2', 'b.example'));
    });
    expect(names(await store.read((reader) => reader.credentialsOf('b.example')))).toEqual(['b2', 'b1']);
    expect(await store.read((reader) => reader.rpIds())).toEqual(['b.example', 'a.example']);
    await store.write((writer) => writer.deleteCredential(utf8('b1')));
    expect(await store.read((reader) => reader.rpIds())).toEqual(['a.example', 'b.example']);
  });

  it('replaces by ID, which makes the credential the newest', async () => {
    const store = await opened();
    await store.write((writer) => {
      writer.putCredential(sampleCredential('a'));
      writer.putCredential(sampleCredential('b'));
      writer.putCredential({ ...sampleCredential('a'), credProtect: 3 });
    });
    const credentials = await store.read((reader) => reader.credentialsOf('example.org'));
    expect(names(credentials)).toEqual(['a', 'b']);
    expect(credentials[0]?.credProtect).toBe(3);
    expect(await store.read((reader) => reader.credentialCount())).toBe(2);
  });

  it('moves a credential that is replaced under another relying party', async () => {
    const store = await opened();
    await store.write((writer) => {
      writer.putCredential(sampleCredential('a', 'a.example'));
      writer.putCredential(sampleCredential('a', 'b.example'));
    });
    expect(await store.read((reader) => reader.rpIds())).toEqual(['b.example']);
  });

  it('puts another one in the place of a credential, which stays as old as it was', async () => {
    const store = await opened();
    const old = await store.write((writer) => {
      const first = writer.putCredential({ ...sampleCredential('a'), userName: 'ada' });
      writer.putCredential(sampleCredential('b'));
      return first;
    });
    const { userName: _, ...nameless } = old;
    const blob = Uint8Array.of(1);
    const change = { ...nameless, userDisplayName: 'Ada', credBlob: blob, created: 99 };
    expect(await store.write((writer) => writer.replaceCredential(change))).toBe(true);
    blob.fill(0);
    const credentials = await store.read((reader) => reader.credentialsOf('example.org'));
    expect(names(credentials)).toEqual(['b', 'a']);
    const expected = { ...change, credBlob: Uint8Array.of(1), created: old.created };
    expect(credentials[1]).toEqual(expected);
    expect(await store.read((reader) => reader.credential(utf8('a')))).toEqual(expected);
    expect(await store.read((reader) => reader.credentialCount())).toBe(2);
  });

  it('says whether there was anything to put another one in the place of', async () => {
    const store = await opened();
    const old = await store.write((writer) => writer.putCredential(sampleCredential('a')));
    const before = await store.read(snapshot);
    const elsewhere = { ...old, rpId: 'example.com' };
    expect(await store.write((writer) => writer.replaceCredential(elsewhere))).toBe(false);
    const unknown = { ...old, id: utf8('b') };
    expect(await store.write((writer) => writer.replaceCredential(unknown))).toBe(false);
    expect(await store.read(snapshot)).toEqual(before);
  });

  it('finds a credential that is not discoverable by its ID alone, and does not count it', async () => {
    const store = await opened();
    const hidden = { ...sampleCredential('a'), discoverable: false } as const;
    const stored = await store.write((writer) => {
      writer.putCredential(sampleCredential('b'));
      return writer.putCredential(hidden);
    });
    expect(await store.read((reader) => reader.credential(utf8('a')))).toEqual(stored);
    expect(names(await store.read((reader) => reader.credentialsOf('example.org')))).toEqual(['b']);
    expect(await store.read((reader) => reader.credentialCount())).toBe(1);
    const named = { ...stored, userName: 'ada' };
    expect(await store.write((writer) => writer.replaceCredential(named))).toBe(true);
    expect(await store.read((reader) => reader.credential(utf8('a')))).toEqual(named);
    expect(await store.write((writer) => writer.deleteCredential(utf8('b')))).toBe(true);
    expect(await store.read((reader) => reader.rpIds())).toEqual([]);
    expect(await store.write((writer) => writer.deleteCredential(utf8('a')))).toBe(true);
    expect(await store.read((reader) => [reader.credential(utf8('a')), reader.credentialCount()])).toEqual([
      undefined,
      0,
    ]);
  });

  it('puts a credential into the lists, or out of them, when it is replaced by such a one', async () => {
    const store = await opened();
    const lists = () =>
      store.read((reader) => [names(reader.credentialsOf('example.org')), reader.credentialCount()]);
    for (const discoverable of [false, undefined, false, undefined] as const) {
      const change = discoverable === undefined ? {} : { discoverable };
      const stored = await store.write((writer) =>
        writer.putCredential({ ...sampleCredential('a'), ...change }),
      );
      expect(await lists()).toEqual(discoverable === undefined ? [['a'], 1] : [[], 0]);
      const { discoverable: _, ...listed } = stored;
      const other = discoverable === undefined ? { ...listed, discoverable: false as const } : listed;
      expect(await store.write((writer) => writer.replaceCredential(other))).toBe(false);
    }
    await store.write((writer) => {
      writer.putCredential({ ...sampleCredential('b'), discoverable: false });
      writer.reset();
    });
    expect(await lists()).toEqual([[], 0]);
  });

  it('says whether there was anything to delete', async () => {
    const store = await opened();
    await store.write((writer) => writer.putCredential(sampleCredential('a')));
    expect(await store.write((writer) => writer.deleteCredential(utf8('b')))).toBe(false);
    expect(await store.write((writer) => writer.deleteCredential(utf8('a')))).toBe(true);
    expect(await store.read((reader) => reader.rpIds())).toEqual([]);
  });

  it('counts up by one or more, never beyond 32 bits', async () => {
    const store = await opened();
    expect(await store.write((writer) => writer.advanceCounter(1))).toBe(1);
    expect(await store.write((writer) => writer.advanceCounter(0))).toBe(2);
    expect(await store.write((writer) => writer.advanceCounter(2 ** 32))).toBe(2 ** 32 - 1);
    expect(await store.write((writer) => writer.advanceCounter(1))).toBe(2 ** 32 - 1);
  });

  it('keeps PIN, state, large blobs and templates', async () => {
    const store = await opened();
    const hash = new Uint8Array(16).fill(8);
    const pin = { hash, codePoints: 4, pinRetries: 7, uvRetries: 3, complex: true, uvCount: 2 };
    await store.write((writer) => {
      writer.setPin(pin);
      writer.setState(STATE);
      writer.setLargeBlobs(Uint8Array.of(0x80));
      writer.putTemplate({ id: Uint8Array.of(1), finger: 'thumb', friendlyName: 'thumb' });
      writer.putTemplate({ id: Uint8Array.of(2), finger: 'index' });
      writer.putTemplate({ id: Uint8Array.of(1), finger: 'thumb', friendlyName: 'left thumb' });
      writer.deleteTemplate(Uint8Array.of(2));
    });
    expect(await store.read(snapshot)).toMatchObject({
      pin,
      state: STATE,
      largeBlobs: Uint8Array.of(0x80),
      templates: [{ id: Uint8Array.of(1), finger: 'thumb', friendlyName: 'left thumb' }],
    });
    expect(await store.write((writer) => writer.deleteTemplate(Uint8Array.of(2)))).toBe(false);
    await store.write((writer) => writer.setPin(NO_PIN));
    expect(await store.read((reader) => reader.pin())).toEqual(NO_PIN);
  });

  it('forgets everything but the counter with a reset', async () => {
    const store = await opened();
    await store.write(fill);
    await store.write((writer) => writer.reset());
    const after = await store.read(snapshot);
    expect(after).toMatchObject({ credentials: [], count: 0, counter: 41, templates: [] });
    expect([after.pin, after.state, after.largeBlobs]).toEqual([undefined, undefined, undefined]);
  });

  it('is not changed by what becomes of the bytes that it was given', async () => {
    const store = await opened();
    const credential = sampleCredential('a');
    const key = Uint8Array.from(STATE.wrappingKey);
    const token = new Uint8Array(32).fill(8);
    const persistent = { ...PERSISTENT, token };
    await store.write((writer) => {
      writer.putCredential(credential);
      writer.setState({ ...STATE, wrappingKey: key, persistent });
    });
    key.fill(0);
    token.fill(0);
    credential.keyPair.privateKey.fill(0);
    credential.id.fill(0);
    expect(await store.read((reader) => reader.state())).toEqual(STATE);
    const stored = await store.read((reader) => reader.credential(utf8('a')));
    expect(stored).toMatchObject(sampleCredential('a'));
  });
}

/** Something of everything. */
function fill(writer: StoreWriter): void {
  writer.putCredential(sampleCredential('x', 'x.example'));
  writer.putCredential(sampleCredential('y', 'y.example'));
  writer.advanceCounter(41);
  writer.setPin({ ...NO_PIN, codePoints: 4, hash: new Uint8Array(16) });
  writer.setState(STATE);
  writer.setLargeBlobs(Uint8Array.of(1));
  writer.putTemplate({ id: Uint8Array.of(1), finger: 'thumb' });
}

function describeTransactions(opened: Opened): void {
  const failure = new TypeError('the body failed');

  it('changes nothing when the body throws', async () => {
    const store = await opened();
    await store.write(fill);
    const before = await store.read(snapshot);
    const attempt = store.write((writer) => {
      writer.deleteCredential(utf8('x'));
      writer.putCredential(sampleCredential('y', 'z.example'));
      writer.putCredential(sampleCredential('z', 'y.example'));
      writer.advanceCounter(1);
      writer.deleteTemplate(Uint8Array.of(1));
      writer.reset();
      writer.putCredential(sampleCredential('w'));
      writer.replaceCredential({ ...sampleCredential('w'), userName: 'eve', created: 1 });
      writer.setLargeBlobs(Uint8Array.of(2));
      throw failure;
    });
    await expect(attempt).rejects.toBe(failure);
    expect(await store.read(snapshot)).toEqual(before);
  });

  it('shows a body its own changes', async () => {
    const store = await opened();
    const seen = await store.write((writer) => {
      fill(writer);
      writer.deleteCredential(utf8('x'));
      return snapshot(writer);
    });
    expect(seen).toMatchObject({ rpIds: ['y.example'], counter: 41 });
    expect(await store.read(snapshot)).toEqual(seen);
  });

  it('runs transactions in the order of their calls', async () => {
    const store = await opened();
    const counts = Array.from({ length: 20 }, (_, at) =>
      at % 2 === 0
        ? store.write((writer) => writer.advanceCounter(1))
        : store.read((reader) => reader.counter()),
    );
    expect(await Promise.all(counts)).toEqual(Array.from({ length: 20 }, (_, at) => Math.floor(at / 2) + 1));
  });

  it('goes on after a body that threw', async () => {
    const store = await opened();
    const first = store.write(() => {
      throw failure;
    });
    const second = store.write((writer) => writer.advanceCounter(1));
    await expect(first).rejects.toBe(failure);
    expect(await second).toBe(1);
  });

  it('refuses a transaction that is used after its end', async () => {
    const store = await opened();
    const [writer, reader] = [await store.write((it) => it), await store.read((it) => it)];
    const conflict = expect.objectContaining({ code: 'store-conflict' });
    expect(() => writer.advanceCounter(1)).toThrow(conflict);
    expect(() => reader.counter()).toThrow(conflict);
  });

  it('refuses everything once it is closed', async () => {
    const store = await opened();
    await store.close();
    const conflict = expect.objectContaining({ code: 'store-conflict' });
    await expect(store.read((reader) => reader.counter())).rejects.toThrow(conflict);
    await expect(store.write((writer) => writer.advanceCounter(1))).rejects.toThrow(conflict);
  });
}

type Step =
  | { readonly kind: 'put'; readonly id: string; readonly rpId: string }
  | { readonly kind: 'delete'; readonly id: string }
  | { readonly kind: 'count'; readonly by: number }
  | { readonly kind: 'reset' };

const idArbitrary = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const stepArbitrary: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('put'), id: idArbitrary, rpId: idArbitrary }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('delete'), id: idArbitrary }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('count'), by: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reset') }) },
);

/** The simplest store that could be right: a list, oldest first. */
interface Model {
  readonly credentials: readonly { readonly id: string; readonly rpId: string }[];
  readonly counter: number;
}

function inModel(model: Model, step: Step): Model {
  if (step.kind === 'reset') return { ...model, credentials: [] };
  if (step.kind === 'count') return { ...model, counter: model.counter + Math.max(1, step.by) };
  const others = model.credentials.filter((other) => other.id !== step.id);
  const { id } = step;
  return { ...model, credentials: step.kind === 'put' ? [...others, { id, rpId: step.rpId }] : others };
}

function inStore(writer: StoreWriter, step: Step): void {
  if (step.kind === 'reset') writer.reset();
  else if (step.kind === 'count') writer.advanceCounter(step.by);
  else if (step.kind === 'delete') writer.deleteCredential(utf8(step.id));
  else writer.putCredential(sampleCredential(step.id, step.rpId));
}

function ofModel(model: Model) {
  const rpIds = [...new Set(model.credentials.map((credential) => credential.rpId))];
  const of = (rpId: string) =>
    model.credentials.filter((credential) => credential.rpId === rpId).map((credential) => credential.id);
  return { rpIds, ids: rpIds.map((rpId) => of(rpId).reverse()), counter: model.counter };
}

function ofStore(reader: StoreReader) {
  const rpIds = reader.rpIds();
  return {
    rpIds,
    ids: rpIds.map((rpId) => names(reader.credentialsOf(rpId))),
    counter: reader.counter(),
  };
}

function describeAgainstModel(opened: Opened): void {
  it('agrees with a plain list under any transactions, failed ones included', async () => {
    const transaction = fc.record({ steps: fc.array(stepArbitrary, { maxLength: 6 }), fails: fc.boolean() });
    const property = fc.asyncProperty(fc.array(transaction, { maxLength: 12 }), async (transactions) => {
      const store = await opened();
      let model: Model = { credentials: [], counter: 0 };
      for (const { steps, fails } of transactions) {
        const run = store.write((writer) => {
          for (const step of steps) inStore(writer, step);
          if (fails) throw new TypeError('on purpose');
        });
        if (fails) await expect(run).rejects.toThrow('on purpose');
        else await run;
        if (!fails) model = steps.reduce(inModel, model);
        expect(await store.read(ofStore)).toEqual(ofModel(model));
      }
      await store.close();
    });
    await fc.assert(property, { numRuns: 60 });
  });
}

function describeReopening(
  opened: Opened,
  reopen: (store: CredentialStore) => Promise<CredentialStore>,
): void {
  it('has what was written when it is opened again', async () => {
    const store = await opened();
    await store.write(fill);
    const before = await store.read(snapshot);
    const again = await reopen(store);
    expect(await again.read(snapshot)).toEqual(before);
    const newest = await again.write((writer) => writer.putCredential(sampleCredential('new')));
    expect(before.credentials.every((credential) => credential.created < newest.created)).toBe(true);
  });
}
