/**
 * Words and numbers as every report writes them.
 */
import type { Result } from '../scenarios/results.js';

/** Characters that move the cursor, change direction or can't be seen: shown by their escape, so that nobody's text can pose as ours. */
const INVISIBLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that are looked for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/**
 * The text with control characters, direction marks, zero-width characters and lone surrogates as `\u001b`. Tabs and line feeds stay.
 *
 * What a relying party answers ends up in reports: it must not start an escape sequence in a terminal or turn a line around in a page.
 */
export function visible(text: string): string {
  return text.replaceAll(INVISIBLE, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The text on one line. */
export function oneLine(text: string): string {
  return visible(text.replaceAll(/\s+/g, ' ').trim());
}

/** `38 ms`, `1.2 s`, `2 min 5 s`. */
export function duration(milliseconds: number): string {
  const rounded = Math.round(milliseconds);
  if (rounded < 1_000) return `${rounded} ms`;
  if (rounded < 59_950) return `${(rounded / 1_000).toFixed(1)} s`;
  const seconds = Math.round(rounded / 1_000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** `1 result`, `2 results`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** `2026-11-24 21:15:03 UTC`; a text that is no time stays as it is. */
export function moment(iso: string): string {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/.test(iso)
    ? `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`
    : iso;
}

/** Milliseconds between two ISO times, 0 when either is none. */
export function elapsed(startedAt: string, endedAt: string): number {
  const between = Date.parse(endedAt) - Date.parse(startedAt);
  return Number.isFinite(between) ? Math.max(0, between) : 0;
}

/** The value of an observation, `undefined` when it was not made. */
export function observed(result: Pick<Result, 'observations'>, name: string): string | undefined {
  const value = result.observations.find((observation) => observation.name === name)?.value;
  if (value === undefined) return undefined;
  return typeof value === 'object' ? value.join(', ') : String(value);
}

/** Whether a result has something to say about what was offered first: a screen of the platform came up. */
export function showsFirstScreen(result: Pick<Result, 'observations'>): boolean {
  const first = observed(result, 'firstScreen');
  return first !== undefined && first !== 'none' && observed(result, 'defaultChoice') !== undefined;
}

/** Clicks from the first screen to the security key; -1 was observed where no way leads there. */
export function clicksToKey(result: Pick<Result, 'observations'>): string {
  const clicks = observed(result, 'clicksToSecurityKey');
  return clicks === '-1' ? 'no way' : (clicks ?? '');
}

/** `WebAuthn L3 §7.2 step 21 · MUST · critical`: which rule, and how much it weighs. */
export function ruleOf(result: Pick<Result, 'clause' | 'level' | 'severity'>): string {
  return [result.clause, result.level, result.severity].filter((part) => part !== undefined).join(' · ');
}

/** The command that repeats a run with its seed. */
export function repeatCommand(report: { readonly command: string; readonly seed: string }): string {
  if (/(?:^|\s)--seed(?:=|\s)/.test(report.command)) return report.command;
  const seed = /^[\w.:/-]+$/.test(report.seed) ? report.seed : `'${report.seed.replaceAll("'", `'\\''`)}'`;
  return `${report.command} --seed ${seed}`;
}
