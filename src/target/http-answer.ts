/**
 * What came back from the relying party, read completely.
 */

/** An HTTP answer as it was received. */
export interface ReceivedAnswer {
  /** Of the request that was answered, e.g. `POST`. */
  readonly method: string;
  readonly url: URL;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON, or `undefined` when it is none. */
  readonly json: unknown;
  /** The session's cookies after this answer, by name. */
  readonly cookies: ReadonlyMap<string, string>;
}

/** One HTTP answer, after redirects, with what of it may be shown. */
export interface HttpAnswer extends ReceivedAnswer {
  /** `POST /api/session`, with secrets hidden: how messages call the exchange. */
  readonly name: string;
  /** The start of the body with secrets hidden: for messages. */
  readonly preview: string;
}

/** The body as JSON, or `undefined` when it is none, whatever its content type says: servers are careless with that. */
export function parseJsonBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const SHOWN_CHARACTERS = 120;

/** `POST /api/x answered 502 text/html: <!doctype html>…`. */
export function describeAnswer(answer: HttpAnswer): string {
  const type = answer.headers.get('content-type')?.split(';')[0] ?? 'no content type';
  return `${answer.name} answered ${answer.status} ${type}: ${excerpt(answer.preview)}`;
}

/** The first characters on one line, without control characters. */
function excerpt(text: string): string {
  const line = text.trim().replaceAll(/[\s\p{Cc}]+/gu, ' ');
  if (line === '') return '(nothing)';
  return line.length > SHOWN_CHARACTERS ? `${line.slice(0, SHOWN_CHARACTERS)}…` : line;
}
