/**
 * The thread of the watchdog. It can hear no signal and end no process in order, so it has two means: the debugger's, and SIGKILL.
 */
import { writeSync } from 'node:fs';
import { Session } from 'node:inspector';
import { workerData } from 'node:worker_threads';
import { GRACE_MS, PULSE_MS, type SharedTimes, TIME } from './watchdog.js';

const STDERR = 2;

// What `startWatchdog` gave: nobody else starts this thread.
const shared: SharedTimes = workerData;
let brokenAt: number | undefined;

setInterval(look, PULSE_MS);

function look(): void {
  const now = Date.now();
  const { [TIME.pulse]: pulse = now, [TIME.overdue]: overdue = 0 } = shared.times;
  if (overdue === 0 || now < overdue + GRACE_MS || now < pulse + GRACE_MS) {
    brokenAt = undefined;
    return;
  }
  if (brokenAt === undefined) {
    brokenAt = now;
    say(`the scenario "${name()}" did not yield until its deadline, and is broken off`);
    breakOff();
    return;
  }
  if (now < brokenAt + GRACE_MS) return;
  say(`the scenario "${name()}" can not be broken off, so this process is killed: its results are lost`);
  process.kill(process.pid, 'SIGKILL');
}

/** Throws what nobody can catch in the other thread, as a debugger's stop button does. */
function breakOff(): void {
  const session = new Session();
  session.connectToMainThread();
  // Disconnected at once: a process with a debugger waits for it at its end.
  session.post('Runtime.terminateExecution', () => session.disconnect());
}

function name(): string {
  const { name: bytes } = shared;
  return new TextDecoder().decode(bytes.slice(1, 1 + (bytes[0] ?? 0)));
}

/** At once: the other thread, through which streams of a worker go, is not listening. */
function say(text: string): void {
  writeSync(STDERR, `keyrig: ${text} [deadline-exceeded]\n`);
}
