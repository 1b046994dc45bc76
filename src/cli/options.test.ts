import { InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import { collect, filled, seconds, shard } from './options.js';

describe('--deadline', () => {
  it.each([
    ['1', 1],
    ['60', 60],
    ['86400', 86_400],
  ])('takes %s', (text, value) => {
    expect(seconds(text)).toBe(value);
  });

  it.each(['0', '-1', '1.5', '86401', '1e3', '0x10', ' 5', '', 'soon', '999999'])('refuses %j', (text) => {
    expect(() => seconds(text)).toThrow(InvalidArgumentError);
  });
});

describe('--shard', () => {
  it('takes its number and how many there are', () => {
    expect(shard('2/3')).toEqual({ index: 2, count: 3 });
  });

  it.each(['0/3', '4/3', '1', '1/', '1/0', 'a/b', '1/2/3', '1 / 2'])('refuses %j', (text) => {
    expect(() => shard(text)).toThrow(
      /is not a shard \(give its number and how many there are, e\.g\. 2\/3\)/,
    );
  });
});

describe('an option that is repeated', () => {
  it('keeps every value in its order', () => {
    expect(
      ['a', 'b', 'a'].reduce<readonly string[] | undefined>((all, one) => collect(one, all), undefined),
    ).toEqual(['a', 'b', 'a']);
  });

  it('refuses an empty one', () => {
    expect(() => collect('', ['a'])).toThrow(InvalidArgumentError);
  });
});

it.each(['', ' ', '\t'])('an empty value is a variable that nobody set: %j', (text) => {
  expect(() => filled(text)).toThrow('expected some text');
});
