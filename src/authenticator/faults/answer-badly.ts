/**
 * A command of a key with faults, from its message to the bytes of its answer.
 */
import { encodeResponse } from '../../ctap/messages/message.js';
import { STATUS } from '../../ctap/status.js';
import type { CommandResult } from '../result.js';
import type { Running } from '../running.js';
import { type U2fResult, writeU2fResult } from '../u2f/result.js';
import type { Sabotage } from './sabotage.js';

/** What a key answers to a cancel; also what nobody hears when its power goes. */
const cancelled = () => encodeResponse(STATUS.CTAP2_ERR_KEEPALIVE_CANCEL);

/** Runs a command of CTAP2. `encode` is how answers become bytes as long as nothing is wrong with them. */
export async function answerBadly(
  running: Running,
  sabotage: Sabotage,
  run: () => Promise<CommandResult> | CommandResult,
  encode: (result: CommandResult) => Uint8Array,
): Promise<Uint8Array> {
  const { exchange, session } = running;
  return misjudging(running, sabotage, async () => {
    await sabotage.begin(running);
    if (session.ended.aborted || exchange.signal.aborted) return cancelled();
    const result = sabotage.refusal() ?? (await run());
    if (session.ended.aborted) return cancelled();
    const answer = await sabotage.leave(running, await sabotage.damaged(running, result, encode));
    return session.ended.aborted || answer === 'cancelled' ? cancelled() : answer;
  });
}

/** Runs a command of U2F, which has no cancelling. */
export async function answerU2fBadly(
  running: Running,
  sabotage: Sabotage,
  run: () => Promise<U2fResult>,
): Promise<Uint8Array> {
  const { session } = running;
  const silent = () => writeU2fResult({ status: 'SW_UNKNOWN' });
  await sabotage.begin(running);
  if (session.ended.aborted) return silent();
  const status = sabotage.statusWord();
  const result = status === undefined ? await run() : { status };
  const answer = await sabotage.leave(running, writeU2fResult(result));
  return session.ended.aborted || answer === 'cancelled' ? silent() : answer;
}

/** Tokens are judged as the fault says until the command is over. */
async function misjudging<T>(
  { session: { tokens } }: Running,
  sabotage: Sabotage,
  body: () => Promise<T>,
): Promise<T> {
  const verdict = sabotage.tokens;
  if (verdict === undefined) return body();
  tokens.misjudge(verdict, () => sabotage.misjudged());
  try {
    return await body();
  } finally {
    tokens.judgeWell();
  }
}
