/**
 * A typed CTAP client over one transport: requests out, answers in, statuses as values (CTAP 2.1 §6).
 *
 * It keeps to what the authenticator can take (maxMsgSize), cancels when told to, and never waits for ever.
 */
import type { CborMap } from '../ctap/cbor.js';
import type { CommandName } from '../ctap/commands.js';
import {
  BIO_ENROLLMENT_SUBCOMMANDS,
  type BioEnrollmentRequest,
  type BioEnrollmentResponse,
  bioEnrollmentRequest,
  bioEnrollmentResponse,
} from '../ctap/messages/bio-enrollment.js';
import {
  CLIENT_PIN_SUBCOMMANDS,
  type ClientPinRequest,
  type ClientPinResponse,
  clientPinRequest,
  clientPinResponse,
} from '../ctap/messages/client-pin.js';
import { type ConfigRequest, configRequest } from '../ctap/messages/config.js';
import {
  type CredentialManagementRequest,
  type CredentialManagementResponse,
  credentialManagementRequest,
  credentialManagementResponse,
} from '../ctap/messages/credential-management.js';
import { describeRequest, describeResponse } from '../ctap/messages/describe.js';
import {
  type GetAssertionRequest,
  type GetAssertionResponse,
  getAssertionRequest,
  getAssertionResponse,
} from '../ctap/messages/get-assertion.js';
import {
  DEFAULT_MAX_MESSAGE_SIZE,
  type GetInfoResponse,
  getInfoResponse,
} from '../ctap/messages/get-info.js';
import {
  type LargeBlobsRequest,
  type LargeBlobsResponse,
  largeBlobsRequest,
  largeBlobsResponse,
} from '../ctap/messages/large-blobs.js';
import {
  type MakeCredentialRequest,
  type MakeCredentialResponse,
  makeCredentialRequest,
  makeCredentialResponse,
} from '../ctap/messages/make-credential.js';
import { type Answer, decodeResponse, encodeRequest } from '../ctap/messages/message.js';
import { type Codec, shape } from '../ctap/messages/shape.js';
import { toHex } from '../data/bytes.js';
import { KeyrigError } from '../errors.js';
import type { Clock } from '../ports.js';
import type { CtapEvent, TraceSink } from '../trace/events.js';
import type { KeepAliveStatus, Transport, TransportName } from '../transport/transport.js';
import { settlesAtOnce } from './at-once.js';
import { Cancellation, OVER } from './cancellation.js';

/** How long an answer may take, in milliseconds. */
export const DEADLINES = {
  /** Commands that only the device works on. Key stretching and flash are slow on small chips. */
  device: 10_000,
  /** Commands that wait for a person: as long as the longest WebAuthn ceremony (WebAuthn L3 §5.1.3 step 2). */
  person: 600_000,
  /** From cancelling to the answer that a cancelled command still owes (CTAP 2.1 §11.2.9.1.5). */
  cancel: 1_000,
} as const;

/** Settings of one call. */
export interface CtapCall {
  /** Aborting cancels the command; it then usually answers CTAP2_ERR_KEEPALIVE_CANCEL. */
  readonly signal?: AbortSignal;
}

/** What a client is made of. */
export interface CtapClientOptions extends CtapCall {
  readonly clock: Clock;
  readonly trace?: TraceSink;
  /** Called when the status changes. */
  readonly onKeepAlive?: (status: KeepAliveStatus) => void;
}

/** The answer of a command that says nothing but its status. */
export type Acknowledgement = Readonly<Record<never, never>>;

/**
 * The commands. Every method resolves to what the authenticator said, success or not, and rejects with a KeyrigError: `transport-closed`,
 * `transport-too-large`, `message-malformed` for an answer that is none, `deadline-exceeded` for one that doesn't come.
 */
export interface CtapClient {
  readonly device: string;
  readonly transport: TransportName;
  /** Also learns the authenticator's maxMsgSize. */
  getInfo(call?: CtapCall): Promise<Answer<GetInfoResponse>>;
  makeCredential(request: MakeCredentialRequest, call?: CtapCall): Promise<Answer<MakeCredentialResponse>>;
  getAssertion(request: GetAssertionRequest, call?: CtapCall): Promise<Answer<GetAssertionResponse>>;
  getNextAssertion(call?: CtapCall): Promise<Answer<GetAssertionResponse>>;
  clientPin(request: ClientPinRequest, call?: CtapCall): Promise<Answer<ClientPinResponse>>;
  selection(call?: CtapCall): Promise<Answer<Acknowledgement>>;
  reset(call?: CtapCall): Promise<Answer<Acknowledgement>>;
  /** `preview`: under the command byte of FIDO_2_1_PRE. */
  bioEnrollment(
    request: BioEnrollmentRequest,
    call?: CtapCall & { readonly preview?: boolean },
  ): Promise<Answer<BioEnrollmentResponse>>;
  config(request: ConfigRequest, call?: CtapCall): Promise<Answer<Acknowledgement>>;
  /** `preview`: under the command byte of FIDO_2_1_PRE. */
  credentialManagement(
    request: CredentialManagementRequest,
    call?: CtapCall & { readonly preview?: boolean },
  ): Promise<Answer<CredentialManagementResponse>>;
  largeBlobs(request: LargeBlobsRequest, call?: CtapCall): Promise<Answer<LargeBlobsResponse>>;
  /** Closes the transport. */
  close(): Promise<void>;
}

const nothing = shape({});

/**
 * Makes a client of a transport.
 *
 * @example
 * ```ts
 * const ctap = createCtapClient(await device.connect(), { clock: systemClock });
 * const info = await ctap.getInfo();
 * if (info.ok) console.log(info.value.versions);
 * ```
 */
export function createCtapClient(transport: Transport, options: CtapClientOptions): CtapClient {
  const wire = new Wire(transport, options);
  return {
    device: transport.device,
    transport: transport.name,
    async getInfo(call) {
      const info = await wire.run('authenticatorGetInfo', undefined, getInfoResponse, DEADLINES.device, call);
      if (info.ok) wire.largestMessage = info.value.maxMsgSize ?? DEFAULT_MAX_MESSAGE_SIZE;
      return info;
    },
    makeCredential(request, call) {
      const parameters = makeCredentialRequest.write(request);
      return wire.run(
        'authenticatorMakeCredential',
        parameters,
        makeCredentialResponse,
        DEADLINES.person,
        call,
      );
    },
    getAssertion(request, call) {
      // A silent probe waits for nobody.
      const deadline = request.options?.up === false ? DEADLINES.device : DEADLINES.person;
      const parameters = getAssertionRequest.write(request);
      return wire.run('authenticatorGetAssertion', parameters, getAssertionResponse, deadline, call);
    },
    getNextAssertion: (call) =>
      wire.run('authenticatorGetNextAssertion', undefined, getAssertionResponse, DEADLINES.device, call),
    clientPin(request, call) {
      const byUv = CLIENT_PIN_SUBCOMMANDS.getPinUvAuthTokenUsingUvWithPermissions;
      const deadline = request.subCommand === byUv ? DEADLINES.person : DEADLINES.device;
      const parameters = clientPinRequest.write(request);
      return wire.run('authenticatorClientPIN', parameters, clientPinResponse, deadline, call);
    },
    selection: (call) => wire.run('authenticatorSelection', undefined, nothing, DEADLINES.person, call),
    reset: (call) => wire.run('authenticatorReset', undefined, nothing, DEADLINES.person, call),
    bioEnrollment(request, call) {
      const command = call?.preview ? 'authenticatorBioEnrollmentPreview' : 'authenticatorBioEnrollment';
      const deadline = waitsForFinger(request) ? DEADLINES.person : DEADLINES.device;
      return wire.run(command, bioEnrollmentRequest.write(request), bioEnrollmentResponse, deadline, call);
    },
    config: (request, call) =>
      wire.run('authenticatorConfig', configRequest.write(request), nothing, DEADLINES.device, call),
    credentialManagement(request, call) {
      const command = call?.preview
        ? 'authenticatorCredentialManagementPreview'
        : 'authenticatorCredentialManagement';
      const parameters = credentialManagementRequest.write(request);
      return wire.run(command, parameters, credentialManagementResponse, DEADLINES.device, call);
    },
    largeBlobs(request, call) {
      const parameters = largeBlobsRequest.write(request);
      return wire.run('authenticatorLargeBlobs', parameters, largeBlobsResponse, DEADLINES.device, call);
    },
    close: () => wire.close(),
  };
}

function waitsForFinger({ subCommand }: BioEnrollmentRequest): boolean {
  const { enrollBegin, enrollCaptureNextSample } = BIO_ENROLLMENT_SUBCOMMANDS;
  return subCommand === enrollBegin || subCommand === enrollCaptureNextSample;
}

/** How long a command may take. */
interface Deadline {
  readonly command: CommandName;
  readonly milliseconds: number;
  /** By the clock. */
  readonly due: number;
}

/** One connection: sizes, deadlines, trace. */
class Wire {
  /** Command byte included (CTAP 2.1 §6.4); what every CTAP2 authenticator takes until this one said more. */
  largestMessage = DEFAULT_MAX_MESSAGE_SIZE;
  readonly #transport: Transport;
  readonly #options: CtapClientOptions;
  /** Cancels commands without a signal of their own; all of them share it until it is used. */
  #cancel: Cancellation;

  constructor(transport: Transport, options: CtapClientOptions) {
    this.#transport = transport;
    this.#options = options;
    this.#cancel = new Cancellation(options.signal);
  }

  close(): Promise<void> {
    this.#cancel.release();
    return this.#transport.close();
  }

  async run<T>(
    command: CommandName,
    parameters: CborMap | undefined,
    codec: Codec<T>,
    deadline: number,
    call: CtapCall = {},
  ): Promise<Answer<T>> {
    const request = encodeRequest(command, parameters);
    if (request.length > this.largestMessage) throw this.#tooLarge(command, request.length);
    this.#trace('request', () => ({ ...describeRequest(request), hex: toHex(request) }));
    const answer = await this.#exchange(command, request, deadline, call);
    this.#trace('response', () => ({ ...describeResponse(request, answer), hex: toHex(answer) }));
    return decodeResponse(command, answer, codec);
  }

  async #exchange(
    command: CommandName,
    request: Uint8Array,
    deadline: number,
    call: CtapCall,
  ): Promise<Uint8Array> {
    const cancel = this.#cancellation(call);
    const { signal } = cancel;
    const noteCancel = () => this.#trace('cancel', () => ({ name: command }));
    signal.addEventListener('abort', noteCancel, { once: true });
    try {
      const due = this.#options.clock.now() + deadline;
      const running = this.#transport.send(request, { signal, onKeepAlive: this.#keepAlives() });
      if (await settlesAtOnce(running)) return await running;
      return await this.#inTime(running, cancel, { command, milliseconds: deadline, due });
    } finally {
      signal.removeEventListener('abort', noteCancel);
      if (cancel !== this.#cancel) cancel.release();
    }
  }

  /** What cancels a command: a signal of its own, those of the connection, its deadline. */
  #cancellation(call: CtapCall): Cancellation {
    if (call.signal !== undefined) return new Cancellation(call.signal, this.#options.signal);
    // Used up by a deadline: the connection itself goes on.
    if (this.#cancel.signal.aborted) this.#cancel = new Cancellation(this.#options.signal);
    return this.#cancel;
  }

  async #inTime(running: Promise<Uint8Array>, cancel: Cancellation, deadline: Deadline): Promise<Uint8Array> {
    // Ends with a cancel, and with the answer.
    const patience = new Cancellation(cancel.signal);
    try {
      return await Promise.race([running, this.#expiry(running, cancel, patience, deadline)]);
    } finally {
      patience.release();
      patience.abort();
    }
  }

  /** Cancels at the deadline, and gives up when a cancelled command stays silent. Never resolves. */
  async #expiry(
    running: Promise<Uint8Array>,
    cancel: Cancellation,
    patience: Cancellation,
    { command, milliseconds, due }: Deadline,
  ): Promise<never> {
    const { clock } = this.#options;
    await clock.sleep(due - clock.now(), patience.signal);
    // Patience ended without a cancel: there is an answer.
    if (patience.signal.aborted && !cancel.signal.aborted) return new Promise(() => {});
    cancel.abort();
    const answered = new AbortController();
    const settle = () => answered.abort(OVER);
    running.then(settle, settle);
    await clock.sleep(DEADLINES.cancel, answered.signal);
    if (answered.signal.aborted) return new Promise(() => {});
    const { device } = this.#transport;
    throw new KeyrigError('deadline-exceeded', `${device} did not answer ${command}`, {
      facts: { device, command, milliseconds },
    });
  }

  #keepAlives(): (status: KeepAliveStatus) => void {
    let last: KeepAliveStatus | undefined;
    return (status) => {
      if (status === last) return;
      last = status;
      this.#trace('keepalive', () => ({ name: status }));
      this.#options.onKeepAlive?.(status);
    };
  }

  /** `tell` runs only when somebody listens: describing a message costs more than sending it. */
  #trace(kind: CtapEvent['kind'], tell: () => Pick<CtapEvent, 'name' | 'fields' | 'hex'>): void {
    const { trace } = this.#options;
    trace?.emit({ layer: 'ctap', kind, device: this.#transport.device, ...tell() });
  }

  #tooLarge(command: CommandName, length: number): KeyrigError {
    return new KeyrigError(
      'transport-too-large',
      `${command} takes ${length} bytes and ${this.#transport.device} accepts ${this.largestMessage}`,
      { facts: { command, length, maxMsgSize: this.largestMessage } },
    );
  }
}
