/** What a profile's conditions mean, and the texts and targets that depend on them. */
import { KeyrigError } from '../errors.js';
import type { Decision } from './decision/decide.js';
import type { RecognisedCredential } from './decision/decision.js';
import type { DeviceKind } from './ports.js';
import type { ControlTarget, ProfileText, ProfileWhen } from './profile-shape.js';
import type { MachineSetting, PromptState } from './state.js';
import { CONDITIONS, type ConditionWord, PLACEHOLDERS, type Placeholder } from './vocabulary.js';

/** A state with what led to it. */
export interface Situation {
  readonly setting: MachineSetting;
  readonly decision: Decision;
  readonly state: PromptState;
}

/** The variant that applies; the last one always does. */
export function resolveTarget(target: ControlTarget, situation: Situation): string {
  if (typeof target === 'string') return target;
  const found = target.find(({ when }) => holds(when, situation));
  if (found !== undefined) return found.to;
  throw new KeyrigError('internal', 'a checked profile has a target of which no variant applies');
}

/** A text with its placeholders filled in. */
export function fillText(text: ProfileText, situation: Situation): string {
  const line = typeof text === 'string' ? text : text.find(({ when }) => holds(when, situation))?.text;
  return (line ?? '').replace(/\{([^}]*)\}/g, (_whole, name: string) =>
    isPlaceholder(name) ? fillingOf(name, situation) : name,
  );
}

function isPlaceholder(name: string): name is Placeholder {
  return Object.hasOwn(PLACEHOLDERS, name);
}

function fillingOf(name: Placeholder, situation: Situation): string {
  const { setting, state } = situation;
  const { request, browser } = setting;
  switch (name) {
    case 'rp':
      return request.rpId;
    case 'browser':
      return browser.name;
    case 'app':
      return browser.app ?? browser.name;
    case 'publisher':
      return browser.publisher ?? '';
    case 'account':
      return accountAtStake(situation) ?? '';
    case 'retries':
      return String(state.pin?.retries ?? '');
    case 'minimum-pin':
      return String(state.pin?.minPinLength ?? '');
    case 'phone':
      return state.phone ?? '';
  }
}

/** Whether all conditions hold. */
export function holds(when: ProfileWhen | undefined, situation: Situation): boolean {
  if (when === undefined) return true;
  const conditions = typeof when === 'string' ? [when] : when;
  return conditions.every((condition) =>
    isWord(condition) ? FACTS[condition](situation) : !FACTS[wordOf(condition)](situation),
  );
}

function isWord(condition: string): condition is ConditionWord {
  return Object.hasOwn(CONDITIONS, condition);
}

function wordOf(negation: string): ConditionWord {
  const word = negation.replace(/^not /, '');
  if (isWord(word)) return word;
  throw new KeyrigError('internal', `a checked profile has the unknown condition "${negation}"`);
}

const FACTS: Readonly<Record<ConditionWord, (situation: Situation) => boolean>> = {
  create: ({ setting }) => setting.request.operation === 'create',
  'several-ways': ({ decision }) => decision.mechanisms.length > 1,
  'key-on-sheet': ({ decision }) =>
    decision.mechanisms.some((mechanism) => mechanism.kind === 'hybrid' && mechanism.withKey),
  'bluetooth-on': ({ setting }) => setting.environment.bluetooth === 'on',
  'other-devices': ({ decision }) => decision.keyUsable || decision.phoneUsable,
  'phone-in-use': (situation) => kindInUse(situation) === 'phone',
  'key-in-use': (situation) => kindInUse(situation) === 'security-key',
  'pin-wrong': ({ state }) => state.pin?.wrong === true,
  'pin-change': ({ state }) => state.pin?.reason === 'change',
  'retries-known': ({ state }) => state.pin?.retries !== undefined,
  'account-known': (situation) => accountAtStake(situation) !== undefined,
};

/** The local credential that was picked or is confirmed, or the account that the request is for. */
function accountAtStake({ setting, decision, state }: Situation): string | undefined {
  const picked = localCredentials(decision)[state.credential ?? -1] ?? decision.credential;
  return picked?.userName ?? setting.request.userName;
}

/** The local credentials in the order listed. */
export function localCredentials({ mechanisms }: Decision): readonly RecognisedCredential[] {
  return mechanisms.flatMap((mechanism) => (mechanism.kind === 'credential' ? [mechanism.credential] : []));
}

function kindInUse({ setting, state }: Situation): DeviceKind | undefined {
  return setting.devices.find(({ id }) => id === state.device)?.kind;
}
