/**
 * An HTTP client on a test bench: prepared answers in place of a network, clocks that move when told to.
 */
import { VirtualClock } from '../../src/ports.js';
import { CookieJar } from '../../src/target/cookie-jar.js';
import {
  type Fetch,
  HttpClient,
  type HttpLimits,
  type HttpRequest,
  type HttpSender,
} from '../../src/target/http-client.js';
import type { TraceEvent } from '../../src/trace/events.js';

export const LIMITS: HttpLimits = {
  timeout: 10_000,
  bodyBytes: 1_000,
  throttleRetries: 3,
  throttleWait: 30_000,
};
export const GET: HttpRequest = { method: 'GET', path: '/start', headers: {}, followRedirects: true };
export const ORIGIN = 'http://rp.localhost';

export function sender(name = 'alice'): HttpSender {
  const jar = new CookieJar();
  return { name, jar, secrets: () => ['correct horse', ...jar.values().values()] };
}

export interface Bench {
  readonly client: HttpClient;
  readonly events: TraceEvent[];
  readonly deadlines: VirtualClock;
  readonly clock: VirtualClock;
}

export function bench(fetch: Fetch, options: { origin?: string; limits?: Partial<HttpLimits> } = {}): Bench {
  const events: TraceEvent[] = [];
  const deadlines = new VirtualClock();
  const clock = new VirtualClock({ automatic: true });
  const trace = { emit: (event: TraceEvent) => void events.push(event) };
  const limits = { ...LIMITS, ...options.limits };
  const client = new HttpClient({ origin: options.origin ?? ORIGIN, limits, trace, clock, deadlines, fetch });
  return { client, events, deadlines, clock };
}

/** A handler that gives prepared answers in turn and notes what it was sent. */
export function answering(...answers: readonly Response[]): { fetch: Fetch; requests: Request[] } {
  const requests: Request[] = [];
  const fetch: Fetch = async (request) => {
    requests.push(request);
    return answers[requests.length - 1] ?? new Response(null, { status: 599 });
  };
  return { fetch, requests };
}

/** Lets an exchange go on until it waits for time. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

export const to = (location: string, status = 302) => new Response(null, { status, headers: { location } });
