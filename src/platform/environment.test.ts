import { describe, expect, it } from 'vitest';
import { KeyrigError } from '../errors.js';
import { browserOf, resolveEnvironment } from './environment.js';
import { loadProfile } from './platform.suite.js';

const windows = loadProfile('win11-23h2');
const linux = loadProfile('chromium-linux');

describe('an environment', () => {
  it('is what the profile says', () => {
    expect(resolveEnvironment(windows)).toEqual({
      bluetooth: 'on',
      winApi: 7,
      winHello: 'not-set-up',
      linkedPhones: [],
      hintsOrder: 'spec',
      dialogHints: 'honoured',
      passwordManager: 'off',
      localCredentials: [],
    });
  });

  it('takes what the user asks for, null included', () => {
    expect(resolveEnvironment(windows, { winApi: 8, linkedPhones: ['Pixel'] })).toMatchObject({
      winApi: 8,
      linkedPhones: ['Pixel'],
    });
    expect(resolveEnvironment(linux, { winApi: null, bluetooth: 'absent' })).toMatchObject({
      winApi: null,
      bluetooth: 'absent',
    });
  });

  it.each([
    [
      'an interface version before phones',
      () => resolveEnvironment(windows, { winApi: 5 }),
      'use one of 6, 7, 8',
    ],
    [
      'an input that there is not',
      // As JavaScript would pass it: the type knows no such member.
      () => resolveEnvironment(windows, JSON.parse('{"blutooth":"on"}')),
      'did you mean "bluetooth"?',
    ],
    ['no interface at all', () => resolveEnvironment(windows, { winApi: null }), 'use one of 6, 7, 8'],
    [
      'Bluetooth that Linux can not deny',
      () => resolveEnvironment(linux, { bluetooth: 'denied' }),
      'use one of "absent", "off", "on"',
    ],
    [
      'linked phones where none are listed',
      () => resolveEnvironment(linux, { linkedPhones: ['Pixel'] }),
      'this platform lists no phones by name',
    ],
    ['an unknown browser', () => browserOf(windows, 'firefox'), 'use one of chrome, edge'],
  ])('refuses %s', (_what, resolve, hint) => {
    expect(resolve).toThrow(KeyrigError);
    expect(resolve).toThrow(expect.objectContaining({ code: 'option-invalid', hint }));
  });
});

describe('the browser', () => {
  it('is the first of the profile, or the one that is named', () => {
    expect(browserOf(windows).id).toBe('chrome');
    expect(browserOf(windows, 'edge')).toMatchObject({ app: 'msedge.exe', generation: 'G3' });
  });
});
