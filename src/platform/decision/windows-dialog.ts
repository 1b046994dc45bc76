/**
 * What Windows' own dialog shows first, once a browser has handed the request over.
 *
 * Windows remembers no choice, has no switch for it, and doesn't look at the Bluetooth radio.
 */
import type { PublicKeyCredentialHint } from '../../webauthn/types.js';
import type { AllowedTransport, FiredRule, WindowsFacts } from './decision.js';
import type { Outcome } from './outcomes.js';
import type { RuleId } from './rules.js';
import { allowsKey, windowsReachesPhones } from './transports.js';

/** From this version of the interface on hints reach the dialog, if the browser forwards them. */
const API_WITH_HINTS = 8;

/** What the dialog knows. */
export interface DialogInput {
  readonly operation: 'create' | 'get';
  readonly windows: WindowsFacts;
  readonly allowed: ReadonlySet<AllowedTransport>;
  /** get: Windows Hello has a matching credential. */
  readonly helloMatches: boolean;
  readonly linkedPhones: readonly string[];
  readonly hint?: PublicKeyCredentialHint;
  /** What the dialog would do with a hint that reaches it. */
  readonly dialogHints: 'honoured' | 'ignored';
}

/** What comes up, by which rules: in order, the last one decided. */
export interface DialogDecision {
  readonly outcome: DialogOutcome;
  readonly rules: readonly [FiredRule, ...FiredRule[]];
}

/** What the dialog can start with. */
export type DialogOutcome = Extract<Outcome, 'hello' | 'save-here' | 'chooser' | 'phone' | 'dialog-key'>;

interface DialogPage {
  readonly rule: RuleId;
  readonly outcome: DialogOutcome;
}

/** Decides in this order: a match in Windows Hello, the only kind of device that is allowed, a hint that is delivered, the default. */
export function windowsDialog(input: DialogInput): DialogDecision {
  const page = helloPage(input) ?? otherDevicePage(input);
  const leavesChoice = page.outcome === 'chooser' || page.outcome === 'save-here';
  if (input.hint === undefined || !leavesChoice) return { outcome: page.outcome, rules: [page] };
  const hinted = hintedOutcome(input);
  if (hinted !== undefined) return { outcome: hinted, rules: [{ rule: 'D-hint', outcome: hinted }] };
  return { outcome: page.outcome, rules: [{ rule: 'D-hint', outcome: page.outcome }, page] };
}

/** Windows Hello's own page: for a match on get, and as the default place on create. */
function helloPage({ operation, windows, allowed, helloMatches }: DialogInput): DialogPage | undefined {
  if (windows.hello !== 'ready' || !allowed.has('internal')) return undefined;
  if (operation === 'create') return { rule: 'D-save-here', outcome: 'save-here' };
  return helloMatches ? { rule: 'D-hello', outcome: 'hello' } : undefined;
}

function otherDevicePage({ allowed, windows, linkedPhones }: DialogInput): DialogPage {
  const phone = windowsReachesPhones(windows) && allowed.has('hybrid');
  if (!phone) return { rule: 'D-key-only', outcome: 'dialog-key' };
  if (!allowsKey(allowed)) return { rule: 'D-phone-only', outcome: 'phone' };
  return { rule: linkedPhones.length > 0 ? 'D-linked-phone' : 'D-chooser', outcome: 'chooser' };
}

/** Where the hint leads; `undefined` where it changes nothing: not delivered, not honoured, or for the machine that is offered anyway. */
function hintedOutcome({ hint, windows, dialogHints }: DialogInput): DialogOutcome | undefined {
  if (windows.api < API_WITH_HINTS || dialogHints === 'ignored') return undefined;
  if (hint === 'security-key') return 'dialog-key';
  return hint === 'hybrid' ? 'phone' : undefined;
}
