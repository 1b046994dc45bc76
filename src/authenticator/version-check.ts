/**
 * What a version promises: the mandatory features of FIDO_2_1, which FIDO_2_3 has too (CTAP 2.1 §9).
 */
import { EXTENSIONS } from '../ctap/messages/extensions.js';
import type { AuthenticatorConfig } from './config.js';
import { type Fault, faultIf } from './config-fault.js';

/** Versions that promise them. */
const MODERN: readonly string[] = ['FIDO_2_1', 'FIDO_2_3'];

/** What a configuration promises and does not have. */
export function versionFaults(config: AuthenticatorConfig): readonly Fault[] {
  const at = config.versions.findIndex((version) => MODERN.includes(version));
  if (at === -1) return [];
  const { options, extensions, pinUvAuthProtocols } = config;
  const member = `versions[${at}]`;
  const verifies = options.clientPin === true || config.builtInUv !== undefined;
  const needs = (holds: boolean, what: string) =>
    faultIf(!holds, member, `${config.versions[at]} needs ${what}`);
  return [
    ...needs(extensions.includes(EXTENSIONS.hmacSecret), 'the extension hmac-secret'),
    ...needs(verifies || options.rk !== true, 'a PIN or built-in verification with discoverable credentials'),
    ...needs(!verifies || extensions.includes(EXTENSIONS.credProtect), 'the extension credProtect'),
    ...needs(!verifies || options.pinUvAuthToken === true, 'the option pinUvAuthToken'),
    ...needs(!verifies || pinUvAuthProtocols.includes(2), 'protocol two'),
    // Platform authenticators have a user interface of their own for it
    ...needs(
      options.rk !== true || options.plat === true || options.credMgmt === true,
      'the option credMgmt with discoverable credentials',
    ),
  ];
}
