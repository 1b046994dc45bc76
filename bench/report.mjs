/**
 * From rounds to the table: medians, and ratios taken within each round.
 */
import { availableParallelism, cpus, loadavg } from 'node:os';

/** What was measured on. */
export function machineLine() {
  const model = cpus()[0]?.model.trim() ?? 'unknown CPU';
  const load = loadavg().map((average) => average.toFixed(1));
  const day = new Date().toISOString().slice(0, 10);
  return `${model}, ${availableParallelism()} cores, Node ${process.versions.node}, load ${load.join(' ')}, ${day}`;
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** `1,234` from a hundred on, three significant digits below. */
function figure(value) {
  return value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toPrecision(3);
}

/** The cells of a row, in the order of {@link HEAD}. */
function cells({ title, against, kind, aim = '' }, rounds) {
  const ratios = rounds.map(({ ours, theirs }) => (kind === 'rate' ? theirs / ours : ours / theirs));
  const speed = (side) => {
    const time = median(rounds.map((round) => round[side]));
    return kind === 'rate'
      ? `${figure(1_000 / time)}/s`
      : `${figure(time)} ${kind === 'size' ? 'KiB' : 'ms'}`;
  };
  const range = `${figure(Math.min(...ratios))} to ${figure(Math.max(...ratios))}`;
  return [title, speed('ours'), against, speed('theirs'), figure(median(ratios)), range, aim];
}

const HEAD = ['what', 'keyrig', 'against', 'there', 'ratio', 'min to max', 'aim'];

/** The results as a table that also is Markdown. */
export function table(results) {
  const lines = [HEAD, ...results.map(({ row, rounds }) => cells(row, rounds))];
  const widths = HEAD.map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  const text = (line) => `| ${line.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  const [head, ...body] = lines.map(text);
  return [head, rule, ...body].join('\n');
}
