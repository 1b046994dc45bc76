/**
 * `index.html`: the whole run in one page that needs nothing else, from a disk or a server, with or without a script.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import type { Result, RunReport } from '../scenarios/results.js';
import { redact } from '../trace/redact.js';
import { count, showsFirstScreen } from './format.js';
import { timelinesWithin } from './html/budget.js';
import { ICONS } from './html/dialogs.js';
import { html, type Markup, ours } from './html/markup.js';
import { resultMarkup } from './html/result-section.js';
import { SCRIPT } from './html/script.js';
import { STYLE } from './html/style.js';
import { filterMarkup, headline, overviewMarkup, summaryMarkup } from './html/summary.js';

/** How many broken results are open when the page is. */
const OPEN_AT_FIRST = 3;

/** The page's own icon: a key, drawn here so that no browser asks a server for one. */
const ICON = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect x="1" y="5" width="10" height="6" rx="1.500" fill="#3157d5"/><path d="M11 6.500h4v3h-4" fill="none" stroke="#3157d5"/></svg>',
)}`;

/**
 * The report as one HTML page. Secrets are redacted, everything is escaped, and the page may load nothing and run nothing but its own script.
 * However many results there are, it stays a few megabytes: `trace.jsonl` beside it has what it leaves out.
 *
 * @example
 * ```ts
 * await writeFile('index.html', renderHtml(report));
 * ```
 */
export function renderHtml(report: RunReport): string {
  const clean = redact(report);
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy()}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>keyrig: ${headline(clean)}</title>
<link rel="icon" href="${ICON}">
<style>${ours(STYLE)}</style>
</head>
<body>
${ICONS}
<main>
${summaryMarkup(clean)}
${overviewMarkup(clean.results)}
${filterMarkup(clean)}
${sections(clean.results)}
</main>
<script>${ours(SCRIPT)}</script>
</body>
</html>
`;
  return page.text;
}

/** Content Security Policy: nothing from anywhere, and of ours only what hashes to these (CSP Level 3 §2.3.1). */
function policy(): string {
  const directives = [
    "default-src 'none'",
    'img-src data:',
    `style-src '${hashOf(STYLE)}'`,
    `script-src '${hashOf(SCRIPT)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ];
  return directives.join('; ');
}

function hashOf(text: string): string {
  const digest = sha256(new TextEncoder().encode(text));
  return `sha256-${btoa(String.fromCharCode(...digest))}`;
}

function sections(results: readonly Result[]): readonly (Markup | false)[] {
  const timelines = timelinesWithin(results);
  const open = openAtFirst(results);
  const drawn = results.map((result, index) => {
    const place = { index, isOpen: open.has(result), timeline: timelines[index] };
    return { kind: result.kind, markup: resultMarkup(result, place) };
  });
  return (['scenario', 'check'] as const).map((kind) => {
    const own = drawn.filter((one) => one.kind === kind);
    return (
      own.length > 0 &&
      html`<section><h2>${count(own.length, kind)}</h2>${own.map((one) => one.markup)}</section>`
    );
  });
}

/** What a reader came for: what is broken, or else the first screens that were shown. */
function openAtFirst(results: readonly Result[]): ReadonlySet<Result> {
  const broken = results.filter(({ verdict }) => verdict === 'FAIL' || verdict === 'CRASH');
  const shown = results.find(showsFirstScreen);
  return new Set(broken.length > 0 || shown === undefined ? broken.slice(0, OPEN_AT_FIRST) : [shown]);
}
