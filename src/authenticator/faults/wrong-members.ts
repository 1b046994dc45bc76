/**
 * Members of an answer that are wrong and that nobody has signed.
 */
import type { CborKey, CborMap, CborValue } from '../../ctap/cbor.js';
import { getAssertionResponse } from '../../ctap/messages/get-assertion.js';
import { makeCredentialResponse } from '../../ctap/messages/make-credential.js';
import { sameBytes } from '../../data/bytes.js';
import type { CredentialStore, StoredCredential, StoreReader } from '../ports.js';
import { flipped, wrongMap } from './damage.js';
import type { FaultsAtHand } from './faults-at-hand.js';

const ASSERTION = getAssertionResponse.members;
const REGISTRATION = makeCredentialResponse.members;

/** Which answer it is. */
export type Ceremony = 'registration' | 'assertion';

/** The members of an answer, some of them wrong. */
export async function wrongMembers(
  store: CredentialStore,
  ceremony: Ceremony,
  members: CborMap,
  faults: FaultsAtHand,
): Promise<CborMap> {
  const out = new Map(members);
  if (ceremony === 'registration') {
    wrongStatement(out, faults);
    enterpriseAttestation(out, faults);
  } else {
    const own = await store.read((reader) => neighbours(reader, idIn(members)));
    wrongId(out, faults, own);
    wrongUser(out, faults, own);
  }
  unsignedOutputs(out, ceremony, faults);
  return out;
}

/** The ID of any credential that there is. */
export function otherId(store: CredentialStore): Promise<Uint8Array | undefined> {
  return store.read((reader) => {
    const [rpId] = reader.rpIds();
    return rpId === undefined ? undefined : reader.credentialsOf(rpId).at(-1)?.id;
  });
}

function idIn(members: CborMap): Uint8Array {
  const credential = members.get(ASSERTION.credential.key);
  const id = credential instanceof Map ? (credential as CborMap).get('id') : undefined;
  return id instanceof Uint8Array ? id : new Uint8Array(0);
}

/** Other credentials, those of the same relying party if it has any. */
function neighbours(reader: StoreReader, id: Uint8Array): readonly StoredCredential[] {
  const others = (rpId: string) => reader.credentialsOf(rpId).filter((one) => !sameBytes(one.id, id));
  const rpId = reader.credential(id)?.rpId;
  const near = rpId === undefined ? [] : others(rpId);
  if (near.length > 0) return near;
  const far = reader.rpIds().find((one) => one !== rpId);
  return far === undefined ? [] : others(far);
}

function wrongId(
  out: Map<CborKey, CborValue>,
  faults: FaultsAtHand,
  others: readonly StoredCredential[],
): void {
  const kind = faults.value('credential-id');
  const credential = out.get(ASSERTION.credential.key);
  if (kind === undefined || !(credential instanceof Map)) return;
  faults.strike('credential-id');
  if (kind === 'omitted') out.delete(ASSERTION.credential.key);
  else {
    const id = others[0]?.id ?? flipped(idIn(out));
    out.set(ASSERTION.credential.key, new Map([...(credential as CborMap), ['id', id]]));
  }
}

function wrongUser(
  out: Map<CborKey, CborValue>,
  faults: FaultsAtHand,
  others: readonly StoredCredential[],
): void {
  const kind = faults.value('user-handle');
  const user = out.get(ASSERTION.user.key);
  if (kind === undefined || !(user instanceof Map)) return;
  const own = (user as CborMap).get('id');
  if (!(own instanceof Uint8Array)) return;
  faults.strike('user-handle');
  if (kind === 'omitted') out.delete(ASSERTION.user.key);
  else {
    const id = others.find(({ userId }) => !sameBytes(userId, own))?.userId ?? flipped(own);
    out.set(ASSERTION.user.key, new Map([...(user as CborMap), ['id', id]]));
  }
}

/** The signature of every statement that has one: compound statements hold several. */
function wrongStatement(out: Map<CborKey, CborValue>, faults: FaultsAtHand): void {
  if (faults.value('attestation-signature') !== 'wrong') return;
  const statement = out.get(REGISTRATION.attStmt.key);
  if (statement === undefined) return;
  out.set(REGISTRATION.attStmt.key, withWrongSignature(statement, faults));
}

function withWrongSignature(statement: CborValue, faults: FaultsAtHand): CborValue {
  if (Array.isArray(statement)) {
    return (statement as readonly CborValue[]).map((part) => {
      const inner = part instanceof Map ? (part as CborMap).get('attStmt') : undefined;
      if (inner === undefined) return part;
      return new Map([...(part as CborMap), ['attStmt', withWrongSignature(inner, faults)]]);
    });
  }
  if (!(statement instanceof Map)) return statement;
  const signature = (statement as CborMap).get('sig');
  if (!(signature instanceof Uint8Array)) return statement;
  faults.strike('attestation-signature');
  return new Map([...(statement as CborMap), ['sig', flipped(signature)]]);
}

function enterpriseAttestation(out: Map<CborKey, CborValue>, faults: FaultsAtHand): void {
  const { key } = REGISTRATION.epAtt;
  if (faults.value('enterprise-attestation') === undefined || out.get(key) === true) return;
  faults.strike('enterprise-attestation');
  out.set(key, true);
}

/** Outputs beside authenticator data (CTAP 2.2 §6.1.2, unsignedExtensionOutputs). */
function unsignedOutputs(out: Map<CborKey, CborValue>, ceremony: Ceremony, faults: FaultsAtHand): void {
  const table = ceremony === 'registration' ? REGISTRATION : ASSERTION;
  const { key } = table.unsignedExtensionOutputs;
  const kind = faults.value('extension-output');
  const outputs = out.get(key);
  if (!(outputs instanceof Map) || (kind !== 'missing' && kind !== 'wrong')) return;
  faults.strike('extension-output');
  if (kind === 'missing') out.delete(key);
  else out.set(key, wrongMap(outputs));
}
