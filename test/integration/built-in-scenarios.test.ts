/** Every built-in scenario, end to end: emulated devices, platform, client, and the demo relying party on its socket. */
import { expect, it } from 'vitest';
import { builtInScenarios } from '../../src/scenarios/registry.js';
import { startDemo } from '../../src/target/demo/demo.js';
import { runAgainst, verdicts } from './run-against.js';

it('every built-in scenario passes on the demo relying party', async () => {
  const demo = await startDemo();
  try {
    const outcome = await runAgainst(`demo:${demo.origin}`, builtInScenarios);
    expect(verdicts(outcome)).toEqual(outcome.runs.map(({ id }) => `${id}: PASS`));
  } finally {
    await demo.close();
  }
});
