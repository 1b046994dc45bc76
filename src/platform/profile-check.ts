/** What a schema of shapes can't say about a platform profile: names that must exist, be unique, be there. */
import { OUTCOMES, type Outcome } from './decision/outcomes.js';
import { RULES, type RuleId } from './decision/rules.js';
import { duplicates, type ProfileProblem } from './profile-problem.js';
import { evidenceProblems, neverReached, openTargets, unknownSteps } from './profile-references.js';
import type { PlatformProfile } from './profile-shape.js';
import { checkStep } from './profile-steps.js';

/** Everything in `profile` that makes no sense; empty for one that can be run. */
export function checkProfile(profile: PlatformProfile): readonly ProfileProblem[] {
  return [
    ...uniqueIds(profile),
    ...generations(profile),
    ...environmentDefaults(profile),
    ...requiredNames(profile),
    ...ruleNames(profile),
    ...evidenceProblems(profile),
    ...unknownSteps(profile),
    ...openTargets(profile),
    ...profile.steps.flatMap((step, at) => checkStep(profile, step, ['steps', at])),
    ...neverReached(profile),
  ];
}

function uniqueIds({ steps, browsers, observations = [] }: PlatformProfile): ProfileProblem[] {
  const rows = observations.flatMap(({ rows }, look) =>
    rows.map(({ id }, row) => ({ id, path: ['observations', look, 'rows', row, 'id'] })),
  );
  return [
    ...duplicates(
      steps.map(({ id }) => id),
      (at) => ['steps', at, 'id'],
    ),
    ...duplicates(
      browsers.map(({ id }) => id),
      (at) => ['browsers', at, 'id'],
    ),
    ...duplicates(
      rows.map(({ id }) => id),
      (at) => rows[at]?.path ?? ['observations'],
    ),
  ];
}

function generations({ browsers }: PlatformProfile): ProfileProblem[] {
  return browsers.flatMap(({ generation }, at) =>
    generation === 'G3'
      ? []
      : [
          {
            path: ['browsers', at, 'generation'],
            message: `there are no rules for generation ${generation}: only G3 (Chromium of 2025 and later) can be run`,
          },
        ],
  );
}

function environmentDefaults({ environment }: PlatformProfile): ProfileProblem[] {
  const { linkedPhones } = environment;
  const tooMany = linkedPhones.default.length > linkedPhones.most;
  return [
    ...Object.entries(environment).flatMap(([name, spec]) => defaultProblem(name, spec)),
    ...(tooMany
      ? [
          {
            path: ['environment', 'linkedPhones', 'default'],
            message: `expected at most ${linkedPhones.most} phones`,
          },
        ]
      : []),
  ];
}

function defaultProblem(name: string, spec: unknown): ProfileProblem[] {
  if (typeof spec !== 'object' || spec === null || !('allowed' in spec) || !('default' in spec)) return [];
  const { allowed } = spec;
  if (!Array.isArray(allowed) || allowed.includes(spec.default)) return [];
  return [
    {
      path: ['environment', name, 'default'],
      message: `${JSON.stringify(spec.default)} is not among the allowed values ${allowed.join(', ')}`,
    },
  ];
}

/** What the rules can come to on a platform, depending on what it has. */
interface Reach {
  readonly rules: readonly RuleId[];
  readonly outcomes: readonly Outcome[];
}

const ALWAYS: Reach = {
  rules: ['transports', 'availability', 'list', 'hint', 'hint-set', 'autofill', 'dispatch', 'R1', 'R3'],
  outcomes: ['no-passkeys', 'autofill'],
};
const OWN_SHEETS: Reach = {
  rules: ['R7', 'R8', 'C3', 'C4', 'C5'],
  outcomes: ['list', 'qr', 'key', 'no-transports'],
};
const OWN_SHEETS_WITH_LOCAL: Reach = { rules: ['R4', 'R5'], outcomes: ['account', 'platform'] };
const WITH_PASSWORD_MANAGER: Reach = { rules: ['C1'], outcomes: ['create-password-manager'] };
const DIALOG: Reach = {
  rules: [
    'R5',
    'R6',
    'D-hello',
    'D-save-here',
    'D-key-only',
    'D-phone-only',
    'D-hint',
    'D-linked-phone',
    'D-chooser',
  ],
  outcomes: ['hello', 'save-here', 'chooser', 'phone', 'dialog-key'],
};

function reachOf({ environment, localSource, platformAuthenticator }: PlatformProfile): readonly Reach[] {
  const { winApi, passwordManager } = environment;
  const own = winApi.allowed.some((api) => api === null);
  const local = localSource !== undefined || platformAuthenticator !== 'none';
  return [
    ALWAYS,
    ...(own ? [OWN_SHEETS] : []),
    ...(own && local ? [OWN_SHEETS_WITH_LOCAL] : []),
    ...(passwordManager.allowed.includes('enabled') ? [WITH_PASSWORD_MANAGER] : []),
    ...(winApi.allowed.some((api) => api !== null) ? [DIALOG] : []),
  ];
}

/** What the rules can come to must have its evidence and its step. */
function requiredNames(profile: PlatformProfile): ProfileProblem[] {
  const reach = reachOf(profile);
  return [
    ...missing(
      'rules',
      profile.rules,
      reach.flatMap(({ rules }) => rules),
      RULES,
    ),
    ...missing(
      'entry',
      profile.entry,
      reach.flatMap(({ outcomes }) => outcomes),
      OUTCOMES,
    ),
  ];
}

function missing(
  part: string,
  present: Readonly<Record<string, unknown>>,
  names: readonly string[],
  meanings: Readonly<Record<string, string>>,
): ProfileProblem[] {
  return [...new Set(names)]
    .filter((name) => !Object.hasOwn(present, name))
    .map((name) => ({ path: [part], message: `"${name}" is missing: ${meanings[name]}` }));
}

function ruleNames({ rules }: PlatformProfile): ProfileProblem[] {
  return Object.keys(rules).flatMap((name) => {
    const [rule = '', outcome] = name.split('/');
    const known = Object.hasOwn(RULES, rule) && (outcome === undefined || Object.hasOwn(OUTCOMES, outcome));
    return known ? [] : [{ path: ['rules', name], message: 'there is no such rule' }];
  });
}
