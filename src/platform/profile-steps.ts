/** What can be wrong with one step of a profile. */
import { duplicates, type ProfileProblem } from './profile-problem.js';
import { openEnd, referencesOf } from './profile-references.js';
import type { PlatformProfile, ProfileStep, ProfileText } from './profile-shape.js';
import { PLACEHOLDERS } from './vocabulary.js';

/** Everything that is wrong with `step`. */
export function checkStep(
  profile: PlatformProfile,
  step: ProfileStep,
  path: ProfileProblem['path'],
): ProfileProblem[] {
  return [
    ...choiceProblems(step, path),
    ...controlProblems(step, path),
    ...placeProblems(step, path),
    ...textProblems(profile, step, path),
  ];
}

function choiceProblems({ choices }: ProfileStep, path: ProfileProblem['path']): ProfileProblem[] {
  if (choices === undefined) return [];
  const kinds = choices.items.map(({ kind }) => kind);
  const preselect = choices.preselect ?? [];
  return [
    ...duplicates(kinds, (at) => [...path, 'choices', 'items', at, 'kind']),
    ...preselect.flatMap((kind, at) =>
      kinds.includes(kind)
        ? []
        : [{ path: [...path, 'choices', 'preselect', at], message: `"${kind}" is not among the choices` }],
    ),
    ...choices.items.flatMap(({ kind, label }, at) =>
      label === undefined && !NAMED_BY_THEMSELVES.has(kind)
        ? [{ path: [...path, 'choices', 'items', at], message: `"${kind}" needs a label` }]
        : [],
    ),
  ];
}

/** Rows that carry the name of what they stand for. */
const NAMED_BY_THEMSELVES: ReadonlySet<string> = new Set(['linked-phone', 'credential', 'account']);

function controlProblems({ controls }: ProfileStep, path: ProfileProblem['path']): ProfileProblem[] {
  const defaults = controls.flatMap((control, at) => (control.default ? [at] : []));
  return [
    ...duplicates(
      controls.map(({ label }) => label),
      (at) => [...path, 'controls', at, 'label'],
    ),
    ...defaults
      .slice(1)
      .map((at) => ({ path: [...path, 'controls', at, 'default'], message: 'there is a default already' })),
  ];
}

/** A place that needs something of its step: `submit` a list, `confirm` a PIN, `device` a kind of device. */
function placeProblems(step: ProfileStep, path: ProfileProblem['path']): ProfileProblem[] {
  const needs: Readonly<Record<string, { readonly met: boolean; readonly what: string }>> = {
    submit: { met: step.choices !== undefined, what: 'choices' },
    confirm: { met: (step.asks ?? []).some((ask) => ask.for === 'pin'), what: 'to ask for a PIN' },
    device: { met: step.leads !== undefined, what: '"leads", the kind of device' },
  };
  return referencesOf(step, path).flatMap((reference) => {
    const need = needs[reference.name];
    if (need === undefined || need.met) return [];
    return [{ path: reference.path, message: `"${reference.name}" needs ${need.what} in its step` }];
  });
}

function textProblems(
  profile: PlatformProfile,
  step: ProfileStep,
  path: ProfileProblem['path'],
): ProfileProblem[] {
  const labels = (step.choices?.items ?? []).map(
    ({ label }, at) => [label, [...path, 'choices', 'items', at, 'label']] as const,
  );
  const texts = [
    [step.title, [...path, 'title']] as const,
    [step.body, [...path, 'body']] as const,
    ...labels,
  ];
  return texts.flatMap(([text, at]) =>
    text === undefined ? [] : [...placeholderProblems(profile, text, at), ...openEnd(text, at)],
  );
}

function placeholderProblems(
  profile: PlatformProfile,
  text: ProfileText,
  path: ProfileProblem['path'],
): ProfileProblem[] {
  const variants = typeof text === 'string' ? [text] : text.map((variant) => variant.text);
  const used = variants.flatMap((variant) =>
    [...variant.matchAll(/\{([^}]*)\}/g)].map(([, name = '']) => name),
  );
  return used.flatMap((name) => {
    if (!Object.hasOwn(PLACEHOLDERS, name)) return [{ path, message: `nothing fills {${name}}` }];
    const lacks =
      (name === 'app' || name === 'publisher') &&
      profile.browsers.some((browser) => browser[name] === undefined);
    return lacks ? [{ path, message: `{${name}} needs "${name}" in every browser` }] : [];
  });
}
