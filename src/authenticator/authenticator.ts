/**
 * The key: bytes in, bytes out, one command at a time.
 *
 * It is a pure machine. Time, randomness, storage and the user enter through ports, so the same seed and the same requests give the
 * same answers.
 */
import type { Attester } from '../attestation/attestation.js';
import type { Crypto } from '../crypto/crypto.js';
import { encodeResponse } from '../ctap/messages/message.js';
import { STATUS } from '../ctap/status.js';
import type { Clock } from '../ports.js';
import type { TraceSink, UserEvent } from '../trace/events.js';
import type { Exchange, MessageHandler, TransportName } from '../transport/transport.js';
import { runCommand, statusOf } from './commands/table.js';
import { type AuthenticatorConfig, TOKEN_USAGE_LIMITS } from './config.js';
import { checkConfig } from './config-check.js';
import type { Key } from './context.js';
import { answerBadly, answerU2fBadly } from './faults/answer-badly.js';
import { FaultBoard, type FaultControl } from './faults/fault-board.js';
import { optionsOf } from './options.js';
import { PinUvAuthTokens } from './pin-uv-auth-token.js';
import type { CredentialStore, User } from './ports.js';
import { PowerCut } from './powered-store.js';
import { DEFAULT_QUIRKS } from './quirks.js';
import { RelyingParties } from './relying-parties.js';
import type { CommandResult } from './result.js';
import { Running } from './running.js';
import { Session } from './session.js';
import { SignerCache } from './signers.js';
import { ensureState } from './state.js';
import { speaksU2f } from './u2f/availability.js';
import { writeU2fResult } from './u2f/result.js';
import { runU2f } from './u2f/u2f.js';

/** What a key is made from. */
export interface AuthenticatorParts {
  readonly config: AuthenticatorConfig;
  /** Stays its creator's to close. */
  readonly store: CredentialStore;
  readonly user: User;
  readonly crypto: Crypto;
  readonly clock: Clock;
  /** Vouches for new credentials; also decides what getInfo says of attestation. */
  readonly attester: Attester;
  /** Gets what the person at the key does. Messages are traced by whoever sends them. */
  readonly trace?: TraceSink;
  /** The key's name in traces. */
  readonly device?: string;
  /** Told of failures that the platform only sees as CTAP1_ERR_OTHER: a broken store, or a fault in here. */
  readonly onFailure?: (error: unknown) => void;
  /** Told when a fault took the key's power, and gave it back, in the middle of a command: whoever plugged it in loses the connection. */
  readonly onPowerCut?: () => void;
}

/** A key with power. */
export interface Authenticator {
  /** Answers one message; several wait for each other. Never throws, and never waits longer than the user is waited for. */
  readonly handle: MessageHandler;
  /** The same for U2F, whose messages are APDUs; absent on a key that doesn't speak it. Never waits for the user. */
  readonly handleU2f?: MessageHandler;
  /** What it does wrong on purpose: nothing, unless its configuration or somebody here says so. */
  readonly faults: FaultControl;
  /** Takes the power away and gives it back: tokens, the PIN soft block and remembered assertions end, and so does what is running. */
  powerCycle(): void;
  /** Ends what is running and answers nothing more. */
  close(): Promise<void>;
}

/**
 * Makes a key; the power comes with it.
 *
 * @throws KeyrigError `option-invalid` for a configuration that asks for what isn't implemented
 *
 * @example
 * ```ts
 * const key = createAuthenticator({ config, store: createMemoryStore(), user, crypto, clock, attester: selfAttester });
 * const answer = await key.handle(Uint8Array.of(0x04), { signal, keepAlive: () => {} }); // 00 a8 01 …
 * ```
 */
export function createAuthenticator(parts: AuthenticatorParts): Authenticator {
  checkConfig(parts.config, parts.crypto, parts.attester);
  const machine = new Machine(parts);
  return {
    handle: (message, exchange) => machine.handle(message, exchange),
    ...(speaksU2f(parts.config)
      ? { handleU2f: (message, exchange) => machine.handleU2f(message, exchange) }
      : {}),
    faults: machine.faults,
    powerCycle: () => machine.powerCycle(),
    close: () => machine.close(),
  };
}

/** The same key with its inside open, for this room's tests. */
export class Machine {
  readonly faults: FaultBoard;
  readonly #parts: AuthenticatorParts;
  readonly #key: Key;
  #session: Session;
  /** The answer to the last message, and how many have none yet. */
  #last: Promise<unknown> = Promise.resolve();
  #unanswered = 0;
  #ready = false;
  #closed = false;

  constructor(parts: AuthenticatorParts) {
    this.#parts = parts;
    const { trace, device = 'authenticator' } = parts;
    this.#key = {
      ...parts,
      options: optionsOf(parts.config),
      quirks: { ...DEFAULT_QUIRKS, ...parts.config.quirks },
      signers: new SignerCache(parts.crypto),
      relyingParties: new RelyingParties(parts.crypto),
      note: (kind, fields) => trace?.emit(userEvent(device, kind, fields)),
    };
    this.#session = this.#newSession();
    this.faults = new FaultBoard(
      {
        powerCycle: () => {
          this.powerCycle();
          parts.onPowerCut?.();
        },
        note: ({ fault, value }) => this.#key.note('fault', { fault, value }),
      },
      parts.config.faults,
    );
  }

  /** What lives until the power goes. */
  get session(): Session {
    return this.#session;
  }

  handle(message: Uint8Array, exchange: Exchange): Promise<Uint8Array> {
    const idle = this.#ready && this.#unanswered === 0;
    this.#unanswered += 1;
    const answer = idle ? this.#answer(message, exchange) : this.#queue(message, exchange);
    this.#last = answer;
    return answer;
  }

  /** U2F waits its turn among the other commands. */
  handleU2f(message: Uint8Array, exchange: Exchange): Promise<Uint8Array> {
    this.#unanswered += 1;
    const copy = message.slice();
    const answer = this.#last.then(() => this.#answerU2f(copy, exchange));
    this.#last = answer;
    return answer;
  }

  powerCycle(): void {
    this.#session.end();
    this.#session = this.#newSession();
    this.#key.note('power-cycle');
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#session.end();
    await this.#last;
  }

  /** The sender may use its buffer again while the message waits; one that does not wait is decoded before this returns. */
  #queue(message: Uint8Array, exchange: Exchange): Promise<Uint8Array> {
    const copy = message.slice();
    return this.#last.then(() => this.#answer(copy, exchange));
  }

  async #answer(message: Uint8Array, exchange: Exchange): Promise<Uint8Array> {
    const sabotage = this.faults.of(message);
    const running = new Running(this.#key, this.#session, exchange, sabotage);
    try {
      // Cancelled while it waited for another command: it never began. A command it is all the same, so what others left ends (§6).
      if (exchange.signal.aborted) {
        this.#session.sequence = undefined;
        return encodeResponse(STATUS.CTAP2_ERR_KEEPALIVE_CANCEL);
      }
      if (this.#closed) return encodeResponse(STATUS.CTAP1_ERR_OTHER);
      if (!this.#ready) await this.#prepare();
      // What U2F asked, nobody waits for any more.
      if (running.session.u2fPresence.isOpen) await running.session.u2fPresence.end();
      if (sabotage !== undefined) {
        const copy = message.slice();
        const run = () => runCommand(running, copy);
        return await answerBadly(running, sabotage, run, (result) => this.#encode(result));
      }
      const result = await runCommand(running, message);
      // The power went after the last change: a key without power says nothing of what it still managed to do.
      if (running.session.ended.aborted) return encodeResponse(STATUS.CTAP2_ERR_KEEPALIVE_CANCEL);
      return this.#encode(result);
    } catch (error) {
      if (error instanceof PowerCut) return encodeResponse(STATUS.CTAP2_ERR_KEEPALIVE_CANCEL);
      this.#parts.onFailure?.(error);
      return encodeResponse(STATUS.CTAP1_ERR_OTHER);
    } finally {
      if (sabotage !== undefined) this.faults.settle(sabotage);
      running.end();
      this.#unanswered -= 1;
    }
  }

  /** U2F has no cancelling, and one status for all that goes wrong in here. */
  async #answerU2f(message: Uint8Array, exchange: Exchange): Promise<Uint8Array> {
    const sabotage = this.faults.ofU2f(message);
    const running = new Running(this.#key, this.#session, exchange, sabotage);
    try {
      if (this.#closed) return writeU2fResult({ status: 'SW_UNKNOWN' });
      if (!this.#ready) await this.#prepare();
      // Any command but the next step ends a sequence (CTAP 2.1 §6)
      running.session.sequence = undefined;
      if (sabotage !== undefined)
        return await answerU2fBadly(running, sabotage, () => runU2f(running, message));
      const result = await runU2f(running, message);
      return writeU2fResult(running.session.ended.aborted ? { status: 'SW_UNKNOWN' } : result);
    } catch (error) {
      if (!(error instanceof PowerCut)) this.#parts.onFailure?.(error);
      return writeU2fResult({ status: 'SW_UNKNOWN' });
    } finally {
      if (sabotage !== undefined) this.faults.settle(sabotage);
      running.end();
      this.#unanswered -= 1;
    }
  }

  /**
   * The one place where answers become bytes. What a checked configuration can answer fits, and commands measure what nobody could foresee
   * before they keep anything of it; a longer answer still never leaves: "cannot handle this request due to memory constraints" (§8.2).
   */
  #encode(result: CommandResult): Uint8Array {
    const answer = encodeResponse(statusOf(result), result.ok ? result.members : undefined);
    if (answer.length <= this.#key.config.limits.maxMsgSize) return answer;
    return encodeResponse(STATUS.CTAP2_ERR_REQUEST_TOO_LARGE);
  }

  async #prepare(): Promise<void> {
    const { store, config, crypto } = this.#parts;
    await ensureState(store, config, crypto);
    this.#ready = true;
  }

  #newSession(): Session {
    const { crypto, clock, config, store } = this.#parts;
    const limit = config.limits.tokenUsageLimit ?? usageLimit(config.transports);
    return new Session(new PinUvAuthTokens(crypto, clock, limit), store, clock.now());
  }
}

function usageLimit(transports: readonly TransportName[]): number {
  return Math.max(
    ...(transports.length === 0 ? ['usb' as const] : transports).map((name) => TOKEN_USAGE_LIMITS[name]),
  );
}

function userEvent(device: string, kind: UserEvent['kind'], fields: UserEvent['fields']): UserEvent {
  return { layer: 'user', kind, device, ...(fields === undefined ? {} : { fields }) };
}
