/** What a person reads in the report of a real run: the page is drawn from the trace of emulated devices, platform and client. */
import { beforeAll, describe, expect, it } from 'vitest';
import { readableText } from '../../src/report/html/page.suite.js';
import { renderHtml } from '../../src/report/html.js';
import { findScenario } from '../../src/scenarios/registry.js';
import { startDemo } from '../../src/target/demo/demo.js';
import { runAgainst, verdicts } from './run-against.js';

/** The page of a run of one scenario that passed. */
async function pageOf(scenario: string, platform?: string): Promise<string> {
  const demo = await startDemo();
  try {
    const outcome = await runAgainst(`demo:${demo.origin}`, [findScenario(scenario)], 'test', platform);
    expect(verdicts(outcome)).toEqual([`${scenario}: PASS`]);
    return readableText(renderHtml(outcome.report));
  } finally {
    await demo.close();
  }
}

describe('the page of prioritised-phone on Windows 11 23H2', () => {
  let text = '';
  beforeAll(async () => {
    text = await pageOf('prioritised-phone/edge');
  });

  it('says the documented way in full', () => {
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

  it('says that nobody saw these screens in a running browser', () => {
    expect(text).toContain('No observation of a running browser backs these screens.');
    expect(text).not.toContain('Seen in a running browser');
  });
});

it('the page of a run on Chromium says which of its screens were seen there', async () => {
  const text = await pageOf('prioritised-phone-transports', 'chromium-linux');
  expect(text).toMatch(/simulated Seen in a running browser: LU, rule .* From published sources: LP, LT/);
  expect(text).not.toContain('o observation of a running browser');
});
