/**
 * Which permissions a key can grant to a token, by what the user proves (CTAP 2.1 §6.5.5.7.2 and §6.5.5.7.3, the gates; pcmr from CTAP 2.2).
 */
import { PERMISSIONS, type PermissionName } from '../ctap/messages/client-pin.js';
import type { AuthenticatorConfig } from './config.js';

/** What the user proves who they are with. */
export type Proving = 'pin' | 'uv';

/** MakeCredential and GetAssertion, which every key has. */
export const MC_GA = PERMISSIONS.mc | PERMISSIONS.ga;

/** The options, each of which brings a permission with it; built-in verification has options of its own for some. */
const GATES: Readonly<
  Record<Exclude<PermissionName, 'mc' | 'ga'>, Readonly<Record<Proving, readonly string[]>>>
> = {
  cm: { pin: ['credMgmt', 'credentialMgmtPreview'], uv: ['credMgmt', 'credentialMgmtPreview'] },
  be: { pin: ['bioEnroll', 'userVerificationMgmtPreview'], uv: ['uvBioEnroll'] },
  lbw: { pin: ['largeBlobs'], uv: ['largeBlobs'] },
  acfg: { pin: ['authnrCfg'], uv: ['uvAcfg'] },
  pcmr: { pin: ['perCredMgmtRO'], uv: ['perCredMgmtRO'] },
};

/** All permission bits that the key can grant this way. */
export function grantable({ options }: AuthenticatorConfig, proving: Proving): number {
  const barred = proving === 'pin' && options.noMcGaPermissionsWithClientPin === true;
  const on = new Set(Object.entries(options).flatMap(([name, value]) => (value === true ? [name] : [])));
  const gates = Object.keys(GATES) as (keyof typeof GATES)[];
  return gates
    .filter((name) => GATES[name][proving].some((option) => on.has(option)))
    .reduce((all: number, name) => all | PERMISSIONS[name], barred ? 0 : MC_GA);
}
