/**
 * Writes one HTTP exchange to the trace: the request, and the answer or the failure, with secrets hidden at the source.
 */
import type { TraceSink } from '../trace/events.js';
import type { ReceivedAnswer } from './http-answer.js';
import type { HttpError } from './http-failure.js';
import { Redactor } from './http-redaction.js';

/** What is needed of a sender: its name on the timeline and the values that must not be shown. */
export interface TracedSender {
  readonly name: string;
  secrets(): Iterable<string>;
}

/** The trace of one request. */
export class HttpTracer {
  /** `POST /api/session`, with secrets hidden: the event's name, and how messages call this exchange. */
  readonly name: string;
  readonly #trace: TraceSink;
  readonly #sender: TracedSender;
  readonly #method: string;
  readonly #url: URL;

  constructor(trace: TraceSink, sender: TracedSender, sent: { readonly method: string; readonly url: URL }) {
    this.name = new Redactor(sender.secrets()).text(`${sent.method} ${sent.url.pathname}`);
    this.#trace = trace;
    this.#sender = sender;
    this.#method = sent.method;
    this.#url = sent.url;
  }

  request(headers: Headers, body: string | undefined): void {
    const redactor = new Redactor(this.#sender.secrets());
    const shownBody = body === undefined ? {} : { body: redactor.body(body, headers.get('content-type')) };
    this.#trace.emit({
      ...this.#event(redactor),
      kind: 'request',
      fields: { ...this.#sent(redactor), headers: redactor.headers(headers), ...shownBody },
    });
  }

  /**
   * To be called after the jar took the answer's cookies: they are secrets already.
   *
   * @param brought Other secrets that this answer brings.
   * @returns The body's preview as the trace has it.
   */
  response({ status, headers, text }: ReceivedAnswer, brought: Iterable<string>): string {
    const redactor = new Redactor([...this.#sender.secrets(), ...brought]);
    const body = redactor.body(text, headers.get('content-type'));
    this.#trace.emit({
      ...this.#event(redactor),
      kind: 'response',
      fields: { ...this.#sent(redactor), status, headers: redactor.headers(headers), body },
    });
    return body;
  }

  failure(error: HttpError): void {
    const redactor = new Redactor(this.#sender.secrets());
    this.#trace.emit({
      ...this.#event(redactor),
      kind: 'failure',
      fields: { ...this.#sent(redactor), failure: error.failure, message: redactor.text(error.message) },
    });
  }

  #event(redactor: Redactor): { layer: 'http'; jar: string; name: string } {
    return { layer: 'http', jar: this.#sender.name, name: redactor.text(this.name) };
  }

  #sent(redactor: Redactor): { method: string; url: string } {
    return { method: this.#method, url: redactor.url(this.#url) };
  }
}
