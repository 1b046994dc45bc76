/** What a ceremony looked like to the person, gathered screen by screen. */
import type { PromptSummary } from '../rig/rig.js';
import type { FiredRule } from './decision/decision.js';
import type { DeviceKind, Screen } from './ports.js';
import type { Evidence, PlatformProfile } from './profile.js';
import type { Way } from './search.js';

/** Nothing of the platform came up. */
export const NO_PROMPTS: PromptSummary = {
  firstScreen: 'none',
  firstTitle: '',
  defaultChoice: 'none',
  order: [],
  clicksToSecurityKey: -1,
  keystrokes: -1,
  phoneOffered: false,
  screens: [],
  simulated: false,
};

/** Adds a screen to what was seen before. `way` leads from it to the security-key page, if one does. */
export function addScreen(before: PromptSummary, screen: Screen, way: Way | undefined): PromptSummary {
  const isFirst = before.screens.length === 0;
  return {
    ...(isFirst ? firstOf(before, screen, way) : before),
    order: before.order.length > 0 ? before.order : screen.choices.map(({ label }) => label),
    phoneOffered: before.phoneOffered || offersPhone(screen),
    screens: [...before.screens, screen.step],
  };
}

function firstOf(before: PromptSummary, screen: Screen, way: Way | undefined): PromptSummary {
  return {
    ...before,
    firstScreen: screen.step,
    firstTitle: screen.title,
    defaultChoice: defaultOf(screen),
    clicksToSecurityKey: way?.clicks ?? -1,
    keystrokes: way?.keystrokes ?? -1,
  };
}

function offersPhone({ choices, asks }: Screen): boolean {
  return asks.includes('scan') || choices.some(({ kind }) => kind === 'phone' || kind === 'linked-phone');
}

/** What is selected, or else what the sheet is about. */
function defaultOf({ choices, selected, leads }: Screen): DeviceKind | 'none' {
  const kind = choices.find(({ id }) => id === selected)?.kind;
  switch (kind) {
    case undefined:
      return leads ?? 'none';
    case 'phone':
    case 'linked-phone':
      return 'phone';
    case 'platform':
    case 'credential':
      return 'platform';
    case 'security-key':
      return 'security-key';
    case 'account':
    case 'others':
      return 'none';
  }
}

/** How a rule that fired is known: for what it led to, or in general. */
export function evidenceOf(profile: PlatformProfile, { rule, outcome }: FiredRule): Evidence | undefined {
  return profile.rules[`${rule}/${outcome}`] ?? profile.rules[rule];
}

/** Whether anything that fired or was shown rests on less than an observation of a running browser. */
export function isSimulated(
  profile: PlatformProfile,
  rules: readonly FiredRule[],
  screens: readonly string[],
): boolean {
  return Object.keys(groundsOf(profile, rules, screens)).some((confidence) => confidence !== 'observed');
}

/** Rules that fired and screens that were shown, by how they are known. */
export type Grounds = {
  readonly [confidence in Evidence['confidence']]?: {
    readonly rules: readonly string[];
    readonly screens: readonly string[];
  };
};

/** What everything that fired or was shown rests on: each rule and screen once, by the name that the profile has for it. */
export function groundsOf(
  profile: PlatformProfile,
  rules: readonly FiredRule[],
  screens: readonly string[],
): Grounds {
  const grounds: Partial<Record<Evidence['confidence'], { rules: string[]; screens: string[] }>> = {};
  const note = (kind: 'rules' | 'screens', name: string, evidence: Evidence | undefined) => {
    // What nobody vouches for is inferred.
    const confidence = evidence?.confidence ?? 'L';
    const group = grounds[confidence] ?? { rules: [], screens: [] };
    grounds[confidence] = group;
    if (!group[kind].includes(name)) group[kind].push(name);
  };
  for (const fired of rules) note('rules', nameOf(profile, fired), evidenceOf(profile, fired));
  for (const { id, evidence } of profile.steps) if (screens.includes(id)) note('screens', id, evidence);
  return grounds;
}

/** `R3/key` where the profile has something to say of that outcome, else `R3`. */
function nameOf(profile: PlatformProfile, { rule, outcome }: FiredRule): string {
  return profile.rules[`${rule}/${outcome}`] === undefined ? rule : `${rule}/${outcome}`;
}
