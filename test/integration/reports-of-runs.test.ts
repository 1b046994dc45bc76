/** What a person reads in the report of a real run: the page is drawn from the trace of emulated devices, platform and client. */
import { beforeAll, describe, expect, it } from 'vitest';
import { readableText } from '../../src/report/html/page.suite.js';
import { renderHtml } from '../../src/report/html.js';
import { findScenario } from '../../src/scenarios/registry.js';
import type { RunReport } from '../../src/scenarios/results.js';
import { startDemo } from '../../src/target/demo/demo.js';
import { runAgainst } from './run-against.js';

describe('the page of prioritised-phone on Windows 11 23H2', () => {
  let report: RunReport;
  let text = '';

  beforeAll(async () => {
    const demo = await startDemo();
    try {
      ({ report } = await runAgainst(`demo:${demo.origin}`, [findScenario('prioritised-phone/edge')]));
      text = readableText(renderHtml(report));
    } finally {
      await demo.close();
    }
  });

  it('says the documented way in full', () => {
    expect(report.results.map(({ id, verdict }) => `${id}: ${verdict}`)).toEqual([
      'prioritised-phone/edge: PASS',
    ]);
    expect(text).toContain(
      'the person follows the instructions select More choices → select Security key → press Next → insert → pin → touch',
    );
  });

  it('shows the list under its heading, the phone selected and the key last', () => {
    expect(text).toContain(
      'More choices iPhone, iPad, or Android device default Security key Next Cancel 2 clicks selects Security key presses Next',
    );
  });

  it('leads over the screens to the key', () => {
    expect(text).toContain('screens W1 → WK → WP → WT');
  });
});
