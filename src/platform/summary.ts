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
  const steps = profile.steps.filter(({ id }) => screens.includes(id));
  const found = [...rules.map((rule) => evidenceOf(profile, rule)), ...steps.map(({ evidence }) => evidence)];
  return found.some((evidence) => evidence?.confidence !== 'observed');
}
