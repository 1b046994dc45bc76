import { expect, it } from 'vitest';
import { wantsColour } from './io.js';
import { memoryOutput } from './io.suite.js';

it.each([
  ['a terminal', { isTTY: true }, {}, true],
  ['a pipe', { isTTY: false }, {}, false],
  ['a terminal without colours', { isTTY: true }, { TERM: 'dumb' }, false],
  ['a terminal of somebody who wants none', { isTTY: true }, { NO_COLOR: '1' }, false],
  ['an empty NO_COLOR, which says nothing', { isTTY: true }, { NO_COLOR: '' }, true],
  ['a pipe of somebody who wants them', { isTTY: false }, { FORCE_COLOR: '1' }, true],
  ['a pipe of somebody who wants none after all', { isTTY: false }, { FORCE_COLOR: '0' }, false],
  ['somebody who says both', { isTTY: true }, { FORCE_COLOR: '1', NO_COLOR: '1' }, false],
])('colours on %s', (_, output, env, expected) => {
  expect(wantsColour({ env, stderr: memoryOutput(output) })).toBe(expected);
});
