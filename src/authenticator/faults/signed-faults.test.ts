/**
 * Faults of what is signed. Each does its own damage: every other member is that of a key with the same past and without the fault.
 */
import { describe, expect, it } from 'vitest';
import { createBasicAttester, createTestRoot, noneAttester } from '../../attestation/attestation.js';
import { decodeAuthenticatorData, FLAGS } from '../../ctap/authenticator-data.js';
import type { CborMap } from '../../ctap/cbor.js';
import type { DeviceFaultInput } from '../../ctap/device-faults.js';
import { getAssertionRequest, getAssertionResponse } from '../../ctap/messages/get-assertion.js';
import { makeCredentialRequest, makeCredentialResponse } from '../../ctap/messages/make-credential.js';
import { encodeRequest } from '../../ctap/messages/message.js';
import { concat, utf8 } from '../../data/bytes.js';
import {
  AAGUID,
  CLIENT_DATA_HASH,
  countOf,
  getAssertion,
  getNextAssertion,
  goodRegistration,
  mustSucceed,
  nodeCrypto,
  type Registered,
  RP_ID,
  readAnswer,
  registerDiscoverable,
  signedBy,
  type TestKey,
} from '../test-platform.suite.js';
import { UNASKED_EXTENSION } from './bad-authenticator-data.js';
import { createTwins } from './twins.suite.js';

const ASSERT = encodeRequest(
  'authenticatorGetAssertion',
  getAssertionRequest.write({ rpId: RP_ID, clientDataHash: CLIENT_DATA_HASH }),
);
const REGISTER = encodeRequest(
  'authenticatorMakeCredential',
  makeCredentialRequest.write({
    ...goodRegistration(),
    extensions: new Map<string, number | boolean>([
      ['credProtect', 2],
      ['hmac-secret', true],
    ]),
  }),
);

/** One account. */
const ada = (key: TestKey) => registerDiscoverable(key, 'ada');

/** Two, of whom the first is asked for later. */
async function adaAndBob(key: TestKey) {
  const first = await ada(key);
  await registerDiscoverable(key, 'bob');
  return first;
}

/** Ada and somebody elsewhere. */
async function adaAndStranger(key: TestKey) {
  const stranger = await registerDiscoverable(key, 'eve', { rp: { id: 'else.example' } });
  await ada(key);
  return stranger;
}

async function assertions(fault: DeviceFaultInput, past: (key: TestKey) => Promise<Registered> = ada) {
  const twins = await createTwins(fault, past);
  const compared = await twins.compare(ASSERT);
  return { ...twins, ...compared, answer: mustSucceed(readAnswer(compared.bad, getAssertionResponse)) };
}

async function registrations(
  fault: DeviceFaultInput,
  options: Parameters<typeof createTwins>[2] = {},
  past: (key: TestKey) => Promise<Registered> = ada,
) {
  const twins = await createTwins(fault, past, options);
  const compared = await twins.compare(REGISTER);
  return { ...twins, ...compared, answer: mustSucceed(readAnswer(compared.bad, makeCredentialResponse)) };
}

/** Whether a self attestation over this authenticator data is right. */
function selfSigned(
  publicKeyOf: Uint8Array,
  { authData, attStmt }: { readonly authData: Uint8Array; readonly attStmt?: unknown },
  hash = CLIENT_DATA_HASH,
): boolean {
  const publicKey = decodeAuthenticatorData(publicKeyOf).attestedCredential?.publicKey;
  const signature = attStmt instanceof Map ? (attStmt as CborMap).get('sig') : undefined;
  if (publicKey === undefined || !(signature instanceof Uint8Array)) throw new TypeError('no statement');
  return nodeCrypto.verify(publicKey, concat(authData, hash), signature);
}

/** What a damaged hash is: its last bit flipped. */
const OTHER_HASH = CLIENT_DATA_HASH.map((byte, at) => (at === 31 ? byte ^ 1 : byte));

describe('the signature of an assertion', () => {
  it('is wrong by one bit', async () => {
    const { damage, past, answer, good } = await assertions({ fault: 'signature', value: 'wrong' });
    expect(damage).toEqual(['3']);
    expect(signedBy(past, answer)).toBe(false);
    const right = mustSucceed(readAnswer(good, getAssertionResponse)).signature;
    expect(right.filter((byte, at) => byte !== answer.signature[at])).toHaveLength(1);
  });

  it('is one over other client data', async () => {
    const { damage, past, answer } = await assertions({ fault: 'signature', value: 'other-data' });
    expect(damage).toEqual(['3']);
    const publicKey = past.authData.attestedCredential?.publicKey;
    if (publicKey === undefined) throw new TypeError('no public key');
    expect(signedBy(past, answer)).toBe(false);
    expect(nodeCrypto.verify(publicKey, concat(answer.authData, OTHER_HASH), answer.signature)).toBe(true);
  });

  it('is empty', async () => {
    const { damage, answer } = await assertions({ fault: 'signature', value: 'empty' });
    expect(damage).toEqual(['3']);
    expect(answer.signature).toHaveLength(0);
  });

  it('is wrong in GetNextAssertion too', async () => {
    const { faulty, honest, past } = await assertions({ fault: 'signature', value: 'wrong' }, adaAndBob);
    expect(signedBy(past, mustSucceed(await getNextAssertion(honest)))).toBe(true);
    expect(signedBy(past, mustSucceed(await getNextAssertion(faulty)))).toBe(false);
  });
});

describe('authenticator data', () => {
  it('is that of another relying party, and signed', async () => {
    const { damage, past, answer } = await assertions({ fault: 'rp-id-hash' });
    expect(damage).toEqual(['2.rpIdHash', '3']);
    expect(signedBy(past, answer)).toBe(true);
    const made = await registrations({ fault: 'rp-id-hash' });
    expect(made.damage).toEqual(['2.rpIdHash', '3.sig']);
    expect(selfSigned(made.answer.authData, made.answer)).toBe(true);
  });

  it.each([
    ['flag-up', 'clear', FLAGS.UP],
    ['flag-uv', 'set', FLAGS.UV],
    ['flag-be', 'set', FLAGS.BE],
    ['flag-bs', 'set', FLAGS.BS],
    ['flag-at', 'set', FLAGS.AT],
    ['flag-ed', 'set', FLAGS.ED],
  ])('has %s %s, and is signed', async (fault, value, bit) => {
    const { damage, past, answer, good } = await assertions({ fault, value });
    expect(damage).toEqual(['2.flags', '3']);
    expect(signedBy(past, answer)).toBe(true);
    const honest = mustSucceed(readAnswer(good, getAssertionResponse)).authData[32] ?? 0;
    expect(honest ^ (answer.authData[32] ?? 0)).toBe(bit);
  });

  it.each([
    ['flag-at', FLAGS.AT],
    ['flag-ed', FLAGS.ED],
  ])('of a registration has %s clear in spite of what follows', async (fault, bit) => {
    const { damage, good, answer } = await registrations({ fault, value: 'clear' });
    expect(damage).toEqual(['2.flags', '3.sig']);
    const honest = mustSucceed(readAnswer(good, makeCredentialResponse)).authData;
    expect((honest[32] ?? 0) ^ (answer.authData[32] ?? 0)).toBe(bit);
    expect(selfSigned(honest, answer)).toBe(true);
  });

  it('is not damaged by a flag that is as it should be', async () => {
    const { faulty, damage } = await assertions({ fault: 'flag-up', value: 'set', times: 1 });
    expect(damage).toEqual([]);
    expect(faulty.machine.faults.faults).toHaveLength(1);
  });
});

describe('the counter', () => {
  /** Five assertions, the fault from the third to the fourth. */
  async function countsWith(value: string): Promise<readonly number[]> {
    const twins = await createTwins({ fault: 'counter', value, times: 2 }, async (key) => {
      const first = await ada(key);
      await getAssertion(key);
      await getAssertion(key);
      return first;
    });
    const counts: number[] = [];
    for (let at = 0; at < 3; at++) {
      const answer = mustSucceed(await getAssertion(twins.faulty));
      expect(signedBy(twins.past, answer)).toBe(true);
      counts.push(countOf(answer));
    }
    return counts;
  }

  it.each([
    ['stuck', [2, 2, 3]],
    ['regressing', [1, 0, 3]],
    ['jumping', [1_000_002, 2_000_002, 2_000_003]],
    ['zero', [0, 0, 3]],
  ])('is %s, and goes on afterwards', async (value, expected) => {
    expect(await countsWith(value)).toEqual(expected);
  });

  it('is all that is wrong', async () => {
    expect((await assertions({ fault: 'counter', value: 'jumping' })).damage).toEqual(['2.signCount', '3']);
  });
});

describe('extension outputs', () => {
  const outputsOf = ({ authData }: { readonly authData: Uint8Array }) =>
    decodeAuthenticatorData(authData).extensions;

  it('are missing, and so is their flag', async () => {
    const { damage, answer } = await registrations({ fault: 'extension-output', value: 'missing' });
    expect(damage).toEqual(['2.flags', '2.rest', '3.sig']);
    expect(outputsOf(answer)).toBeUndefined();
    expect(selfSigned(answer.authData, answer)).toBe(true);
  });

  it('are wrong', async () => {
    const { damage, answer } = await registrations({ fault: 'extension-output', value: 'wrong' });
    expect(damage).toEqual(['2.rest', '3.sig']);
    expect(outputsOf(answer)).toEqual(
      new Map<string, number | boolean>([
        ['credProtect', 3],
        ['hmac-secret', false],
      ]),
    );
  });

  it('have one that nobody asked for', async () => {
    const { damage, answer, past } = await assertions({ fault: 'extension-output', value: 'unasked' });
    expect(damage).toEqual(['2.flags', '2.rest', '3']);
    expect(outputsOf(answer)).toEqual(new Map([[UNASKED_EXTENSION, true]]));
    expect(signedBy(past, answer)).toBe(true);
  });

  it('stay as they are where there are none', async () => {
    expect((await assertions({ fault: 'extension-output', value: 'wrong' })).damage).toEqual([]);
    expect((await assertions({ fault: 'extension-output', value: 'missing' })).damage).toEqual([]);
  });
});

describe('the credential ID', () => {
  it('is that of another account', async () => {
    const { damage, answer, past } = await assertions({ fault: 'credential-id' }, adaAndBob);
    // Bob is the newer one and answers; the ID is Ada's.
    expect(damage).toEqual(['1.id']);
    expect(answer.credential?.id).toEqual(past.id);
  });

  it('is that of a stranger where there is no other account, and nobody’s where there is none at all', async () => {
    const { answer, past } = await assertions({ fault: 'credential-id' }, adaAndStranger);
    expect(answer.credential?.id).toEqual(past.id);
    const alone = await assertions({ fault: 'credential-id' });
    expect(alone.damage).toEqual(['1.id']);
    expect(alone.answer.credential?.id).not.toEqual(alone.past.id);
  });

  it('is not there', async () => {
    const { damage, answer } = await assertions({ fault: 'credential-id', value: 'omitted' });
    expect(damage).toEqual(['1.id', '1.type']);
    expect(answer.credential).toBeUndefined();
  });

  it('of a registration is that of another credential, and signed', async () => {
    const { damage, answer, past } = await registrations({ fault: 'credential-id' });
    expect(damage).toEqual(['2.rest', '3.sig']);
    expect(decodeAuthenticatorData(answer.authData).attestedCredential?.credentialId).toEqual(past.id);
    expect(selfSigned(answer.authData, answer)).toBe(true);
  });
});

describe('the user', () => {
  it('is somebody else', async () => {
    const { damage, answer } = await assertions({ fault: 'user-handle' }, adaAndBob);
    expect(damage).toEqual(['4.id']);
    expect(answer.user?.id).toEqual(utf8('ada'));
  });

  it('is nobody whom the key knows where it knows nobody else', async () => {
    const { damage, answer } = await assertions({ fault: 'user-handle' });
    expect(damage).toEqual(['4.id']);
    expect(answer.user?.id).not.toEqual(utf8('ada'));
  });

  it('is not there', async () => {
    const { damage, answer } = await assertions({ fault: 'user-handle', value: 'omitted' });
    expect(damage).toEqual(['4.id']);
    expect(answer.user).toBeUndefined();
  });
});

describe('an attestation', () => {
  it('has a wrong signature', async () => {
    const { damage, answer } = await registrations({ fault: 'attestation-signature' });
    expect(damage).toEqual(['3.sig']);
    expect(selfSigned(answer.authData, answer)).toBe(false);
  });

  it('is over other client data', async () => {
    const { damage, answer } = await registrations({ fault: 'attestation-signature', value: 'other-data' });
    expect(damage).toEqual(['3.sig']);
    expect(selfSigned(answer.authData, answer, OTHER_HASH)).toBe(true);
  });

  it('keeps its certificates', async () => {
    const root = await createTestRoot(nodeCrypto, Date.UTC(2026, 0, 1));
    const attester = await createBasicAttester({
      crypto: nodeCrypto,
      root,
      aaguid: AAGUID,
      now: Date.UTC(2026, 0, 1),
    });
    const { answer, good } = await registrations({ fault: 'attestation-signature' }, { attester });
    const certificates = (answerBytes: Uint8Array) => {
      const { attStmt } = mustSucceed(readAnswer(answerBytes, makeCredentialResponse));
      return attStmt instanceof Map ? (attStmt as CborMap).get('x5c') : undefined;
    };
    expect(certificates(good)).toBeDefined();
    expect(answer.attStmt instanceof Map && (answer.attStmt as CborMap).get('x5c')).toEqual(
      certificates(good),
    );
  });

  it.each(['wrong', 'other-data'])('that is none has no %s signature', async (value) => {
    const { damage, faulty } = await registrations(
      { fault: 'attestation-signature', value, times: 1 },
      { attester: noneAttester },
    );
    expect(damage).toEqual([]);
    expect(faulty.machine.faults.faults).toHaveLength(1);
  });

  it('says that it is an enterprise one', async () => {
    const { damage, answer } = await registrations({ fault: 'enterprise-attestation' });
    expect(damage).toEqual(['4']);
    expect(answer.epAtt).toBe(true);
  });
});
