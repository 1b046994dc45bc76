/**
 * One command of a key with faults: what goes wrong with it, from the moment when it arrives to its answer.
 */
import type { AttestationInput, Attester } from '../../attestation/attestation.js';
import type { Signer } from '../../crypto/crypto.js';
import type { AuthenticatorData } from '../../ctap/authenticator-data.js';
import type { U2fStatusName } from '../../ctap/u2f.js';
import type { CommandContext } from '../context.js';
import type { CredentialStore } from '../ports.js';
import type { CommandResult } from '../result.js';
import { badAnswer, resized, resultOf } from './bad-answer.js';
import { badAuthenticatorData } from './bad-authenticator-data.js';
import { CuttingStore } from './cutting-store.js';
import { flipped } from './damage.js';
import type { ArmedFault, FaultsAtHand, FaultValue } from './faults-at-hand.js';
import { type Ceremony, otherId, wrongMembers } from './wrong-members.js';

/** How much further than it should a jumping counter is. */
const JUMP = 1_000_000;

/** Made for one command with the faults that concern it. */
export class Sabotage {
  readonly #faults: FaultsAtHand;
  readonly #ceremony: Ceremony | undefined;
  readonly #powerCycle: () => void;
  /** The ID of a credential that a registration is not about. */
  #otherId: Uint8Array | undefined;
  /** Whether the key waits because of a fault, and not for its user. */
  #idle = false;

  constructor(faults: FaultsAtHand, ceremony: Ceremony | undefined, powerCycle: () => void) {
    this.#faults = faults;
    this.#ceremony = ceremony;
    this.#powerCycle = powerCycle;
  }

  /** The faults that did damage so far. */
  get struck(): ReadonlySet<ArmedFault> {
    return this.#faults.struck;
  }

  /** Before the command: waits, hangs, or ends the power. Whoever goes on afterwards looks at power and cancel first. */
  async begin(context: CommandContext): Promise<void> {
    const { exchange, session, store } = context;
    await this.#delay(context, 'delay-before', exchange.signal);
    const hang = this.#faults.value('hang');
    if (hang === 'before') await this.#hang(context, exchange.signal);
    if (hang === 'deaf') await this.#hang(context, session.ended);
    if (this.#faults.value('power-cut') === 'before') this.#cut();
    if (this.#faults.value('credential-id') === 'other') this.#otherId = await otherId(store);
  }

  /** What the command is answered with instead of being run. */
  refusal(): CommandResult | undefined {
    const status = this.#faults.value('status');
    if (status === undefined) return undefined;
    this.#faults.strike('status');
    return resultOf(status);
  }

  /** The same for U2F. */
  statusWord(): U2fStatusName | undefined {
    this.#faults.strike('status-word');
    return this.#faults.value('status-word');
  }

  /** The store as this command sees it. */
  store(store: CredentialStore): CredentialStore {
    const when = this.#faults.value('power-cut');
    if (when !== 'before-change' && when !== 'after-change') return store;
    return new CuttingStore(store, when, () => this.#cut());
  }

  /** The command begins to wait for its user. */
  waiting(): void {
    if (!this.#idle && this.#faults.value('power-cut') === 'waiting') this.#cut();
  }

  /** How tokens are judged. */
  get tokens(): FaultValue<'token'> | undefined {
    return this.#faults.value('token');
  }

  /** A token was judged wrongly. */
  misjudged(): void {
    this.#faults.strike('token');
  }

  /** Authenticator data as it is signed and sent. */
  authenticatorData(data: AuthenticatorData): Uint8Array {
    return badAuthenticatorData(data, this.#faults, this.#otherId);
  }

  /** Signs assertions. */
  signer(sign: Signer): Signer {
    const value = this.#faults.value('signature');
    if (value === undefined) return sign;
    return (message) => {
      this.#faults.strike('signature');
      if (value === 'empty') return new Uint8Array(0);
      // What is signed ends with the hash of the client data in either protocol.
      return value === 'other-data' ? sign(flipped(message)) : flipped(sign(message));
    };
  }

  /** Vouches for a new credential. */
  attester(attester: Attester): Attester {
    const other = this.#faults.value('attestation-signature') === 'other-data';
    if (!other || attester.type === 'none') return attester;
    const attest = (input: AttestationInput) => {
      this.#faults.strike('attestation-signature');
      return attester.attest({ ...input, clientDataHash: flipped(input.clientDataHash) });
    };
    return { ...attester, attest };
  }

  /** The counter of an assertion; `undefined` when nothing is wrong with it. Only a jump is kept: it can't be taken back. */
  async signCount(store: CredentialStore): Promise<number | undefined> {
    const value = this.#faults.value('counter');
    if (value === undefined) return undefined;
    this.#faults.strike('counter');
    if (value === 'jumping') return store.write((writer) => writer.advanceCounter(JUMP));
    if (value === 'zero') return 0;
    const last = await store.read((reader) => reader.counter());
    return value === 'stuck' ? last : Math.max(0, last - 1 - this.#faults.strikesOf('counter'));
  }

  /** After the command: the answer as it would leave, damaged. */
  async damaged(
    { store, config }: CommandContext,
    result: CommandResult,
    encode: (result: CommandResult) => Uint8Array,
  ): Promise<Uint8Array> {
    const late = this.#faults.value('late-status');
    if (late !== undefined) {
      this.#faults.strike('late-status');
      return encode(resultOf(late));
    }
    if (!result.ok || result.members === undefined) return encode(result);
    const { members } = result;
    const wrong =
      this.#ceremony === undefined
        ? members
        : await wrongMembers(store, this.#ceremony, members, this.#faults);
    const bad = badAnswer(wrong, config.limits.maxMsgSize, this.#faults);
    return bad ?? encode({ ok: true, members: wrong });
  }

  /** The answer leaves: too short or too long, too late, or never. Whoever sends it looks at the power first, and at a cancel if it hung. */
  async leave(context: CommandContext, answer: Uint8Array): Promise<Uint8Array | 'cancelled'> {
    const resizedAnswer = resized(answer, this.#faults);
    await this.#delay(context, 'delay-after', context.session.ended);
    if (this.#faults.value('power-cut') === 'after') this.#cut();
    if (this.#faults.value('hang') !== 'after') return resizedAnswer;
    await this.#hang(context, context.exchange.signal);
    return 'cancelled';
  }

  async #delay(
    context: CommandContext,
    name: 'delay-before' | 'delay-after',
    end: AbortSignal,
  ): Promise<void> {
    const milliseconds = this.#faults.value(name);
    if (milliseconds === undefined) return;
    this.#faults.strike(name);
    const over = AbortSignal.any([end, context.session.ended]);
    await this.#idly(context, () => context.clock.sleep(milliseconds, over));
  }

  async #hang(context: CommandContext, end: AbortSignal): Promise<void> {
    this.#faults.strike('hang');
    const over = AbortSignal.any([end, context.session.ended]);
    if (over.aborted) return;
    await this.#idly(
      context,
      () => new Promise<void>((resolve) => over.addEventListener('abort', () => resolve(), { once: true })),
    );
  }

  /** A virtual clock moves on meanwhile, as it does while the user is waited for. */
  async #idly(context: CommandContext, wait: () => Promise<void>): Promise<void> {
    this.#idle = true;
    context.pause();
    await wait();
    context.resume();
    this.#idle = false;
  }

  /** Once a command: the power that came back stays. */
  #cut(): void {
    if (this.#faults.hasStruck('power-cut')) return;
    this.#faults.strike('power-cut');
    this.#powerCycle();
  }
}
