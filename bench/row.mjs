/**
 * One row, in a process of its own: what other rows compiled and left behind has no part in it.
 */
import { cpuClock, EFFORTS, interleave, wallClock } from './rounds.mjs';
import { ROWS, sidesOf } from './rows.mjs';

const [id, effort] = process.argv.slice(2);
const row = ROWS.find((one) => one.id === id);
const sides = await sidesOf(row);
const clock = row.kind === 'rate' ? cpuClock : wallClock;
const rounds = await interleave(sides, EFFORTS[effort], clock);
process.send(rounds, () => process.exit());
