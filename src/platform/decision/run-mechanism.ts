/** What shows when one way is taken. */
import type { DecisionInput, FirstScreen, Mechanism, RecognisedCredential } from './decision.js';
import type { Outcome } from './outcomes.js';
import type { RuleId } from './rules.js';

/** Takes `mechanism` by `rule`. */
export function runMechanism(mechanism: Mechanism, input: DecisionInput, rule: RuleId): FirstScreen {
  return { outcome: outcomeOf(mechanism, input), rule, mechanism };
}

function outcomeOf(mechanism: Mechanism, input: DecisionInput): Outcome {
  switch (mechanism.kind) {
    case 'credential':
      return credentialOutcome(mechanism.credential, input);
    case 'sign-in-again':
      return 'sign-in-again';
    case 'password-manager':
      return 'create-password-manager';
    case 'icloud':
      return 'icloud';
    case 'windows':
      return 'windows';
    case 'hybrid':
      return 'qr';
    case 'usb':
      return 'key';
    case 'internal':
      // macOS asks whether to keep the passkey before Touch ID comes up.
      return input.operation === 'create' && input.os === 'macos' ? 'create-here' : 'platform';
  }
}

/** Whoever asks the person for consent by itself runs at once; for all others the browser has the account confirmed. */
function credentialOutcome({ source }: RecognisedCredential, input: DecisionInput): Outcome {
  switch (source) {
    case 'windows-hello':
      return 'windows';
    case 'icloud':
      return 'icloud';
    case 'touch-id':
      return input.biometrics || !input.emptyAllowList ? 'platform' : 'account';
    case 'password-manager':
      return verifiesItself(input) ? 'platform' : 'account';
    case 'chromeos':
    case 'other':
      return 'account';
  }
}

/** The password manager shows the account when it verifies the user by touch; named credentials need only some verification. */
function verifiesItself({ biometrics, emptyAllowList, userVerification }: DecisionInput): boolean {
  return biometrics || (!emptyAllowList && userVerification === 'required');
}
