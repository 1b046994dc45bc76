/** From request, environment and profile to the first screen: Chromium's rules, and those of the Windows dialog where it takes over. */
import type { CeremonyRequest } from '../../client/ports.js';
import { KeyrigError } from '../../errors.js';
import type { Environment } from '../ports.js';
import type { PlatformProfile } from '../profile-shape.js';
import type { DecisionInput, FiredRule, Mechanism, RecognisedCredential } from './decision.js';
import { firstScreen } from './first-screen.js';
import { countingHint } from './hints.js';
import { listMechanisms } from './mechanisms.js';
import type { Outcome } from './outcomes.js';
import { allowedTransports, allowsKey, availableChannels, windowsReachesPhones } from './transports.js';
import { windowsDialog } from './windows-dialog.js';

/** Everything that a decision depends on. */
export interface DecisionSetting {
  readonly profile: Pick<PlatformProfile, 'os' | 'platformAuthenticator' | 'localSource'>;
  readonly environment: Environment;
  readonly request: CeremonyRequest;
}

/** `others`: without what this machine has itself, as after "Use another device". */
export type Scope = 'first' | 'others';

/** What comes up first, and all that the screens after it need to know. */
export interface Decision {
  readonly outcome: Exclude<Outcome, 'windows'>;
  /** In the order in which they fired; the last one decided. */
  readonly rules: readonly [FiredRule, ...FiredRule[]];
  readonly mechanisms: readonly Mechanism[];
  /** The local credential that is confirmed or run at once. */
  readonly credential?: RecognisedCredential;
  /** Whether a security key can serve the request from here. */
  readonly keyUsable: boolean;
  /** Whether a phone can. */
  readonly phoneUsable: boolean;
}

/** Decides. Pure: the same setting gives the same decision. */
export function decide(setting: DecisionSetting, scope: Scope): Decision {
  const modal = decideModal(setting, scope);
  if (scope === 'others' || setting.request.mediation !== 'conditional') return modal;
  // Nothing of the modal screens shows until a suggestion is picked.
  return { ...modal, outcome: 'autofill', rules: [{ rule: 'autofill', outcome: 'autofill' }] };
}

function decideModal(setting: DecisionSetting, scope: Scope): Decision {
  const input = inputOf(setting, scope);
  const mechanisms = listMechanisms(input);
  const first = firstScreen(input, mechanisms);
  const { outcome, rule, mechanism } = first;
  const rules = [...commonRules(setting, outcome), { rule, outcome }] as const;
  if (outcome === 'windows') return decideByDialog(setting, scope, input, { mechanisms, rules });
  return {
    outcome,
    rules,
    mechanisms,
    keyUsable: input.available.has('usb'),
    phoneUsable: input.available.has('hybrid'),
    ...(mechanism?.kind === 'credential' ? { credential: mechanism.credential } : {}),
  };
}

function commonRules({ request, environment }: DecisionSetting, outcome: Outcome): Decision['rules'] {
  const names = ['availability', 'list'] as const;
  const hint = environment.hintsOrder === 'spec' ? 'hint' : 'hint-set';
  return [
    { rule: 'transports', outcome },
    ...names.map((rule) => ({ rule, outcome })),
    ...(request.hints.length > 0 ? [{ rule: hint, outcome } as const] : []),
  ];
}

/** @param own What the browser came to before it handed over. */
function decideByDialog(
  { environment }: DecisionSetting,
  scope: Scope,
  { operation, windows, allowed, credentials, hint }: DecisionInput,
  own: Pick<Decision, 'mechanisms' | 'rules'>,
): Decision {
  if (windows === null)
    throw new KeyrigError('internal', 'the Windows dialog was decided for on a machine without it');
  const { outcome, rules } = windowsDialog({
    operation,
    windows: scope === 'others' ? { ...windows, hello: 'not-set-up' } : windows,
    allowed,
    helloMatches: credentials.some(({ source }) => source === 'windows-hello'),
    linkedPhones: environment.linkedPhones,
    dialogHints: environment.dialogHints,
    ...(hint === undefined ? {} : { hint }),
  });
  return {
    outcome,
    rules: [...own.rules, ...rules],
    mechanisms: own.mechanisms,
    keyUsable: allowsKey(allowed),
    phoneUsable: windowsReachesPhones(windows) && allowed.has('hybrid'),
  };
}

function inputOf({ profile, environment, request }: DecisionSetting, scope: Scope): DecisionInput {
  const hint = countingHint(request.hints, environment.hintsOrder);
  const facts = {
    operation: request.operation,
    allowed: allowedTransports(request),
    windows: environment.winApi === null ? null : { api: environment.winApi, hello: environment.winHello },
    bluetooth: environment.bluetooth,
    platformAuthenticator: profile.platformAuthenticator,
    credentials: scope === 'others' ? [] : recognised(profile, environment, request),
  };
  return {
    ...facts,
    os: profile.os,
    available: availableChannels(facts),
    emptyAllowList: request.allowCredentials.length === 0,
    residentKey: request.residentKey,
    userVerification: request.userVerification,
    passwordManager: scope === 'others' ? 'off' : environment.passwordManager,
    passwordManagerDeclines: 0,
    savedPassword: false,
    // macOS has no profile yet.
    icloud: 'absent',
    createInIcloud: false,
    biometrics: false,
    ...(hint === undefined ? {} : { hint }),
    ...(request.attachment === undefined ? {} : { attachment: request.attachment }),
  };
}

function recognised(
  { localSource }: DecisionSetting['profile'],
  { localCredentials }: Environment,
  { operation }: CeremonyRequest,
): readonly RecognisedCredential[] {
  if (operation === 'create' || localSource === undefined) return [];
  return localCredentials.map((credential) => ({ ...credential, source: localSource }));
}
