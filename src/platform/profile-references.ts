/** The names in a profile that must exist elsewhere in it: steps, sources, observations. */
import type { ProfileProblem } from './profile-problem.js';
import type { ControlTarget, Evidence, PlatformProfile, ProfileStep, ProfileText } from './profile-shape.js';

/** Sources and observations that evidence names. */
export function evidenceProblems(profile: PlatformProfile): ProfileProblem[] {
  return [
    ...Object.entries(profile.rules).flatMap(([name, found]) =>
      evidenceNames(profile, found, ['rules', name]),
    ),
    ...profile.steps.flatMap((step, at) => evidenceNames(profile, step.evidence, ['steps', at, 'evidence'])),
  ];
}

function evidenceNames(
  profile: PlatformProfile,
  evidence: Evidence,
  path: ProfileProblem['path'],
): ProfileProblem[] {
  const known = new Set((profile.observations ?? []).flatMap(({ rows }) => rows.map(({ id }) => id)));
  return [
    ...(evidence.sources ?? []).flatMap((name, at) =>
      Object.hasOwn(profile.sources, name)
        ? []
        : [{ path: [...path, 'sources', at], message: `there is no source "${name}"` }],
    ),
    ...(evidence.confidence === 'observed' ? evidence.observations : []).flatMap((name, at) =>
      known.has(name)
        ? []
        : [{ path: [...path, 'observations', at], message: `there is no observation "${name}"` }],
    ),
  ];
}

/** Steps are written in capitals, so that a place such as `cancel` can't be taken for one. */
function isStep(name: string): boolean {
  return /^[A-Z]/.test(name);
}

/** A name and where it stands. */
export interface Reference {
  readonly name: string;
  readonly path: ProfileProblem['path'];
}

function references(target: ControlTarget, path: ProfileProblem['path']): Reference[] {
  if (typeof target === 'string') return [{ name: target, path }];
  return target.map(({ to }, at) => ({ name: to, path: [...path, at, 'to'] }));
}

function referencesFrom(profile: PlatformProfile): Reference[] {
  return [
    ...Object.entries(profile.entry).flatMap(([name, to]) =>
      to === undefined ? [] : references(to, ['entry', name]),
    ),
    ...Object.entries(profile.pages).flatMap(([name, to]) => references(to, ['pages', name])),
  ];
}

/** Everything that a step leads to. */
export function referencesOf(step: ProfileStep, path: ProfileProblem['path']): Reference[] {
  return [
    ...(step.choices?.items ?? []).flatMap(({ to }, at) =>
      references(to, [...path, 'choices', 'items', at, 'to']),
    ),
    ...step.controls.flatMap(({ to }, at) => references(to, [...path, 'controls', at, 'to'])),
  ];
}

/** Targets of which no variant may apply: the last one must have no condition. */
export function openTargets(profile: PlatformProfile): ProfileProblem[] {
  const parts: [string, Readonly<Partial<Record<string, ControlTarget>>>][] = [
    ['entry', profile.entry],
    ['pages', profile.pages],
  ];
  return [
    ...parts.flatMap(([part, targets]) =>
      Object.entries(targets).flatMap(([name, target]) => openEnd(target, [part, name])),
    ),
    ...profile.steps.flatMap(({ choices, controls }, at) => [
      ...(choices?.items ?? []).flatMap(({ to }, item) =>
        openEnd(to, ['steps', at, 'choices', 'items', item, 'to']),
      ),
      ...controls.flatMap(({ to }, control) => openEnd(to, ['steps', at, 'controls', control, 'to'])),
    ]),
  ];
}

/** A problem if the last variant has a condition. */
export function openEnd(
  variants: ProfileText | ControlTarget | undefined,
  path: ProfileProblem['path'],
): ProfileProblem[] {
  if (variants === undefined || typeof variants === 'string') return [];
  const last = variants.length - 1;
  if (variants[last]?.when === undefined) return [];
  return [{ path: [...path, last, 'when'], message: 'the last variant must have no condition' }];
}

/** Steps that something leads to and that are not there. */
export function unknownSteps(profile: PlatformProfile): ProfileProblem[] {
  const known = new Set(profile.steps.map(({ id }) => id));
  const shown = (profile.observations ?? []).flatMap(({ rows }, look) =>
    rows.map(({ shows }, row) => ({
      name: shows.step,
      path: ['observations', look, 'rows', row, 'shows', 'step'],
    })),
  );
  const inSteps = profile.steps.flatMap((step, at) => referencesOf(step, ['steps', at]));
  return [...referencesFrom(profile), ...inSteps, ...shown]
    .filter(({ name }) => isStep(name) && !known.has(name))
    .map(({ name, path }) => ({ path, message: `there is no step "${name}"` }));
}

/** Steps that nothing leads to, from any first screen or page. */
export function neverReached(profile: PlatformProfile): ProfileProblem[] {
  const reached = new Set(referencesFrom(profile).map(({ name }) => name));
  let before = -1;
  while (reached.size !== before) {
    before = reached.size;
    for (const step of profile.steps)
      if (reached.has(step.id)) for (const { name } of referencesOf(step, [])) reached.add(name);
  }
  return profile.steps.flatMap(({ id }, at) =>
    reached.has(id) ? [] : [{ path: ['steps', at, 'id'], message: `nothing leads to step "${id}"` }],
  );
}
