/**
 * One run from the command line: what is there to run with, the plan, the run, the report.
 */
import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { KeyrigError } from '../errors.js';
import { systemClock } from '../ports.js';
import { renderJson } from '../report/json.js';
import { combineReporters, type Reporter } from '../report/reporter.js';
import { availableDevice } from '../rig/available-devices.js';
import { createRigFactory, DEFAULT_PLATFORM } from '../rig/make-rig.js';
import { listProfiles, loadPlatformProfile } from '../rig/profiles.js';
import type { AvailableDevice, MakeRig } from '../scenarios/engine-ports.js';
import { type PlannedRun, plan, shardOf } from '../scenarios/plan.js';
import { exitCodeOf, type RunReport } from '../scenarios/results.js';
import { runPlan } from '../scenarios/run.js';
import type { Scenario } from '../scenarios/scenario.js';
import { createTimeline } from '../trace/timeline.js';
import { EXIT, type ExitCode, type Io } from './io.js';
import { createLogger, type Logger } from './logger.js';
import { named } from './names.js';
import type { RunOptions } from './options.js';
import { openReportFiles, type ReportFiles } from './report-files.js';
import { logReporter, personReporter } from './reporters.js';
import { listing } from './run-list.js';
import { checkScenarioNames } from './scenario-names.js';
import { silenceOf } from './silence.js';
import { openTargets, type Targets } from './targets.js';
import { toolVersion } from './version.js';

/** What a run is told. */
export interface SessionSettings extends RunOptions {
  readonly scenarios: readonly Scenario[];
  /** Somebody's own code is among them, which may never yield. */
  readonly ownCode?: boolean;
  /** An adapter file, `preset:URL` or `demo`. */
  readonly target: string;
  /** Profiles by name or path; by default a key and two phones. */
  readonly device?: readonly string[];
  /** `win11-23h2` or `win11-23h2/edge`. */
  readonly platform?: string;
  /** Where devices keep what they know; by default in memory. */
  readonly state?: string;
  /** What the user typed. */
  readonly command: string;
}

/** Bytes of a drawn seed. */
const SEED_LENGTH = 8;

/** One key and two phones: what every built-in scenario needs. */
const DEFAULT_DEVICES: readonly string[] = ['yubikey-5', 'phone-device-bound', 'phone-synced'];

/**
 * Runs, reports, and says with which code the process should end.
 *
 * @throws KeyrigError for input that nothing can be run with, and when no report could be written
 */
export async function runSession(settings: SessionSettings, io: Io): Promise<ExitCode> {
  const logger = createLogger(settings.logLevel, io.stderr);
  const devices = await Promise.all((settings.device ?? DEFAULT_DEVICES).map(availableDevice));
  const platform = await checkedPlatform(settings.platform);
  await checkScenarioNames(settings.scenarios);
  const seed = settings.seed ?? randomBytes(SEED_LENGTH).toString('hex');
  const { target, iOwnThisTarget: ownThisTarget = false } = settings;
  const targets = await openTargets(target, { ownThisTarget, seed });
  try {
    const whole = await planRuns(settings, targets, devices, platform);
    const runs = settings.shard === undefined ? whole : shardOf(whole, settings.shard);
    logger.info({ runs: runs.map(({ id }) => id), target: targets.source }, 'planned');
    if (settings.list !== true) return await execute({ settings, seed, io, logger, targets, runs, whole });
    io.stdout.write(listing(runs, settings.json ?? false));
    return EXIT.ok;
  } finally {
    await targets.close();
  }
}

/** Fails before anything starts when the platform, or its browser, does not exist. */
async function checkedPlatform(wish: string | undefined): Promise<string | undefined> {
  if (wish === undefined) return undefined;
  if (/^[./\\]|\.(?:ya?ml|json)$/.test(wish)) {
    throw new KeyrigError('option-invalid', `--platform takes a name, and "${wish}" looks like a file`, {
      hint: 'platform profiles of your own are for createRig, in code',
    });
  }
  const [name = '', browser] = wish.split('/');
  const profile = await loadPlatformProfile(name);
  if (browser !== undefined) named(`browser of ${name}`, browser, profile.browsers, ({ id }) => id);
  return wish;
}

async function planRuns(
  settings: SessionSettings,
  targets: Targets,
  devices: readonly AvailableDevice[],
  platform: string | undefined,
): Promise<readonly PlannedRun[]> {
  const platforms = (await listProfiles('platform')).map(({ name }) => name);
  const target = targets.description;
  const places = { devices, platforms, platform, defaultPlatform: DEFAULT_PLATFORM };
  return plan(settings.scenarios, { target, ...places });
}

interface Execution {
  readonly settings: SessionSettings;
  readonly seed: string;
  readonly io: Io;
  readonly logger: Logger;
  readonly targets: Targets;
  readonly runs: readonly PlannedRun[];
  /** Of all shards. */
  readonly whole: readonly PlannedRun[];
}

async function execute({ settings, seed, io, logger, targets, runs, whole }: Execution): Promise<ExitCode> {
  const clock = systemClock;
  const startedAt = clock.now();
  const files = await openReportFiles(resolve(io.cwd, settings.out), startedAt);
  const trace = createTimeline({ clock, sinks: [files.sink] });
  const reporter = combineReporters([personReporter(io), logReporter(logger)]);
  const tool = { version: toolVersion(), node: process.versions.node };
  const { command } = settings;
  reporter.onBegin?.({
    tool: { name: 'keyrig', ...tool },
    startedAt: new Date(startedAt).toISOString(),
    seed,
    command,
    planned: runs.length,
    ids: runs.map(({ id }) => id),
  });
  if (targets.notice !== undefined) io.stderr.write(`${targets.notice}\n`);
  const announce = () => io.stderr.write('Interrupted: writing the report; again to end at once.\n');
  io.signal.addEventListener('abort', announce, { once: true });
  const watchdog = settings.ownCode ? io.startWatchdog?.() : undefined;
  const deadline = settings.deadline * 1_000;
  const report = await runPlan(runs, {
    makeRig: seededRigs(targets, settings.state === undefined ? undefined : resolve(io.cwd, settings.state)),
    clock,
    trace,
    seed,
    tool,
    command,
    deadline: { milliseconds: deadline },
    signal: io.signal,
    onStart: ({ id, scenario }) => watchdog?.watch(id, scenario.deadlineMs ?? deadline),
    onResult: (result) => {
      watchdog?.rest();
      reporter.onResult?.(result);
    },
  });
  watchdog?.stop();
  io.signal.removeEventListener('abort', announce);
  await publish(report, files, reporter, settings, io);
  if (report.interrupted) return EXIT.interrupted;
  const silence = silenceOf(report.results, whole);
  if (silence === undefined) return exitCodeOf(report.results);
  io.stderr.write(`${silence.line}\n`);
  return silence.code;
}

/** A drawn seed counts like a given one: what the report says must repeat the run, the demo's challenges included. */
function seededRigs(targets: Targets, state: string | undefined): MakeRig {
  const makeRig = createRigFactory({ openTarget: targets.open, seeded: true, state });
  return (request) => {
    targets.reseed(request.seed);
    return makeRig(request);
  };
}

/** What can't be written keeps nobody from seeing the results; it is thrown afterwards. */
async function publish(
  report: RunReport,
  files: ReportFiles,
  reporter: Reporter,
  settings: SessionSettings,
  io: Io,
): Promise<void> {
  const [written] = await Promise.allSettled([files.finish(report)]);
  await reporter.onEnd?.(report, written.status === 'fulfilled' ? written.value : undefined);
  if (settings.json) io.stdout.write(renderJson(report));
  if (written.status === 'rejected') throw written.reason;
}
