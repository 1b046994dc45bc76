import { describe, expect, it } from 'vitest';
import { parsePage } from './markdown.js';

const PAGE = `# How it *works*: \`keyrig run\`, twice!

See [steps](#steps), [that](other.md#there) and \`[no](link.md)\`.

## Steps

| name | values |
|---|---|
| \`one\` | \`a\`, \`b\\|c\` |

1. Type this:

   \`\`\`sh
   keyrig run
     --list
   \`\`\`

## Steps
`;

describe('parsePage', () => {
  const page = parsePage('page.md', PAGE);

  it('names headings as GitHub does', () => {
    expect([...page.anchors]).toEqual(['how-it-works-keyrig-run-twice', 'steps', 'steps-1']);
  });

  it('finds links in text, with their lines, and none in code', () => {
    expect(page.links).toEqual([
      { where: 'page.md:3', text: '#steps' },
      { where: 'page.md:3', text: 'other.md#there' },
    ]);
  });

  it('takes the indentation of a list off its blocks', () => {
    expect(page.blocks).toEqual([{ where: 'page.md:13', language: 'sh', text: 'keyrig run\n  --list\n' }]);
  });

  it('splits a table into cells', () => {
    expect(page.table('Steps')).toEqual([['`one`', '`a`, `b|c`']]);
  });

  it('misses a table that is not there', () => {
    expect(() => page.table('Stages')).toThrow('page.md has no table under "Stages"');
  });

  it('refuses a block without an end', () => {
    expect(() => parsePage('page.md', 'text\n```ts\ncode\n')).toThrow(
      'page.md:2: this fence is never closed',
    );
  });
});
