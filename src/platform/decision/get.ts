/** Chromium's first screen of a get with more than one way: rules R4 to R8. */
import type {
  CredentialSource,
  DecisionInput,
  FirstScreen,
  Mechanism,
  RecognisedCredential,
} from './decision.js';
import { fitsHint } from './hints.js';
import { runMechanism } from './run-mechanism.js';

/** After so many refusals the password manager no longer comes first. */
export const DECLINES_THAT_COUNT = 2;

/** R4: the higher is taken first; a source without a number never is. */
const SOURCE_PRIORITY: Partial<Record<CredentialSource, number>> = {
  'password-manager': 4,
  icloud: 3,
  'touch-id': 2,
  chromeos: 1,
  other: 1,
};

/** R5: one group after the other. A store that is neither the platform's nor the browser's is not among them. */
const PLATFORM_ORDER: readonly (readonly CredentialSource[])[] = [
  ['icloud'],
  ['windows-hello', 'touch-id', 'chromeos'],
  ['password-manager'],
];

/** The first of R4 to R8 that applies. */
export function firstGetScreen(input: DecisionInput, mechanisms: readonly Mechanism[]): FirstScreen {
  return (
    bestOfOneUser(input) ??
    platformMatch(input) ??
    windowsHasAll(input) ??
    hinted(input, mechanisms) ?? { rule: 'R8', outcome: 'list' }
  );
}

function bestOfOneUser(input: DecisionInput): FirstScreen | undefined {
  const { credentials } = input;
  if (!input.emptyAllowList || input.savedPassword || !areOfOneUser(credentials)) return undefined;
  const [best] = credentials
    .filter((credential) => priorityOf(credential, input) > 0)
    .toSorted((left, right) => priorityOf(right, input) - priorityOf(left, input));
  return best === undefined ? undefined : runMechanism({ kind: 'credential', credential: best }, input, 'R4');
}

function areOfOneUser(credentials: readonly RecognisedCredential[]): boolean {
  return new Set(credentials.map(({ userId }) => userId.join())).size === 1;
}

function priorityOf({ source }: RecognisedCredential, input: DecisionInput): number {
  const turnedDown = input.passwordManagerDeclines >= DECLINES_THAT_COUNT;
  if (source === 'password-manager' && turnedDown) return 0;
  return SOURCE_PRIORITY[source] ?? 0;
}

function platformMatch(input: DecisionInput): FirstScreen | undefined {
  if (input.emptyAllowList) return undefined;
  for (const sources of PLATFORM_ORDER) {
    const match = input.credentials.find(({ source }) => sources.includes(source));
    if (match !== undefined) return runMechanism({ kind: 'credential', credential: match }, input, 'R5');
  }
  return undefined;
}

function windowsHasAll({ windows, credentials }: DecisionInput): FirstScreen | undefined {
  const all = credentials.length > 0 && credentials.every(({ source }) => source === 'windows-hello');
  return windows !== null && all ? { rule: 'R6', outcome: 'windows' } : undefined;
}

/** R7: a local match beats every hint. */
function hinted(input: DecisionInput, mechanisms: readonly Mechanism[]): FirstScreen | undefined {
  const { hint } = input;
  if (hint === undefined || input.credentials.length > 0) return undefined;
  const fitting = mechanisms.find((mechanism) => fitsHint(mechanism, hint, input.windows));
  return fitting === undefined ? undefined : runMechanism(fitting, input, 'R7');
}
