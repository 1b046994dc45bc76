/**
 * A report as a run leaves it, for tests: scenarios on simulated and observed screens, and checks with every verdict.
 */
import { countVerdicts, type Result, type RunReport } from '../scenarios/results.js';
import type { Json, TraceEvent } from '../trace/events.js';
import { SIGN_IN_REQUEST, signInOnLinux, signInOnWindows } from './sample-events.suite.js';

const START = Date.UTC(2026, 10, 24, 21, 15, 3);

/** Milliseconds after the start of the result, and what happened then. */
export type At = readonly [number, TraceEvent];

let sequence = 0;

/** Places events on the timeline of a result that started `offset` milliseconds into the run. */
function placed(offset: number, events: readonly At[]): Result['events'] {
  return events.map(([after, event]) => ({ ...event, sequence: sequence++, at: START + offset + after }));
}

/** A result with everything that is required; tests change one thing. */
export function sampleResult(changes: Partial<Result> = {}): Result {
  return {
    id: 'sign-in-username',
    title: 'a user types a name and signs in with a security key',
    kind: 'scenario',
    verdict: 'PASS',
    target: 'demo',
    platform: 'chromium-linux/chromium',
    devices: ['yubikey-5'],
    simulated: false,
    startedAt: new Date(START).toISOString(),
    durationMs: 412,
    steps: [],
    observations: [],
    events: [],
    ...changes,
  };
}

/** A report of these results. */
export function reportOf(results: Result[], changes: Partial<RunReport> = {}): RunReport {
  return {
    schema: 'keyrig-report/1',
    tool: { name: 'keyrig', version: '0.1.0', node: '20.20.2' },
    startedAt: new Date(START).toISOString(),
    endedAt: new Date(START + 6_840).toISOString(),
    seed: '7f3a9c51',
    command: 'keyrig run',
    interrupted: false,
    results,
    totals: countVerdicts(results),
    ...changes,
  };
}

const windowsObservations: Result['observations'] = [
  { name: 'firstScreen', value: 'W1' },
  { name: 'firstTitle', value: 'Sign in with your passkey' },
  { name: 'defaultChoice', value: 'phone' },
  { name: 'order', value: ['iPhone, iPad, or Android device', 'Security key'] },
  { name: 'clicksToSecurityKey', value: 2 },
  { name: 'keystrokes', value: 4 },
  { name: 'phoneOffered', value: true },
  { name: 'screens', value: ['W1', 'WK', 'WP', 'WT'] },
];

function onWindows(): Result {
  return sampleResult({
    id: 'prioritised-phone/win11-23h2',
    title: 'the phone is offered before the security key',
    platform: 'win11-23h2/edge',
    devices: ['yubikey-5', 'android-phone'],
    simulated: true,
    durationMs: 5_230,
    steps: [
      { title: 'ask for options without a username', outcome: 'ok', at: 0 },
      {
        title: 'follow the written instructions',
        outcome: 'ok',
        at: 40,
        detail: 'select Security key, press Next, insert, pin, touch',
      },
      {
        title: 'the first screen is the platform’s chooser',
        outcome: 'ok',
        at: 5_190,
        detail: 'expected W1, got W1',
      },
      { title: 'alice is signed in as ada', outcome: 'ok', at: 5_220, detail: 'expected ada, got ada' },
    ],
    observations: windowsObservations,
    events: placed(0, signInOnWindows()),
  });
}

function onWindowsWithPolicy(): Result {
  return sampleResult({
    ...onWindows(),
    id: 'prioritised-phone-hints/win11-23h2',
    title: 'hints ["security-key"] put the security key first',
    verdict: 'FAIL',
    reason: 'policy: what comes first: expected security-key, got phone',
    steps: [
      { title: 'ask for options with hints ["security-key"]', outcome: 'ok', at: 0 },
      {
        title: 'policy: what comes first',
        outcome: 'failed',
        at: 70,
        detail: 'expected security-key, got phone',
      },
    ],
    events: placed(700, signInOnWindows().slice(0, 7)),
    durationMs: 88,
  });
}

function onLinux(): Result {
  return sampleResult({
    steps: [
      { title: 'type the username', outcome: 'ok', at: 0 },
      { title: 'sign in', outcome: 'ok', at: 21 },
      {
        title: 'the relying party accepts the assertion',
        outcome: 'ok',
        at: 405,
        detail: 'expected accepted, got accepted: 200 {"ok":true}',
      },
    ],
    observations: [
      { name: 'firstScreen', value: 'LU' },
      { name: 'firstTitle', value: 'Use your security key with localhost' },
      { name: 'defaultChoice', value: 'security-key' },
      { name: 'clicksToSecurityKey', value: 0 },
      { name: 'phoneOffered', value: false },
    ],
    events: placed(5_400, signInOnLinux()),
  });
}

function exchange(body: Json, answer: { readonly status: number; readonly body: Json }): At[] {
  const path = { method: 'POST', url: 'http://localhost:8080/api/signin/verify' };
  const name = 'POST /api/signin/verify';
  return [
    [
      0,
      { layer: 'scenario', kind: 'note', name: 'control: the same request without the change is accepted' },
    ],
    [
      3,
      {
        layer: 'http',
        kind: 'request',
        jar: 'mallory',
        name,
        fields: { ...path, headers: { 'content-type': 'application/json' }, body },
      },
    ],
    [9, { layer: 'http', kind: 'response', jar: 'mallory', name, fields: { ...path, ...answer } }],
  ];
}

/** One check in the shape that a suite gives it. */
function check(id: string, title: string, changes: Partial<Result>): Result {
  return sampleResult({
    id,
    title,
    kind: 'check',
    platform: 'chromium-linux/chromium',
    durationMs: 17,
    ...changes,
  });
}

function checks(): Result[] {
  const refused = exchange(SIGN_IN_REQUEST, { status: 400, body: { error: 'signature is not valid' } });
  const accepted = exchange(SIGN_IN_REQUEST, { status: 200, body: { ok: true, user: 'ada' } });
  const crashed = exchange(SIGN_IN_REQUEST, {
    status: 500,
    body: 'TypeError: Cannot read properties of undefined',
  });
  return [
    check('AUTH-20', 'a signature by another key is refused', {
      level: 'MUST',
      severity: 'critical',
      clause: 'WebAuthn L3 §7.2 step 21',
      steps: [
        {
          title: 'the relying party refuses it',
          outcome: 'ok',
          at: 9,
          detail: 'expected refused, got refused: 400',
        },
      ],
      events: placed(5_900, refused),
    }),
    check('AUTH-50', 'an assertion for another RP ID is refused', {
      verdict: 'FAIL',
      reason: 'the relying party refuses it: expected refused, got accepted: 200 {"ok":true,"user":"ada"}',
      level: 'MUST',
      severity: 'critical',
      clause: 'WebAuthn L3 §7.2 step 15',
      steps: [
        { title: 'control: accepted without the change', outcome: 'ok', at: 0 },
        {
          title: 'the relying party refuses it',
          outcome: 'failed',
          at: 9,
          detail: 'expected refused, got accepted: 200',
        },
      ],
      events: placed(6_000, accepted),
    }),
    check('REG-63/array', 'an attestation statement that is an array is refused', {
      verdict: 'CRASH',
      reason:
        'the relying party refuses it: it fell over: 500 TypeError: Cannot read properties of undefined',
      level: 'MUST',
      severity: 'medium',
      clause: 'WebAuthn L3 §7.1 step 20',
      steps: [
        { title: 'the relying party refuses it', outcome: 'failed', at: 9, detail: 'it fell over: 500' },
      ],
      events: placed(6_100, crashed),
    }),
    check('OPT-14', 'the timeout is between five and ten minutes', {
      verdict: 'WARN',
      reason: 'timeout is 60000 ms',
      level: 'SHOULD',
      severity: 'low',
      clause: 'WebAuthn L3 §15.1',
    }),
    check('AUTH-70', 'an assertion over other client data is refused', {
      verdict: 'INCONCLUSIVE',
      reason: 'the control was throttled: 429 after three tries',
      level: 'MUST',
      severity: 'high',
      error: {
        code: 'target-answer',
        message: 'the answer is 429',
        where: 'demo.yaml:31:5',
        hint: 'raise the limit for test accounts',
      },
    }),
    check('MDS-01', 'a revoked authenticator is refused', {
      verdict: 'SKIP',
      reason: 'the adapter declares no metadata service',
      durationMs: 0,
    }),
    check('OPT-08', 'which algorithms are offered', {
      verdict: 'OBS',
      reason: 'measured, not judged',
      level: 'OBS',
      observations: [{ name: 'algorithms', value: ['ES256', 'EdDSA', 'RS256'] }],
    }),
  ];
}

/** A run with every verdict. The same report each time. */
export function sampleReport(changes: Partial<RunReport> = {}): RunReport {
  sequence = 0;
  return reportOf([onWindows(), onWindowsWithPolicy(), onLinux(), ...checks()], changes);
}

/** Text that a hostile relying party might answer. */
export const HOSTILE = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '</style><script>alert(1)</script>',
  '</details></main><h1>PASS</h1>',
  '<!-- ]]> <![CDATA[ ]]> -->',
  '&lt;b&gt; &amp; &#x3c;script&#x3e;',
  'javascript:alert(1)',
  '\u001b[2J\u001b]0;owned\u0007',
  '\u202egnp.exe\u2066',
  'constructor',
  '__proto__',
  'null\u0000byte \ud800 alone \uffff',
  '{{constructor.constructor("alert(1)")()}} `',
] as const;
