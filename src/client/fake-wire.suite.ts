/**
 * The outside of a fake key: its port, the hand at it, and what a test wants it to answer instead of what it would.
 */
import { decode } from '../ctap/cbor.js';
import { type CommandName, commandOf } from '../ctap/commands.js';
import { clientPinRequest } from '../ctap/messages/client-pin.js';
import { getAssertionRequest } from '../ctap/messages/get-assertion.js';
import { makeCredentialRequest } from '../ctap/messages/make-credential.js';
import type { Codec } from '../ctap/messages/shape.js';
import { STATUS } from '../ctap/status.js';
import { KeyrigError } from '../errors.js';
import type { SendOptions, Transport, TransportName } from '../transport/transport.js';
import type { AuthenticatorAttachment } from '../webauthn/types.js';
import type { ClientDevice } from './ports.js';

/** What the person at the key does: touches at once, refuses, or waits for `press()`. */
export type FakeTouch = 'at-once' | 'deny' | 'by-hand';

/** A scripted answer: raw bytes, a status, or `behave` for what the key does by itself. */
export type ScriptedAnswer = Uint8Array | number | 'behave' | (() => Promise<Uint8Array>);

/** How it is attached. */
export interface FakeWireOptions {
  readonly id?: string;
  readonly touch?: FakeTouch;
  readonly attachment?: AuthenticatorAttachment;
  readonly transport?: TransportName;
}

/** See the file. */
export abstract class FakeWire {
  readonly id: string;
  readonly client: ClientDevice;
  /** Commands in the order of arrival, with their decoded requests. */
  readonly log: { readonly command: CommandName; readonly request: unknown }[] = [];
  /** Answers by command, used up from the front. */
  readonly script: Partial<Record<CommandName, ScriptedAnswer[]>> = {};
  touch: FakeTouch;
  plugged = true;
  insertions = 1;
  /** Open connections: none must be left after a ceremony. */
  open = 0;
  /** Cancelled commands. */
  cancels = 0;
  #unplug = new AbortController();
  #hands: (() => void)[] = [];

  constructor(options: FakeWireOptions) {
    this.id = options.id ?? 'key';
    this.touch = options.touch ?? 'at-once';
    this.client = this.#device(options);
  }

  /** What the key does by itself. */
  protected abstract behave(
    command: CommandName,
    request: unknown,
    options: SendOptions,
  ): Promise<Uint8Array>;

  /** Touches the key for every command that waits. */
  press(): void {
    for (const hand of this.#hands.splice(0)) hand();
  }

  /** How many commands wait for a touch. */
  get waiting(): number {
    return this.#hands.length;
  }

  unplug(): void {
    this.plugged = false;
    this.#unplug.abort();
  }

  plug(): void {
    this.plugged = true;
    this.insertions += 1;
    this.#unplug = new AbortController();
  }

  /** Names of the commands so far. */
  commands(): readonly string[] {
    return this.log.map(({ command }) => command.replace('authenticator', ''));
  }

  /** The status that a touch, its refusal or a cancel gives. */
  protected user(options: SendOptions): Promise<number> {
    if (this.touch === 'at-once') return Promise.resolve(STATUS.CTAP1_ERR_SUCCESS);
    if (this.touch === 'deny') return Promise.resolve(STATUS.CTAP2_ERR_OPERATION_DENIED);
    options.onKeepAlive?.('user-presence-needed');
    return new Promise((resolve) => {
      const cancel = () => resolve(STATUS.CTAP2_ERR_KEEPALIVE_CANCEL);
      options.signal?.addEventListener('abort', cancel, { once: true });
      if (options.signal?.aborted) cancel();
      this.#hands.push(() => resolve(STATUS.CTAP1_ERR_SUCCESS));
    });
  }

  #device(options: FakeWireOptions): ClientDevice {
    const key = this;
    const { transport = 'usb', attachment = 'cross-platform' } = options;
    return {
      id: this.id,
      label: 'Security key',
      kind: 'security-key',
      transport,
      attachment,
      get reachable() {
        return key.plugged;
      },
      get insertions() {
        return key.insertions;
      },
      async connect() {
        return key.#connect(transport);
      },
    };
  }

  #connect(name: TransportName): Transport {
    if (!this.plugged) throw gone(this.id);
    this.open += 1;
    const unplugged = this.#unplug.signal;
    return {
      name,
      device: this.id,
      send: async (message, options = {}) => {
        const answered = new AbortController();
        const until = { signal: answered.signal };
        const pulled = new Promise<never>((_, reject) => {
          unplugged.addEventListener('abort', () => reject(gone(this.id)), until);
          if (unplugged.aborted) reject(gone(this.id));
        });
        options.signal?.addEventListener('abort', () => this.cancels++, until);
        return Promise.race([this.#handle(message.slice(), options), pulled]).finally(() => answered.abort());
      },
      close: async () => {
        this.open -= 1;
      },
    };
  }

  async #handle(message: Uint8Array, options: SendOptions): Promise<Uint8Array> {
    const command = commandOf(message[0] ?? 0);
    if (command === undefined) return Uint8Array.of(STATUS.CTAP1_ERR_INVALID_COMMAND);
    const request = parse(command, message.subarray(1));
    this.log.push({ command, request });
    const scripted = this.script[command]?.shift() ?? 'behave';
    if (scripted instanceof Uint8Array) return scripted;
    if (typeof scripted === 'number') return Uint8Array.of(scripted);
    return typeof scripted === 'function' ? scripted() : this.behave(command, request, options);
  }
}

const CODECS: Partial<Record<CommandName, Codec<unknown>>> = {
  authenticatorMakeCredential: makeCredentialRequest as Codec<unknown>,
  authenticatorGetAssertion: getAssertionRequest as Codec<unknown>,
  authenticatorClientPIN: clientPinRequest as Codec<unknown>,
};

function parse(command: CommandName, body: Uint8Array): unknown {
  const codec = CODECS[command];
  if (codec === undefined) return undefined;
  const read = codec.read(decode(body));
  if (!read.ok) throw new KeyrigError('internal', `the client sent a malformed ${command}: ${read.path}`);
  return read.value;
}

function gone(id: string): KeyrigError {
  return new KeyrigError('transport-closed', `${id} is not plugged in`);
}
