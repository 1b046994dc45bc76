/**
 * One HTTP exchange with the relying party, the way a page would have it, with nothing left open-ended: time, size, redirects and
 * retries are bounded, and every step is in the trace.
 */
import { concat } from '../data/bytes.js';
import { KeyrigError } from '../errors.js';
import type { Clock } from '../ports.js';
import type { TraceSink } from '../trace/events.js';
import type { CookieJar } from './cookie-jar.js';
import { type HttpAnswer, parseJsonBody, type ReceivedAnswer } from './http-answer.js';
import { failureOf, HttpError } from './http-failure.js';
import { Redactor } from './http-redaction.js';
import { HttpTracer } from './http-tracer.js';

/** The part of `fetch` that is needed: an in-process handler serves as well. */
export type Fetch = (request: Request) => Promise<Response>;

/** Bounds of every exchange. */
export interface HttpLimits {
  /** Milliseconds for one request and its whole answer. */
  readonly timeout: number;
  /** Bytes of one answer's body. */
  readonly bodyBytes: number;
  /** How often a 429 is waited out. */
  readonly throttleRetries: number;
  /** Milliseconds in all that 429s of one request may cost. */
  readonly throttleWait: number;
}

/** Redirects followed for one request; browsers stop at 20, and no sign-in needs ten. */
export const MAX_REDIRECTS = 10;

/** How long a 429 without a usable `Retry-After` is waited out, in milliseconds. */
const DEFAULT_RETRY_AFTER = 1_000;

/** A request, filled in and ready to be sent. */
export interface HttpRequest {
  readonly method: string;
  /** With its query, e.g. `/api/session`. */
  readonly path: string;
  /** The path as the adapter has it, with its placeholders; by default `path`. For messages. */
  readonly template?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly followRedirects: boolean;
  /** The secrets that an answer brings, cookies aside: they are hidden in its own trace already. */
  secretsIn?(answer: ReceivedAnswer): Iterable<string>;
}

/** Who sends it: the cookies, the name in the trace, and what must not be shown there. */
export interface HttpSender {
  readonly name: string;
  readonly jar: CookieJar;
  secrets(): Iterable<string>;
}

/** What an HTTP client is made of. */
export interface HttpClientOptions {
  /** Scheme, host and port: requests never leave it. */
  readonly origin: string;
  readonly limits: HttpLimits;
  readonly trace: TraceSink;
  /** The run's clock: held while a socket is waited for. */
  readonly clock: Clock;
  /** The clock of deadlines and of `Retry-After`: the machine's, since it is a server that is waited for. */
  readonly deadlines: Clock;
  readonly fetch: Fetch;
}

/** Sends requests to one origin. */
export class HttpClient {
  readonly #options: HttpClientOptions;

  constructor(options: HttpClientOptions) {
    this.#options = options;
  }

  /**
   * Sends a request, follows redirects within the origin and waits out 429s. Any status is an answer.
   *
   * @throws HttpError when there is none; KeyrigError `adapter-invalid`, with nothing sent, when the path leads to another origin.
   */
  async exchange(request: HttpRequest, sender: HttpSender): Promise<HttpAnswer> {
    const release = this.#options.clock.hold();
    try {
      return await this.#withPatience(request, sender);
    } finally {
      release();
    }
  }

  /** 429 (RFC 6585 §4): wait as told and try again, within bounds; then the 429 is the answer. */
  async #withPatience(request: HttpRequest, sender: HttpSender): Promise<HttpAnswer> {
    const { limits, deadlines } = this.#options;
    let waited = 0;
    for (let attempt = 0; ; attempt++) {
      const answer = await this.#followed(request, sender);
      if (answer.status !== 429 || attempt >= limits.throttleRetries) return answer;
      const wait = retryAfter(answer.headers, deadlines.now());
      waited += wait;
      if (waited > limits.throttleWait) return answer;
      await deadlines.sleep(wait);
    }
  }

  async #followed(request: HttpRequest, sender: HttpSender): Promise<HttpAnswer> {
    let hop: Hop = { ...request, url: urlOf(request, this.#options.origin) };
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      const answer = await this.#send(hop, sender);
      const next = request.followRedirects ? nextHop(hop, answer, this.#options.origin) : undefined;
      if (next === undefined) return answer;
      hop = next;
    }
    throw redirectLoop(request, hop, sender);
  }

  async #send(hop: Hop, sender: HttpSender): Promise<HttpAnswer> {
    const tracer = new HttpTracer(this.#options.trace, sender, hop);
    const headers = headersOf(hop, sender.jar);
    tracer.request(headers, hop.body);
    try {
      const { response, text } = await this.#withDeadline(hop, headers, tracer.name);
      sender.jar.store(hop.url, response.headers);
      const received = receivedAnswer(hop, response, text, sender.jar);
      const preview = tracer.response(received, hop.secretsIn?.(received) ?? []);
      return { ...received, name: tracer.name, preview };
    } catch (cause) {
      const error = errorOf(cause, tracer.name, this.#options.origin);
      tracer.failure(error);
      throw error;
    }
  }

  /** The deadline covers connecting, waiting and reading. A handler that ignores the abort is left behind. */
  async #withDeadline(
    hop: Hop,
    headers: Headers,
    name: string,
  ): Promise<{ response: Response; text: string }> {
    const { deadlines, limits, fetch } = this.#options;
    const expired = new AbortController();
    const answered = new AbortController();
    const init = { method: hop.method, headers, redirect: 'manual', signal: expired.signal } as const;
    const request = new Request(hop.url, hop.body === undefined ? init : { ...init, body: hop.body });
    const exchange = fetch(request).then(async (response) => ({
      response,
      text: await readBounded(response, limits.bodyBytes),
    }));
    const silence = deadlines.sleep(limits.timeout, answered.signal).then(() => {
      if (answered.signal.aborted) return exchange;
      expired.abort();
      throw silenceError(name, limits.timeout);
    });
    try {
      return await Promise.race([exchange, silence]);
    } finally {
      answered.abort();
      silence.catch(() => {});
      exchange.catch(() => {});
    }
  }
}

/** One request of a chain of redirects. */
interface Hop extends Omit<HttpRequest, 'path' | 'template' | 'followRedirects'> {
  readonly url: URL;
}

/** `//host` is a URL of its own scheme-relative kind (URL §4.3), and an absent value can leave that of `/${saved.area}/host`. */
function urlOf({ method, path, template = path }: HttpRequest, origin: string): URL {
  const url = URL.canParse(path, origin) ? new URL(path, origin) : undefined;
  if (url?.origin === origin) return url;
  throw new KeyrigError('adapter-invalid', `the path does not lead to ${origin}, so nothing was sent`, {
    where: `${method} ${template}`,
    hint: 'a placeholder in it may be empty: look at what the step before it saved',
  });
}

function receivedAnswer(
  { method, url }: Hop,
  { status, headers }: Response,
  text: string,
  jar: CookieJar,
): ReceivedAnswer {
  return { method, url, status, headers, text, json: parseJsonBody(text), cookies: jar.values() };
}

function redirectLoop(request: HttpRequest, hop: Hop, sender: HttpSender): HttpError {
  const redactor = new Redactor(sender.secrets());
  const route = redactor.text(`${request.method} ${request.path}`);
  const message = `redirect loop: ${route} was redirected more than ${MAX_REDIRECTS} times`;
  return new HttpError('redirect-loop', 'target-answer', message, {
    hint: 'look at the trace for the addresses; a cookie that the server misses is the usual cause',
    facts: { last: redactor.text(hop.url.pathname) },
  });
}

function errorOf(cause: unknown, name: string, origin: string): HttpError {
  if (cause instanceof HttpError) return cause;
  const { failure, reason } = failureOf(cause);
  if (failure !== 'unreachable') {
    return new HttpError(failure, 'target-unreachable', `${name} ended without a whole answer: ${reason}`, {
      cause,
    });
  }
  return new HttpError(failure, 'target-unreachable', `${origin} did not accept a connection: ${reason}`, {
    hint: 'is the relying party running, and is baseUrl right?',
    cause,
  });
}

function silenceError(name: string, timeout: number): HttpError {
  return new HttpError('silence', 'deadline-exceeded', `${name} was not answered within ${timeout} ms`, {
    hint: 'raise limits.timeout in the adapter if the server is merely slow',
  });
}

/**
 * One connection per request: a kept-alive socket that the server happens to close looks like a reset, and a reset is a verdict here.
 */
function headersOf(hop: Hop, jar: CookieJar): Headers {
  const headers = new Headers({ accept: 'application/json, text/html;q=0.9, */*;q=0.1', ...hop.headers });
  headers.set('connection', 'close');
  const cookie = jar.header(hop.url);
  if (cookie !== undefined && !headers.has('cookie')) headers.set('cookie', cookie);
  return headers;
}

/** Fetch §4.4 (HTTP-redirect fetch): 303, and 301 and 302 after POST, go on as GET without a body. */
function nextHop(hop: Hop, answer: HttpAnswer, origin: string): Hop | undefined {
  const location = answer.headers.get('location');
  if (![301, 302, 303, 307, 308].includes(answer.status) || location === null) return undefined;
  const url = URL.canParse(location, hop.url.href) ? new URL(location, hop.url) : undefined;
  // A redirect to somewhere else is the answer: what is there isn't ours to ask.
  if (url?.origin !== origin) return undefined;
  const becomesGet = answer.status === 303 || (answer.status < 303 && hop.method === 'POST');
  if (!becomesGet) return { ...hop, url };
  const { 'content-type': _, ...headers } = hop.headers;
  const { secretsIn } = hop;
  const asked = { method: hop.method === 'HEAD' ? 'HEAD' : 'GET', url, headers };
  return secretsIn === undefined ? asked : { ...asked, secretsIn };
}

async function readBounded(response: Response, limit: number): Promise<string> {
  const reader = response.body?.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (let next = await reader?.read(); next?.done === false; next = await reader?.read()) {
    size += next.value.length;
    chunks.push(next.value);
    if (size <= limit) continue;
    // Not waited for: a stream may take its time to be cancelled.
    reader?.cancel().catch(() => {});
    throw oversizedError(response, limit);
  }
  return new TextDecoder().decode(concat(...chunks));
}

function oversizedError(response: Response, limit: number): HttpError {
  const message = `the answer (status ${response.status}) is longer than ${limit} bytes`;
  return new HttpError('oversized', 'target-answer', message, {
    hint: 'no passkey ceremony needs that much; does the adapter name the right address?',
  });
}

/** RFC 9110 §10.2.3: seconds, or a date, which counts from the server's own date. */
function retryAfter(headers: Headers, now: number): number {
  const value = headers.get('retry-after')?.trim() ?? '';
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1_000;
  const until = Date.parse(value);
  if (Number.isNaN(until)) return DEFAULT_RETRY_AFTER;
  const serverNow = Date.parse(headers.get('date') ?? '');
  return Math.max(0, until - (Number.isNaN(serverNow) ? now : serverNow));
}
