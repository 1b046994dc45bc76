import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Attester,
  compoundAttester,
  createAndroidKeyAttester,
  createAppleAttester,
  createBasicAttester,
  createFidoU2fAttester,
  createTestRoot,
  createTpmAttester,
  noneAttester,
  selfAttester,
} from './attestation.js';
import { decodeAttestationObject, encodeAttestationObject } from './attestation-object.js';
import { compoundStatement, compoundVoucher } from './compound.js';
import {
  AAGUID,
  crypto,
  forgetRoots,
  judge,
  NOW,
  type Registered,
  register,
  trust,
  withBit,
} from './judge.suite.js';
import type { SingleStatement } from './statement.js';

const root = createTestRoot(crypto, NOW);
beforeAll(async () => {
  for (const format of ['packed', 'tpm', 'android-key', 'apple'] as const)
    trust(format, (await root).certificate);
});
afterAll(forgetRoots);

async function options() {
  return { crypto, root: await root, aaguid: AAGUID, now: NOW };
}

/** All that can be together. */
async function everything(): Promise<Attester> {
  const made = await options();
  return compoundAttester(
    await createBasicAttester(made),
    selfAttester,
    await createTpmAttester(made),
    createAndroidKeyAttester(made),
    createAppleAttester(made),
  );
}

/** The statements inside, read from the bytes that a relying party gets. */
function partsOf({ statement, authData }: Registered): readonly SingleStatement[] {
  const { fmt, attStmt } = decodeAttestationObject(encodeAttestationObject({ ...statement, authData }));
  if (fmt !== 'compound' || !Array.isArray(attStmt)) throw new TypeError(`not compound: ${fmt}`);
  return attStmt.map((part) => {
    const [name, inner] = [part.get('fmt'), part.get('attStmt')];
    if (typeof name !== 'string' || !(inner instanceof Map)) throw new TypeError('not a statement');
    return { fmt: name, attStmt: inner };
  });
}

// No verifier on npm knows "compound", so each statement is judged by itself, with the same authenticator data.
describe('compound, judged statement by statement by @simplewebauthn/server', () => {
  it('has statements that are all accepted', async () => {
    const registered = await register({ attester: await everything() });
    const parts = partsOf(registered);
    const verdicts = await Promise.all(parts.map((part) => judge(registered, part)));
    expect(verdicts).toEqual(['packed', 'packed', 'tpm', 'android-key', 'apple']);
  });

  it('has statements that are all refused in another registration', async () => {
    const attester = await everything();
    const [one, other] = [await register({ attester }), await register({ attester })];
    for (const part of partsOf(one)) {
      expect(await judge(one, part)).toBe(part.fmt);
      expect(await judge(other, part)).not.toBe(part.fmt);
    }
  });

  it('is refused as a whole when one statement has another signature, and its neighbours are not', async () => {
    const registered = await register({ attester: await everything() });
    const parts = partsOf(registered);
    const verdicts = parts.map((part) =>
      judge(registered, part.fmt === 'tpm' ? withBit(part, 'sig', -1) : part),
    );
    expect(await Promise.all(verdicts)).toEqual(['packed', 'packed', false, 'android-key', 'apple']);
  });
});

describe('compound', () => {
  it('vouches for what all of its parts vouch for', async () => {
    const made = await options();
    const both = compoundAttester(selfAttester, createAppleAttester(made));
    expect([both.vouchesFor?.(-7), both.vouchesFor?.(-8)]).toEqual([true, false]);
    expect(compoundAttester(selfAttester, selfAttester).vouchesFor?.(-8)).toBe(true);
  });

  it('says how long it gets only when all of its parts do', async () => {
    const { longest: _, ...silent } = selfAttester;
    expect(compoundAttester(selfAttester, selfAttester).longest).toBeDefined();
    expect(compoundAttester(selfAttester, silent).longest).toBeUndefined();
  });

  it('is not made from fewer than two statements, or from one that is compound', async () => {
    const compound = compoundAttester(selfAttester, noneAttester);
    const refusal = expect.objectContaining({ code: 'attestation-failed' });
    expect(() => compoundAttester()).toThrow(refusal);
    expect(() => compoundAttester(selfAttester)).toThrow(refusal);
    expect(() => compoundAttester(selfAttester, compound)).toThrow(refusal);
    expect(() => compoundVoucher(compound, selfAttester)).toThrow(refusal);
    const none = { fmt: 'none', attStmt: new Map() };
    expect(() => compoundStatement([none])).toThrow(refusal);
    expect(() => compoundStatement([none, compoundStatement([none, none])])).toThrow(refusal);
  });

  it('is not made from fido-u2f, whose authenticator data has no AAGUID, and another format', async () => {
    const { aaguid: _, ...made } = await options();
    const u2f = await createFidoU2fAttester(made);
    const refusal = expect.objectContaining({ code: 'attestation-failed' });
    expect(() => compoundAttester(u2f, selfAttester)).toThrow(refusal);
    expect(() => compoundAttester(selfAttester, u2f)).toThrow(refusal);
    expect(compoundAttester(u2f, u2f).aaguid).toEqual(u2f.aaguid);
  });
});
