/**
 * How many columns text takes in a terminal, and how to make it fit.
 */

/** Drawn onto the character before it: no column of its own. */
const COMBINING = /^[\p{Mn}\p{Me}\p{Cf}]$/u;

/** Drawn two columns wide (Unicode Standard Annex 11, in coarse blocks). */
const WIDE =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303f\uff01-\uff60\uffe0-\uffe6]$/u;

function columnsOf(sign: string): number {
  if (COMBINING.test(sign)) return 0;
  return WIDE.test(sign) ? 2 : 1;
}

/** Columns of plain text, without colours. */
export function columns(text: string): number {
  let sum = 0;
  for (const sign of text) sum += columnsOf(sign);
  return sum;
}

/** The text cut to `width` columns, with an ellipsis where something is missing. */
export function clip(text: string, width: number): string {
  if (columns(text) <= width) return text;
  let out = '';
  let used = 0;
  for (const sign of text) {
    used += columnsOf(sign);
    if (used > width - 1) break;
    out += sign;
  }
  return width < 1 ? '' : `${out.trimEnd()}…`;
}

/** The text filled up with spaces to `width` columns. */
export function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - columns(text)));
}

/** Lines of at most `width` columns, broken between words where that is possible. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const joined = line === '' ? word : `${line} ${word}`;
    if (columns(joined) <= width) {
      line = joined;
      continue;
    }
    if (line !== '') lines.push(line);
    const pieces = chop(word, width);
    lines.push(...pieces.slice(0, -1));
    line = pieces.at(-1) ?? '';
  }
  return [...lines, line];
}

/** Pieces of a word that is longer than a line, cut behind the last `/`, `-` or `.` that fits, or else anywhere. */
function chop(word: string, width: number): readonly string[] {
  const pieces: string[] = [];
  let piece = '';
  for (const sign of word) {
    if (piece !== '' && columns(piece) + columnsOf(sign) > Math.max(1, width)) {
      const joint = Math.max(...['/', '-', '.'].map((mark) => piece.lastIndexOf(mark))) + 1;
      const end = joint > 0 ? joint : piece.length;
      pieces.push(piece.slice(0, end));
      piece = piece.slice(end);
    }
    piece += sign;
  }
  return [...pieces, piece];
}
