/**
 * Rules of getInfo about fingers, PIN policies, reset and authenticatorConfig (CTAP 2.1 §6.4; CTAP 2.2 and 2.3 for their members).
 */
import { INFO, type InfoRule, type InfoView, implies, rule, unique } from './get-info-rule.js';
import { CONFIG_SUBCOMMANDS, type ConfigSubcommandName } from './messages/config.js';

const LATER = 'CTAP 2.2 §6.4';
const LATEST = 'CTAP 2.3 §6.4';

const lists = ({ authenticatorConfigCommands: commands = [] }: InfoView, name: ConfigSubcommandName) =>
  commands.includes(CONFIG_SUBCOMMANDS[name]);

/** bioEnroll and its preview. */
const BIO_OPTIONS = ['bioEnroll', 'userVerificationMgmtPreview'] as const;

/** Rules between members of managed keys. */
export const VERIFICATION_RULES: readonly InfoRule[] = [
  rule('bio-enroll-needs-uv', INFO, 'bioEnroll and its preview are there only with the option uv', (info) =>
    implies(
      BIO_OPTIONS.some((name) => info.option(name) !== undefined),
      info.option('uv') !== undefined,
    ),
  ),
  rule('enrolled-is-uv', INFO, 'uv is true as soon as bioEnroll or its preview is', (info) =>
    implies(
      BIO_OPTIONS.some((name) => info.option(name) === true) && info.option('uv') !== undefined,
      info.option('uv') === true,
    ),
  ),
  rule(
    'uv-count-needs-uv',
    LATER,
    'uvCountSinceLastPinEntry is there only with built-in verification',
    (info) => implies(info.uvCountSinceLastPinEntry !== undefined, info.option('uv') !== undefined),
  ),
  rule('pin-policy-needs-pin', LATER, 'pinComplexityPolicy is there only with the option clientPin', (info) =>
    implies(info.pinComplexityPolicy !== undefined, info.option('clientPin') !== undefined),
  ),
  rule(
    'policy-url-needs-policy',
    LATER,
    'pinComplexityPolicyURL is there only with pinComplexityPolicy',
    (info) => implies(info.pinComplexityPolicyURL !== undefined, info.pinComplexityPolicy !== undefined),
  ),
  rule(
    'policy-extension-needs-policy',
    LATER,
    'the extension pinComplexityPolicy comes with the member',
    (info) => implies(info.has('pinComplexityPolicy'), info.pinComplexityPolicy !== undefined),
  ),
  rule('salts-at-creation-need-hmac-secret', LATER, 'hmac-secret-mc comes with hmac-secret', (info) =>
    implies(info.has('hmac-secret-mc'), info.has('hmac-secret')),
  ),
  rule(
    'reset-transports-known',
    LATER,
    'transportsForReset names transports of the key, and at least one',
    ({ transportsForReset: over, transports }) =>
      over === undefined ||
      (over.length > 0 && over.every((name) => transports === undefined || transports.includes(name))),
  ),
  rule('config-commands-unique', LATEST, 'authenticatorConfigCommands names each sub-command once', (info) =>
    unique(info.authenticatorConfigCommands),
  ),
  rule(
    'config-enterprise-needs-ep',
    LATEST,
    'authenticatorConfigCommands has enableEnterpriseAttestation only with the option ep',
    (info) => implies(lists(info, 'enableEnterpriseAttestation'), info.option('ep') !== undefined),
  ),
  rule(
    'config-always-uv-needs-option',
    LATEST,
    'authenticatorConfigCommands has toggleAlwaysUv only with the option alwaysUv',
    (info) => implies(lists(info, 'toggleAlwaysUv'), info.option('alwaysUv') !== undefined),
  ),
  rule(
    'config-long-touch-needs-member',
    LATEST,
    'authenticatorConfigCommands has enableLongTouchForReset only with longTouchForReset',
    (info) => implies(lists(info, 'enableLongTouchForReset'), info.longTouchForReset !== undefined),
  ),
];
