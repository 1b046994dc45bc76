/**
 * Plays steps: on the key over CTAP, and on the model; what they don't agree on is a fault of one of them.
 */

import { decodeAuthenticatorData, FLAGS } from '../../ctap/authenticator-data.js';
import { encode } from '../../ctap/cbor.js';
import type { CommandName } from '../../ctap/commands.js';
import type { CoseKey } from '../../ctap/cose.js';
import {
  CLIENT_PIN_SUBCOMMANDS,
  clientPinRequest,
  clientPinResponse,
  PERMISSIONS,
} from '../../ctap/messages/client-pin.js';
import {
  CONFIG_SUBCOMMANDS,
  configProofMessage,
  configRequest,
  setMinPinLengthParams,
} from '../../ctap/messages/config.js';
import {
  CREDENTIAL_MANAGEMENT_SUBCOMMANDS,
  type CredentialManagementParams,
  type CredentialManagementSubcommandName,
  credentialManagementParams,
  credentialManagementRequest,
  credentialManagementResponse,
} from '../../ctap/messages/credential-management.js';
import {
  type GetAssertionResponse,
  getAssertionRequest,
  getAssertionResponse,
} from '../../ctap/messages/get-assertion.js';
import { getInfoResponse } from '../../ctap/messages/get-info.js';
import {
  EMPTY_LARGE_BLOB_ARRAY,
  largeBlobsRequest,
  largeBlobsResponse,
} from '../../ctap/messages/large-blobs.js';
import { makeCredentialRequest, makeCredentialResponse } from '../../ctap/messages/make-credential.js';
import { encodeRequest } from '../../ctap/messages/message.js';
import { STATUS, type StatusName } from '../../ctap/status.js';
import { concat, sameBytes, toHex, utf8 } from '../../data/bytes.js';
import { blobArray, blobProof } from '../credential-management.suite.js';
import { createDice, damagedMessage, judge, randomMessage } from '../fuzz.suite.js';
import {
  type Answer,
  agree,
  CLIENT_DATA_HASH,
  type ConfigChange,
  createTestKey,
  nodeCrypto,
  type PlatformExchange,
  padded,
  pinHash,
  prove,
  readAnswer,
  type TestKey,
} from '../test-platform.suite.js';
import {
  type Authorisation,
  factsOf,
  Model,
  type ModelCredential,
  type ModelToken,
  readStored,
} from './model.suite.js';
import { shapedMessage } from './shaped.suite.js';
import { PINS, type ProofKind, RP_IDS, type RpId, type Step, USERS } from './steps.suite.js';

/** Everything that the model knows of, and little room. */
const CONFIG = {
  extensions: ['credProtect', 'minPinLength', 'largeBlobKey'],
  minPinLengthRpIds: ['a.example'],
  options: { alwaysUv: false, authnrCfg: true, setMinPINLength: true, credMgmt: true, largeBlobs: true },
  limits: { discoverableCredentials: 5, maxSerializedLargeBlobArray: 1_024 },
} as const satisfies ConfigChange;

const OK = 'CTAP1_ERR_SUCCESS';
const CANCELLED = AbortSignal.abort();

/** Messages that junk is made from: the last good ones. */
const MEMORY = 12;

/** A token in the platform's hands, and what the model thinks of it. */
interface Held {
  readonly bytes: Uint8Array;
  readonly token: ModelToken;
}

/** What two sides say, when they don't say the same. */
export class Disagreement extends Error {
  override readonly name = 'Disagreement';
}

/** Messages and successes by command byte. */
export type Tally = Map<number, { sent: number; done: number }>;

/** One key from its factory to its end. */
export class Player {
  readonly #key: TestKey = createTestKey({ config: CONFIG });
  readonly #model = new Model(CONFIG.limits.discoverableCredentials);
  readonly #tally: Tally;
  readonly #epoch: number;
  /** What relying parties remember, whatever has become of it. */
  readonly #wallet: { readonly credential: ModelCredential; readonly publicKey: CoseKey }[] = [];
  readonly #recent: Uint8Array[] = [];
  #awake = false;
  #held: readonly Held[] = [];
  #exchange: PlatformExchange | undefined;

  constructor(tally: Tally) {
    this.#tally = tally;
    this.#epoch = this.#key.clock.now();
  }

  /** @throws Disagreement */
  async play(step: Step): Promise<void> {
    // A key makes its state at its first message; what is judged comes later.
    if (!this.#awake) await this.#key.send(encodeRequest('authenticatorGetInfo'));
    this.#awake = true;
    this.#model.at(this.#key.clock.now() - this.#epoch);
    await this.#play(step);
    await this.#compare(step.do);
  }

  async #play(step: Step): Promise<void> {
    switch (step.do) {
      case 'register':
        return this.#register(step);
      case 'assert':
        return this.#assert(step);
      case 'next':
        return this.#next();
      case 'info':
        return this.#info();
      case 'retries':
        return this.#retries();
      case 'set-pin':
        return this.#setPin(pinAt(step.pin));
      case 'change-pin':
        return this.#changePin(pinAt(step.from), pinAt(step.to));
      case 'token':
        return this.#token(step);
      case 'always-uv':
        return this.#configure('toggleAlwaysUv', step.proof, (proof) => this.#model.toggleAlwaysUv(proof));
      case 'least-pin':
        return this.#configure(
          'setMinPINLength',
          step.proof,
          (proof) => this.#model.raiseLeastPin(step.length, proof),
          { newMinPINLength: step.length },
        );
      case 'force-change':
        return this.#configure('setMinPINLength', step.proof, (proof) => this.#model.forceChange(proof), {
          forceChangePin: true,
        });
      case 'survey':
        return this.#survey(step.proof);
      case 'delete':
      case 'update':
        return this.#change(step);
      case 'write-blobs':
        return this.#writeBlobs(step);
      case 'read-blobs':
        return this.#readBlobs();
      case 'power-cycle':
        this.#key.machine.powerCycle();
        this.#exchange = undefined;
        return this.#model.powerCycle();
      case 'wait':
        return this.#wait(step.milliseconds);
      case 'reset':
        return this.#reset();
      case 'cancelled':
        return this.#cancelled();
      case 'junk':
        return this.#junk(step);
    }
  }

  async #register(step: Extract<Step, { readonly do: 'register' }>): Promise<void> {
    const [rpId, user] = [rpAt(step.rp), USERS[step.user % USERS.length] ?? 'ada'];
    const excluded = step.exclude === undefined ? undefined : this.#idAt(step.exclude);
    const proof = this.#proof(step.proof, CLIENT_DATA_HASH);
    const credProtect = step.protect === 0 ? 1 : step.protect;
    const answer = await this.#call(
      'authenticatorMakeCredential',
      makeCredentialRequest.write({
        clientDataHash: CLIENT_DATA_HASH,
        rp: { id: rpId },
        user: { id: utf8(user), name: user },
        pubKeyCredParams: [{ alg: -7, type: 'public-key' }],
        options: { rk: step.discoverable },
        ...(step.protect === 0 ? {} : { extensions: new Map([['credProtect', step.protect]]) }),
        ...(excluded === undefined ? {} : { excludeList: [{ id: excluded, type: 'public-key' }] }),
        ...proof.members,
      }),
      makeCredentialResponse,
    );
    const asked = { discoverable: step.discoverable, excluded };
    same('register', answer.status, this.#model.register(rpId, user, asked, proof));
    if (answer.value === undefined) return;
    const data = decodeAuthenticatorData(answer.value.authData);
    const made = data.attestedCredential;
    if (made === undefined) throw new Disagreement('a registration without a credential');
    same('the flag UV', (data.flags & FLAGS.UV) !== 0, this.#model.isProtected && proof.proven);
    same('the count of a registration', data.signCount, this.#model.counter);
    const credential = { id: made.credentialId, rpId, user, discoverable: step.discoverable, credProtect };
    this.#model.keep(credential);
    this.#wallet.push({ credential, publicKey: made.publicKey });
  }

  async #assert(step: Extract<Step, { readonly do: 'assert' }>): Promise<void> {
    const rpId = rpAt(step.rp);
    const allowed = step.allow === undefined ? undefined : this.#idAt(step.allow);
    const proof = this.#proof(step.proof, CLIENT_DATA_HASH);
    const answer = await this.#call(
      'authenticatorGetAssertion',
      getAssertionRequest.write({
        rpId,
        clientDataHash: CLIENT_DATA_HASH,
        options: { up: step.up },
        ...(allowed === undefined ? {} : { allowList: [{ id: allowed, type: 'public-key' }] }),
        ...proof.members,
      }),
      getAssertionResponse,
    );
    const expected = this.#model.assert(rpId, { allowed, up: step.up }, proof);
    same('assert', answer.status, expected.status);
    if (answer.value === undefined || expected.by === undefined) return;
    same('numberOfCredentials', answer.value.numberOfCredentials, expected.count);
    const flags = (step.up ? FLAGS.UP : 0) | (this.#model.isProtected && proof.proven ? FLAGS.UV : 0);
    this.#verify(answer.value, expected.by, flags);
  }

  async #next(): Promise<void> {
    const answer = await this.#call('authenticatorGetNextAssertion', undefined, getAssertionResponse);
    const expected = this.#model.next();
    same('next', answer.status, expected.status);
    if (answer.value !== undefined && expected.by !== undefined) this.#verify(answer.value, expected.by);
  }

  #verify(answer: GetAssertionResponse, by: ModelCredential, flags?: number): void {
    const data = decodeAuthenticatorData(answer.authData);
    same('who signs', toHex(answer.credential?.id ?? new Uint8Array(0)), toHex(by.id));
    same('the count', data.signCount, this.#model.counter);
    if (flags !== undefined) same('the flags', data.flags, flags);
    const known = this.#wallet.find(({ credential }) => sameBytes(credential.id, by.id));
    // What junk has made nobody has the public key of.
    if (known === undefined) return;
    const signed = concat(answer.authData, CLIENT_DATA_HASH);
    same('the signature', nodeCrypto.verify(known.publicKey, signed, answer.signature), true);
  }

  async #info(): Promise<void> {
    const { value } = await this.#call('authenticatorGetInfo', undefined, getInfoResponse);
    this.#model.pending = undefined;
    same('clientPin', value?.options?.get('clientPin'), this.#model.isProtected);
    same('alwaysUv', value?.options?.get('alwaysUv'), this.#model.alwaysUv);
    same('minPINLength', value?.minPINLength, this.#model.leastPin);
    same('forcePINChange', value?.forcePINChange ?? false, this.#model.mustChange);
  }

  async #retries(): Promise<void> {
    const { value } = await this.#clientPin('getPINRetries', {});
    same('pinRetries', value?.pinRetries ?? this.#model.retries, this.#model.retries);
  }

  async #setPin(pin: string): Promise<void> {
    const exchange = await this.#agreed();
    const newPinEnc = exchange.encrypt(padded(pin));
    const pinUvAuthParam = exchange.authenticate(newPinEnc);
    const { status } = await this.#clientPin('setPIN', { ...exchange.members, newPinEnc, pinUvAuthParam });
    same('set-pin', status, this.#model.setPin(pin));
  }

  async #changePin(from: string, to: string): Promise<void> {
    const exchange = await this.#agreed();
    const newPinEnc = exchange.encrypt(padded(to));
    const pinHashEnc = exchange.encrypt(pinHash(from));
    const pinUvAuthParam = exchange.authenticate(newPinEnc, pinHashEnc);
    const members = { ...exchange.members, newPinEnc, pinHashEnc, pinUvAuthParam };
    const { status } = await this.#clientPin('changePIN', members);
    this.#afterPin(status);
    same('change-pin', status, this.#model.changePin(from, to));
  }

  async #token(step: Extract<Step, { readonly do: 'token' }>): Promise<void> {
    const exchange = await this.#agreed();
    const pin = step.pin < 0 ? (this.#model.pin ?? pinAt(0)) : pinAt(step.pin);
    const rpId = step.rp === undefined ? undefined : rpAt(step.rp);
    const permissions = step.permissions.reduce((all: number, name) => all | PERMISSIONS[name], 0);
    const { status, value } = await this.#clientPin('getPinUvAuthTokenUsingPinWithPermissions', {
      ...exchange.members,
      pinHashEnc: exchange.encrypt(pinHash(pin)),
      permissions,
      ...(rpId === undefined ? {} : { rpId }),
    });
    this.#afterPin(status);
    same('token', status, this.#model.issue(pin, new Set(step.permissions), rpId));
    const { token } = this.#model;
    if (value?.pinUvAuthToken === undefined || token === undefined) return;
    const bytes = exchange.decrypt(value.pinUvAuthToken);
    this.#held = [{ bytes, token }, ...this.#held.slice(0, 1)];
  }

  /** Wrong PINs end the key agreement. */
  #afterPin(status: string): void {
    if (status !== OK) this.#exchange = undefined;
  }

  async #configure(
    name: 'toggleAlwaysUv' | 'setMinPINLength',
    kind: ProofKind,
    expected: (proof: Authorisation) => StatusName,
    params?: Parameters<typeof setMinPinLengthParams.write>[0],
  ): Promise<void> {
    const subCommand = CONFIG_SUBCOMMANDS[name];
    const subCommandParams = params && setMinPinLengthParams.write(params);
    const proof = this.#proof(kind, configProofMessage(subCommand, subCommandParams));
    const members = {
      subCommand,
      ...(subCommandParams === undefined ? {} : { subCommandParams }),
      ...proof.members,
    };
    const { status } = await this.#call('authenticatorConfig', configRequest.write(members));
    same(name, status, expected(proof));
  }

  async #survey(kind: ProofKind): Promise<void> {
    const model = this.#model;
    const metadata = await this.#manage('getCredsMetadata', kind);
    same('metadata', metadata.status, model.survey(metadata.proof));
    if (metadata.value === undefined) return;
    same('existing', metadata.value.existingResidentCredentialsCount, model.credentials.length);
    const rpIds = new Set(model.credentials.map(({ rpId }) => rpId));
    const begun = await this.#manage('enumerateRPsBegin', kind);
    const seen: unknown[] = [begun.value?.rp?.id];
    same('totalRPs', begun.value?.totalRPs, rpIds.size === 0 ? undefined : rpIds.size);
    for (let at = 1; at < rpIds.size; at++)
      seen.push((await this.#manage('enumerateRPsGetNextRP', 'none')).value?.rp?.id);
    const ended = await this.#manage('enumerateRPsGetNextRP', 'none');
    same('after the last', ended.status, 'CTAP2_ERR_NOT_ALLOWED');
    if (rpIds.size > 0) same('relying parties', [...seen].sort().join(), [...rpIds].sort().join());
  }

  async #change(step: Extract<Step, { readonly do: 'delete' | 'update' }>): Promise<void> {
    const id = this.#idAt(step.credential);
    const credentialID = { id, type: 'public-key' };
    const named = this.#model.credentials.find((one) => sameBytes(one.id, id));
    const user = { id: utf8(named?.user ?? 'nobody'), name: 'another name' };
    const params = step.do === 'delete' ? { credentialID } : { credentialID, user };
    const name = step.do === 'delete' ? 'deleteCredential' : 'updateUserInformation';
    const { status, proof } = await this.#manage(name, step.proof, params);
    same(step.do, status, this.#model.change(id, step.do, proof));
  }

  async #manage(
    name: CredentialManagementSubcommandName,
    kind: ProofKind,
    params?: CredentialManagementParams,
  ) {
    const subCommand = CREDENTIAL_MANAGEMENT_SUBCOMMANDS[name];
    const subCommandParams = params && credentialManagementParams.write(params);
    const tail = subCommandParams === undefined ? new Uint8Array(0) : encode(subCommandParams);
    const proof = this.#proof(kind, concat(Uint8Array.of(subCommand), tail));
    const request = credentialManagementRequest.write({
      subCommand,
      ...(subCommandParams === undefined ? {} : { subCommandParams }),
      ...proof.members,
    });
    const answer = await this.#call(
      'authenticatorCredentialManagement',
      request,
      credentialManagementResponse,
    );
    return { ...answer, proof };
  }

  async #writeBlobs(step: Extract<Step, { readonly do: 'write-blobs' }>): Promise<void> {
    const good = blobArray(new Uint8Array(step.length - 16).fill(0x80));
    const array = step.whole ? good : good.map((byte, at) => (at === 0 ? byte ^ 1 : byte));
    const held = this.#heldFor(step.proof);
    const proof = {
      proven: held !== undefined,
      current: held?.token !== undefined && held.token === this.#model.token,
    };
    const members =
      held === undefined ? {} : blobProof(this.#key, { bytes: held.bytes, version: 2 }, 0, array);
    const request = largeBlobsRequest.write({ set: array, offset: 0, length: array.length, ...members });
    const { status } = await this.#call('authenticatorLargeBlobs', request);
    const room = CONFIG.limits.maxSerializedLargeBlobArray;
    const expected = this.#model.writeBlobs(array, step.whole, room, proof);
    same('write-blobs', status, expected);
  }

  async #readBlobs(): Promise<void> {
    const request = largeBlobsRequest.write({ get: 1_024, offset: 0 });
    const { value } = await this.#call('authenticatorLargeBlobs', request, largeBlobsResponse);
    const expected = this.#model.blobs ?? EMPTY_LARGE_BLOB_ARRAY;
    same('read-blobs', toHex(value?.config ?? new Uint8Array(0)), toHex(expected));
  }

  async #wait(milliseconds: number): Promise<void> {
    await this.#key.clock.advance(milliseconds);
    const model = this.#model;
    model.at(this.#key.clock.now() - this.#epoch);
    // Whether junk has used it is for the key to know.
    const gone = this.#key.machine.session.tokens.identity === undefined;
    if (model.token?.used === 'maybe' && gone) {
      same('a token that ends early', model.now - model.token.begun > 30_000, true);
      model.token = undefined;
    }
  }

  async #reset(): Promise<void> {
    const { status } = await this.#call('authenticatorReset', undefined);
    same('reset', status, this.#model.reset());
    if (status === OK) this.#exchange = undefined;
  }

  /** Taken back before it began: nothing happens, but sequences end. */
  async #cancelled(): Promise<void> {
    const answer = await this.#key.send(encodeRequest('authenticatorSelection'), CANCELLED);
    same('cancelled', answer[0], STATUS.CTAP2_ERR_KEEPALIVE_CANCEL);
    this.#model.pending = undefined;
  }

  async #junk(step: Extract<Step, { readonly do: 'junk' }>): Promise<void> {
    const dice = createDice(step.seed);
    this.#model.seen(this.#key, await this.#key.store.read(readStored));
    for (let at = 0; at < step.count; at++) {
      const good = this.#recent[dice.below(Math.max(1, this.#recent.length))] ?? Uint8Array.of(4);
      const message =
        step.kind === 'random'
          ? randomMessage(dice)
          : step.kind === 'damaged'
            ? damagedMessage(dice, good)
            : shapedMessage(dice);
      const before = this.#successes(message[0]);
      const fault = await judge(this.#key, message, (answer) => this.#count(message, answer));
      if (fault !== undefined) throw new Disagreement(fault);
      // Junk can be good by accident; then the key knows better than the model.
      if (this.#successes(message[0]) > before) await this.#adopt();
    }
    const { token } = this.#model;
    if (token?.used === 'no') token.used = 'maybe';
    this.#model.pending = undefined;
    await this.#key.send(encodeRequest('authenticatorGetInfo'));
    this.#exchange = undefined;
    await this.#adopt();
  }

  #successes(byte: number | undefined): number {
    return this.#tally.get(byte ?? -1)?.done ?? 0;
  }

  async #adopt(): Promise<void> {
    this.#model.adopt(this.#key, await this.#key.store.read(readStored));
  }

  async #compare(what: string): Promise<void> {
    const { failures } = this.#key;
    if (failures.length > 0) throw new Disagreement(`${what}: the key failed inside: ${String(failures[0])}`);
    this.#model.at(this.#key.clock.now() - this.#epoch);
    const [is, should] = [factsOf(this.#key, await this.#key.store.read(readStored)), this.#model.facts()];
    for (const [name, value] of Object.entries(should))
      same(`${what}: ${name}`, Reflect.get(is, name), value);
    this.#key.events.length = 0;
    this.#key.keepAlives.length = 0;
  }

  #idAt(position: number): Uint8Array {
    const all = this.#wallet.slice(-12);
    return all[position % (all.length + 1)]?.credential.id ?? new Uint8Array(32);
  }

  #heldFor(
    kind: ProofKind,
  ): { readonly bytes: Uint8Array; readonly token: ModelToken | undefined } | undefined {
    if (kind === 'none') return undefined;
    const held = kind === 'token' ? this.#held[0] : kind === 'old' ? this.#held[1] : undefined;
    return held ?? { bytes: new Uint8Array(32).fill(7), token: undefined };
  }

  #proof(kind: ProofKind, message: Uint8Array) {
    const held = this.#heldFor(kind);
    const current = held?.token !== undefined && held.token === this.#model.token;
    const members = held === undefined ? {} : prove(this.#key, held.bytes, 2, message);
    return { members, proven: held !== undefined, current };
  }

  async #agreed(): Promise<PlatformExchange> {
    this.#exchange ??= await agree(this.#key);
    this.#model.pending = undefined;
    return this.#exchange;
  }

  async #clientPin(
    name: keyof typeof CLIENT_PIN_SUBCOMMANDS,
    members: Omit<Parameters<typeof clientPinRequest.write>[0], 'subCommand'>,
  ) {
    const request = clientPinRequest.write({ subCommand: CLIENT_PIN_SUBCOMMANDS[name], ...members });
    return this.#call('authenticatorClientPIN', request, clientPinResponse);
  }

  async #call<T>(
    command: CommandName,
    members: Parameters<typeof encodeRequest>[1],
    codec?: Parameters<typeof readAnswer<T>>[1],
  ): Promise<Answer<T>> {
    const message = encodeRequest(command, members);
    if (command !== 'authenticatorGetNextAssertion') this.#model.pending = undefined;
    this.#recent.push(message);
    if (this.#recent.length > MEMORY) this.#recent.shift();
    const answer = await this.#key.send(message);
    this.#count(message, answer);
    return readAnswer(answer, codec);
  }

  #count(message: Uint8Array, answer: Uint8Array): void {
    const byte = message[0] ?? -1;
    const entry = this.#tally.get(byte) ?? { sent: 0, done: 0 };
    entry.sent += 1;
    if (answer[0] === STATUS.CTAP1_ERR_SUCCESS) entry.done += 1;
    this.#tally.set(byte, entry);
  }
}

/** Both sides, or a disagreement. */
function same(what: string, is: unknown, should: unknown): void {
  if (is !== should) throw new Disagreement(`${what}: expected ${String(should)}, got ${String(is)}`);
}

function rpAt(position: number): RpId {
  return RP_IDS[position % RP_IDS.length] ?? RP_IDS[0];
}

function pinAt(position: number): string {
  return PINS[position % PINS.length] ?? PINS[0];
}
