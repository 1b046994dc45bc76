/** A relying party that nobody here wrote, driven by its YAML adapter alone: every scenario, and the suite's verdict on it. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { relyingPartySuite } from '../../../src/conformance/relying-party/suite.js';
import { builtInScenarios } from '../../../src/scenarios/registry.js';
import { runAgainst, verdicts } from '../../integration/run-against.js';
import { publishedVerdicts, reasonsById, verdictsById } from '../published-verdicts.js';
import { type BetterAuthServer, startBetterAuth } from './server.js';

let server: BetterAuthServer;
beforeAll(async () => {
  server = await startBetterAuth();
});
afterAll(() => server.close());

const NO_USERNAME = 'the adapter of better-auth has no signIn.username';

it('runs every scenario that a relying party without a username field can have', async () => {
  const outcome = await runAgainst(`better-auth:${server.origin}`, builtInScenarios);
  const needsUsername = ['sign-in-username', 'other-ways-to-sign-in', 'prioritised-phone-transports'];
  expect(verdicts(outcome)).toEqual(
    outcome.runs.map(({ id }) => `${id}: ${needsUsername.includes(id) ? `SKIP (${NO_USERNAME})` : 'PASS'}`),
  );
});

/** Of better-auth 1.7.6. The findings are in docs/conformance.md. */
it('is judged by every check', async () => {
  const { report } = await runAgainst(`better-auth:${server.origin}`, relyingPartySuite);
  expect(verdictsById(report)).toEqual(publishedVerdicts('betterAuth'));
  expect(reasonsById(report)).toEqual({
    'AUTH-52': "the adapter's policy has user verification preferred",
    'AUTH-90': NO_USERNAME,
    // It goes by the credential alone and never looks at the user handle: the key's owner is signed in, not the victim.
    'AUTH-93': expect.stringMatching(
      /^nobody is signed in after the wrong response: expected nothing, got attacker/,
    ),
    // It stores a second passkey under an ID that another account has.
    'REG-80': expect.stringMatching(/^refuses a new passkey under another user's credential ID/),
  });
});
