/** The tables of docs/scenarios.md and docs/conformance.md list what there is, no more and no less. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EXIT } from '../../src/cli/io.js';
import { listing } from '../../src/cli/run-list.js';
import { allSchemas } from '../../src/cli/schemas.js';
import { relyingPartySuite } from '../../src/conformance/relying-party/suite.js';
import { INSTRUCTIONS } from '../../src/platform/instructions.js';
import type { DeviceControl } from '../../src/rig/rig.js';
import * as scenarioApi from '../../src/scenarios/api.js';
import type { ScenarioContext } from '../../src/scenarios/context.js';
import { builtInScenarios } from '../../src/scenarios/registry.js';
import { VERDICTS } from '../../src/scenarios/results.js';
import type { ScenarioNeeds } from '../../src/scenarios/scenario.js';
import { DEMO_BREAK_NAMES } from '../../src/target/demo/breaks.js';
import { column, nameIn, namesIn, namesOf, ROOT, readPage, sorted } from './markdown.js';
import { membersAt } from './schema.js';

const { scenario } = allSchemas();
const conformance = readPage('docs/conformance.md');
const scenarios = readPage('docs/scenarios.md');

/** The names in the first column of a table. */
function listed(heading: string): readonly string[] {
  return column(scenarios.table(heading));
}

describe('docs/scenarios.md', () => {
  it('lists the built-in scenarios and their variants, in their order', () => {
    const rows = scenarios.table('Built-in scenarios');
    expect(rows.map(([id, variants]) => [nameIn(id), namesIn(variants)])).toEqual(
      builtInScenarios.map(({ id, variants = [] }) => [id, variants.map(({ name }) => name)]),
    );
  });

  it('lists the members of the list as data', () => {
    const [scenario] = builtInScenarios;
    if (scenario === undefined) return expect.fail('no scenario');
    const rule = { level: 'MUST', severity: 'low', clause: '§1' } as const;
    const place = {
      variant: undefined,
      target: 'demo',
      platform: 'win11-23h2',
      browser: 'edge',
      devices: [],
    };
    const run = { id: 'a', scenario: { ...scenario, ...rule }, ...place, skip: 'no devices' };
    const [members = {}]: readonly object[] = JSON.parse(listing([run], true));
    expect(listed('The list as data')).toEqual(Object.keys(members));
  });

  it.each([
    ['The file', []],
    ['Devices', ['devices', '*']],
    ['Steps', ['steps', '[]']],
    ['Expectations', ['steps', '[]', 'expect']],
  ])('lists the keys under "%s"', (heading, path) => {
    expect(sorted(listed(heading))).toEqual(membersAt(scenario, ...path));
  });

  it('lists the instructions', () => {
    expect(listed('Instructions')).toEqual(Object.keys(INSTRUCTIONS));
  });

  it('lists the members of a context', () => {
    const members = namesOf<keyof ScenarioContext>({
      ...{ rig: true, variant: true, clock: true, signal: true, seed: true, user: true, step: true },
      ...{ expectEqual: true, expectThat: true, expectAccepted: true, expectRefused: true },
      ...{ expectSignedIn: true, expectSignedOut: true, expectDomException: true },
      ...{ observe: true, observePrompts: true, note: true, warn: true, inconclusive: true, skip: true },
      ...{ mark: true, eventsSince: true },
    });
    expect(sorted(listed('Context'))).toEqual(sorted(members));
  });

  it('lists the flows', () => {
    const explainedApart = ['defineScenario', 'KeyrigError', 'ScenarioContext'];
    const functions = Object.entries(scenarioApi).filter(([, value]) => typeof value === 'function');
    const names = functions.map(([name]) => name).filter((name) => !explainedApart.includes(name));
    expect(sorted(listed('Flows'))).toEqual(sorted(names));
  });

  it('lists what a hand at a device can do', () => {
    const members = namesOf<keyof DeviceControl>({
      ...{ id: true, profile: true, kind: true, client: true, plug: true, unplug: true, plugged: true },
      ...{ powerCycle: true, setTouch: true, setVerification: true, setKnownPin: true, initialisePin: true },
      ...{ setFault: true, clearFaults: true, useFinger: true, enrolFinger: true },
    });
    expect(sorted(listed('Hands'))).toEqual(sorted(members));
  });

  it('lists what a scenario can need', () => {
    const needs: Record<keyof ScenarioNeeds, true> = {
      capabilities: true,
      devices: true,
      platforms: true,
      prefersPlatform: true,
    };
    expect(listed('Needs')).toEqual(namesOf(needs));
  });

  it('lists the verdicts, in the words of reports', () => {
    const rows = Object.entries(VERDICTS).map(([verdict, meaning]) => [`\`${verdict}\``, meaning]);
    expect(scenarios.table('Verdicts')).toEqual(rows);
  });

  it('lists the exit codes', () => {
    expect(listed('Exit codes')).toEqual(Object.values(EXIT).map(String));
  });
});

describe('docs/conformance.md', () => {
  const checks = conformance.table('The checks');

  it('lists the checks as they are, in their order', () => {
    expect(checks.map((row) => row.slice(0, 5))).toEqual(
      relyingPartySuite.map(({ id, title, clause, level, severity }) => {
        return [`\`${id}\``, title, clause, level, severity];
      }),
    );
  });

  it('says on which switch each is proven, as the test that proves it does', () => {
    const proof = readFileSync(join(ROOT, 'test/integration/relying-party-suite.test.ts'), 'utf8');
    const proven = [...proof.matchAll(/^ {2}'([a-z-]+)': \['([A-Z]+-\d+)'\],$/gm)];
    expect(checks.map((row) => [nameIn(row[0]), nameIn(row[5])]).toSorted()).toEqual(
      proven.map(([, name, id]) => [id, name]).toSorted(),
    );
  });

  it('lists the switches', () => {
    expect(column(conformance.table('How the checks themselves are proven'))).toEqual(DEMO_BREAK_NAMES);
  });

  it('counts the checks', () => {
    const number = relyingPartySuite.length === 10 ? 'Ten' : `${relyingPartySuite.length}`;
    const limits = readFileSync(join(ROOT, conformance.path), 'utf8');
    expect(limits).toContain(`- ${number} checks are not all of WebAuthn.`);
  });
});
