/**
 * `junit.xml`: what CI systems read. One suite for each kind, target and platform; one test case for each result.
 */
import type { Builder, TestCase, TestSuite } from 'junit-report-builder';
import { KeyrigError } from '../errors.js';
import type { Result, RunReport } from '../scenarios/results.js';
import { redact } from '../trace/redact.js';
import { repeatCommand, ruleOf } from './format.js';

/** How strict CI is. */
export interface JunitOptions {
  /** INCONCLUSIVE counts as a failure instead of being skipped. */
  readonly strict?: boolean;
}

/**
 * The report as JUnit XML. FAIL is a failure and CRASH an error; SKIP and INCONCLUSIVE are skipped with their reasons; WARN passes and says
 * so in its output; PASS and OBS pass.
 *
 * The builder is loaded here, for it costs as much as the rest of a start.
 */
export async function renderJunit(report: RunReport, options: JunitOptions = {}): Promise<string> {
  const builder = (await loadBuilder()).newBuilder().name('keyrig');
  const clean = redact(report);
  for (const [name, results] of groupBySuite(clean.results)) addSuite(builder, name, results, clean, options);
  return builder.build();
}

/** The package's types describe its ES module; Node loads its CommonJS one, whose export is the builder itself. */
async function loadBuilder(): Promise<Builder> {
  const exported: unknown = (await import('junit-report-builder')).default;
  if (isBuilder(exported)) return exported;
  throw new KeyrigError('internal', 'junit-report-builder does not export its builder');
}

function isBuilder(value: unknown): value is Builder {
  return typeof value === 'object' && value !== null && 'newBuilder' in value && 'testSuite' in value;
}

function groupBySuite(results: readonly Result[]): ReadonlyMap<string, readonly Result[]> {
  const suites = new Map<string, Result[]>();
  for (const result of results) {
    const name = [result.kind, result.target, result.platform]
      .filter((part) => part !== undefined)
      .join(' · ');
    suites.set(name, [...(suites.get(name) ?? []), result]);
  }
  return suites;
}

function addSuite(
  builder: Builder,
  name: string,
  results: readonly Result[],
  report: RunReport,
  options: JunitOptions,
): void {
  const milliseconds = results.reduce((sum, result) => sum + result.durationMs, 0);
  const suite = builder
    .testSuite()
    .name(name)
    .timestamp(report.startedAt)
    .time(milliseconds / 1_000);
  suite.property('keyrig', report.tool.version).property('seed', report.seed);
  suite.property('repeat', repeatCommand(report)).property('interrupted', String(report.interrupted));
  for (const result of results) addCase(suite, result, options);
}

function addCase(suite: TestSuite, result: Result, options: JunitOptions): void {
  const testCase = suite
    .testCase()
    .name(`${result.id}: ${result.title}`)
    .className(`${result.kind}.${family(result.id)}`);
  testCase.time(result.durationMs / 1_000);
  for (const [name, value] of propertiesOf(result)) testCase.property(name, value);
  addVerdict(testCase, result, options.strict ?? false);
}

/** `AUTH-20/truncated` belongs to `AUTH-20`. */
function family(id: string): string {
  return id.split('/')[0] ?? id;
}

function propertiesOf(result: Result): [string, string][] {
  const facts: [string, string | undefined][] = [
    ['verdict', result.verdict],
    ['level', result.level],
    ['severity', result.severity],
    ['clause', result.clause],
    ['platform', result.platform],
    ['devices', result.devices.join(', ')],
    ['simulated', String(result.simulated)],
  ];
  const known = facts.filter((fact): fact is [string, string] => fact[1] !== undefined && fact[1] !== '');
  const observations = result.observations.map(({ name, value }): [string, string] => [
    `observation.${name}`,
    typeof value === 'object' ? value.join(', ') : String(value),
  ]);
  return [...known, ...observations];
}

function addVerdict(testCase: TestCase, result: Result, strict: boolean): void {
  const { verdict, severity, reason = verdict } = result;
  if (verdict === 'CRASH') testCase.error(reason, severity ?? verdict, cdata(evidence(result)));
  else if (verdict === 'FAIL' || (verdict === 'INCONCLUSIVE' && strict)) {
    testCase.failure(reason, severity ?? verdict).stacktrace(cdata(evidence(result)));
  } else if (verdict === 'SKIP' || verdict === 'INCONCLUSIVE') skip(testCase, reason);
  else if (verdict === 'WARN') testCase.standardOutput(cdata(`WARN ${reason}\n${evidence(result)}`));
}

/** The builder writes a skipped case without a reason; its two public hooks let one in. */
function skip(testCase: TestCase, reason: string): void {
  const build = testCase.build.bind(testCase);
  testCase.getSkippedCount = () => 1;
  testCase.build = (parent) => {
    const element = build(parent);
    element.ele('skipped', { message: reason });
    return element;
  };
}

/** The builder (5.1.2, through xmlbuilder 15.1) splits only the first `]]>` of a text, and a second one would end the section. */
function cdata(text: string): string {
  return text.replaceAll(']]>', ']] >');
}

/** What a person needs to understand a failure without opening the report. */
function evidence(result: Result): string {
  const { error } = result;
  const steps = result.steps.map((step) => {
    const mark = { ok: 'ok', failed: 'FAILED', observed: 'seen' }[step.outcome];
    return `${mark.padEnd(7)}${step.title}${step.detail === undefined ? '' : `: ${step.detail}`}`;
  });
  const lines = [
    ruleOf(result),
    ...steps,
    error === undefined ? '' : `${error.code}: ${error.message}`,
    error?.where === undefined ? '' : `at ${error.where}`,
    error?.hint === undefined ? '' : `hint: ${error.hint}`,
  ];
  return lines.filter((line) => line !== '').join('\n');
}
