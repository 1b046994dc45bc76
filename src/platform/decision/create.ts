/** Chromium's first screen of a create with more than one way: rules C1 to C5. */
import type { DecisionInput, FirstScreen, Mechanism } from './decision.js';
import { DECLINES_THAT_COUNT } from './get.js';
import { fitsHint } from './hints.js';
import type { RuleId } from './rules.js';
import { runMechanism } from './run-mechanism.js';
import { windowsReachesPhones } from './transports.js';

interface Candidate {
  readonly rule: RuleId;
  readonly mechanism: Mechanism;
}

/**
 * The first candidate; a hint thins the candidates out first and is ignored when none of them fits it.
 *
 * That is how a hint gets lost on Windows below interface version 6: for cross-platform and a passkey, C1 and C2 don't apply and C3 brings
 * the phone, so nothing is left that fits `security-key`.
 */
export function firstCreateScreen(input: DecisionInput, mechanisms: readonly Mechanism[]): FirstScreen {
  const all = candidates(input, mechanisms);
  const { hint } = input;
  const fitting =
    hint === undefined ? [] : all.filter(({ mechanism }) => fitsHint(mechanism, hint, input.windows));
  // C4's plain transport is there only for a hint.
  const first = fitting[0] ?? all.find(({ rule }) => rule !== 'C4');
  return first === undefined
    ? { rule: 'C5', outcome: 'list' }
    : runMechanism(first.mechanism, input, first.rule);
}

function candidates(input: DecisionInput, mechanisms: readonly Mechanism[]): readonly Candidate[] {
  return [
    ...only('C1', localPlace(input, mechanisms)),
    ...only('C2', windowsReachesPhones(input.windows) ? find(mechanisms, 'windows') : undefined),
    ...only('C3', find(mechanisms, input.residentKey === 'discouraged' ? 'windows' : 'hybrid')),
    ...mechanisms
      .filter(({ kind }) => kind === 'usb' || kind === 'hybrid' || kind === 'internal')
      .map((mechanism): Candidate => ({ rule: 'C4', mechanism })),
  ];
}

/** C1: where this machine itself would keep the passkey. */
function localPlace(input: DecisionInput, mechanisms: readonly Mechanism[]): Mechanism | undefined {
  if (input.attachment === 'cross-platform') return undefined;
  const manager = find(mechanisms, 'password-manager');
  if (manager !== undefined && input.passwordManagerDeclines < DECLINES_THAT_COUNT) return manager;
  if (input.windows?.hello === 'ready') return find(mechanisms, 'windows');
  if (input.os !== 'macos') return undefined;
  const keychain = find(mechanisms, 'icloud');
  return input.createInIcloud && keychain !== undefined ? keychain : find(mechanisms, 'internal');
}

function find(mechanisms: readonly Mechanism[], kind: Mechanism['kind']): Mechanism | undefined {
  return mechanisms.find((mechanism) => mechanism.kind === kind);
}

function only(rule: RuleId, mechanism: Mechanism | undefined): readonly Candidate[] {
  return mechanism === undefined ? [] : [{ rule, mechanism }];
}
