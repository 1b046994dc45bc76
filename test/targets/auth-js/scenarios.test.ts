/** A relying party that nobody here wrote, driven by its YAML adapter alone: every scenario, and the suite's verdict on it. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { relyingPartySuite } from '../../../src/conformance/relying-party/suite.js';
import { builtInScenarios } from '../../../src/scenarios/registry.js';
import { runAgainst, verdicts } from '../../integration/run-against.js';
import { publishedVerdicts, reasonsById, verdictsById } from '../published-verdicts.js';
import { type AuthJsServer, startAuthJs } from './server.js';

let server: AuthJsServer;
beforeAll(async () => {
  server = await startAuthJs();
});
afterAll(() => server.close());

it('runs every scenario', async () => {
  const outcome = await runAgainst(server.adapter, builtInScenarios);
  expect(verdicts(outcome)).toEqual(outcome.runs.map(({ id }) => `${id}: PASS`));
  expect(server.errors).toEqual(new Set());
});

/** Of @auth/core 0.41.3. The findings are in docs/conformance.md. */
it('is judged by every check', async () => {
  const { report } = await runAgainst(server.adapter, relyingPartySuite);
  expect(verdictsById(report)).toEqual(publishedVerdicts('authJs'));
  const attackerIsIn = /^nobody is signed in after the wrong response: expected nothing, got attacker/;
  expect(reasonsById(report)).toEqual({
    // It forgets for whom it listed credentials.
    'AUTH-90': expect.stringMatching(attackerIsIn),
    // The user handle is made up for every registration, and never looked at.
    'AUTH-93': expect.stringMatching(attackerIsIn),
    // Nobody can sign in over somebody else's session here, so that a refusal would say nothing about challenges.
    'SES-08': expect.stringMatching(/^the control twin was not accepted: .*AccountNotLinked/),
  });
  // Scripts are told "Configuration" for most refusals, and for a fall too: the log tells them apart.
  expect(server.errors).toEqual(new Set(['WebAuthnVerificationError', 'InvalidCheck', 'AccountNotLinked']));
});
