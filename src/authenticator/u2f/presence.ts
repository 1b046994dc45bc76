/**
 * Presence for U2F, which does not wait: the key asks its user, says at once that nobody was there, and looks again when it is asked again
 * (FIDO U2F Raw Message Formats §4.2 and §5.3).
 */
import { sameBytes } from '../../data/bytes.js';
import type { KeepAliveStatus } from '../../transport/transport.js';
import type { CommandContext } from '../context.js';
import { askForPresence, type Reason } from '../user-interaction.js';
import { performBuiltInUv } from '../user-verification.js';

/** Without a question for as long the client has gone, in milliseconds: clients ask several times a second. */
export const U2F_PATIENCE = 3_000;

/** What somebody is there for. A touch for one thing is none for another. */
export interface U2fPurpose {
  readonly reason: 'u2f-register' | 'u2f-authenticate';
  readonly application: Uint8Array;
  /** The key verifies its user always (CTAP 2.1 §7.2): a touch is not enough. */
  readonly verify: boolean;
}

/** The question that the key has open, if any. Ends with the power cycle that it lives in. */
export class U2fPresence {
  #question: Question | undefined;

  get isOpen(): boolean {
    return this.#question !== undefined;
  }

  /** Whether somebody was there since this was asked for the first time. Uses that up. */
  async given(context: CommandContext, purpose: U2fPurpose): Promise<boolean> {
    if (this.#question?.isStill(purpose) !== true) {
      await this.end();
      this.#question = new Question(context, purpose);
    }
    const question = this.#question;
    const answer = await question.answer();
    // What still waits, waits on; everything else has been said.
    if (answer === undefined || answer.kind === 'no') question.wait(context, () => void this.end());
    else await this.end();
    if (answer?.kind === 'failed') throw answer.error;
    return answer?.kind === 'yes';
  }

  /** Nothing is asked any more: another command came, or the client went. */
  async end(): Promise<void> {
    const question = this.#question;
    this.#question = undefined;
    await question?.end();
  }
}

/** Turns in which a user who acts at once has acted: more than asking takes. */
const AT_ONCE = 20;

/** One time that the user is asked, across commands. */
class Question {
  readonly #purpose: U2fPurpose;
  readonly #over = new AbortController();
  readonly #asked: Promise<void>;
  #answer: Answer | undefined;
  #patience = new AbortController();

  constructor(context: CommandContext, purpose: U2fPurpose) {
    this.#purpose = purpose;
    this.#asked = ask(context, purpose, this.#over.signal).then(
      (kind) => {
        this.#answer = { kind };
      },
      // A store that broke while nobody waited: whoever asks next is told.
      (error: unknown) => {
        this.#answer = { kind: 'failed', error };
      },
    );
  }

  isStill({ reason, application, verify }: U2fPurpose): boolean {
    const mine = this.#purpose;
    return mine.reason === reason && mine.verify === verify && sameBytes(mine.application, application);
  }

  /** What the user has said by now, if anything. */
  async answer(): Promise<Answer | undefined> {
    for (let turn = 0; turn < AT_ONCE && this.#answer === undefined; turn++) await undefined;
    return this.#answer;
  }

  /** Calls back when no other question comes. */
  wait({ clock }: CommandContext, gone: () => void): void {
    this.#patience.abort('asked again');
    const patience = new AbortController();
    this.#patience = patience;
    void clock.sleep(U2F_PATIENCE, patience.signal).then(() => {
      if (!patience.signal.aborted) gone();
    });
  }

  /** Resolves when what was asked has left no traces: an attempt at verification that was taken back is given back. */
  end(): Promise<void> {
    this.#patience.abort('over');
    this.#over.abort('over');
    return this.#asked;
  }
}

type Said = 'yes' | 'no' | 'timeout';

type Answer = { readonly kind: Said } | { readonly kind: 'failed'; readonly error: unknown };

/** A person who says no has said so until the client gives up; one who has done nothing is asked again. */
async function ask(context: CommandContext, purpose: U2fPurpose, over: AbortSignal): Promise<Said> {
  const background = detached(context, over);
  const why: Reason = { reason: purpose.reason };
  if (purpose.verify) {
    const verified = await performBuiltInUv(background, why, true);
    if (verified !== 'verified') return verified === 'timeout' ? 'timeout' : 'no';
    // The gesture was a touch already
    if (context.config.presence === 'with-uv') return 'yes';
  }
  const present = await askForPresence(background, why);
  if (present === 'touched') return 'yes';
  return present === 'timeout' ? 'timeout' : 'no';
}

const silent = (_: KeepAliveStatus) => {};

/** The command goes, the question stays. It holds no clock, for nothing works meanwhile. */
function detached(context: CommandContext, over: AbortSignal): CommandContext {
  return {
    ...context,
    exchange: { signal: over, keepAlive: silent },
    pause: () => {},
    resume: () => {},
  };
}
