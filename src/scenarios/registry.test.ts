import { describe, expect, it } from 'vitest';
import { formatError } from '../errors.js';
import { builtInScenarios, findScenario } from './registry.js';

describe('findScenario', () => {
  it('finds every built-in scenario by its id, which no other has', () => {
    for (const scenario of builtInScenarios) expect(findScenario(scenario.id)).toBe(scenario);
    expect(new Set(builtInScenarios.map(({ id }) => id)).size).toBe(builtInScenarios.length);
  });
  it('finds one variant', () => {
    const { id, variants } = findScenario('prioritised-phone/edge');
    expect(id).toBe('prioritised-phone');
    expect(variants).toEqual([{ name: 'edge', browser: 'edge' }]);
  });
  it.each([
    ['sign-in-usrname', 'no scenario is named "sign-in-usrname" (did you mean "sign-in-username"?)'],
    [
      'prioritised-phone/egde',
      'no scenario is named "prioritised-phone/egde" (did you mean "prioritised-phone/edge"?)',
    ],
  ])('answers %s with the nearest name', (name, expected) => {
    expect(() => findScenario(name)).toThrow(expect.objectContaining({ code: 'scenario-not-found' }));
    expect(messageOf(name)).toBe(expected);
  });
  it('lists the names when none is near', () => {
    expect(messageOf('xyzzy')).toContain('the scenarios are register, sign-in-username,');
  });
});

function messageOf(name: string): string {
  try {
    findScenario(name);
    return 'found';
  } catch (error) {
    return formatError(error);
  }
}
