/** Hints (WebAuthn L3 §5.8.7): which one counts, and what fits it. */
import type { PublicKeyCredentialHint } from '../../webauthn/types.js';
import type { DecisionInput, Mechanism } from './decision.js';
import { windowsReachesPhones } from './transports.js';

/** The order that a sorted set leaves, whatever the relying party wrote. */
const SORTED: readonly PublicKeyCredentialHint[] = ['security-key', 'client-device', 'hybrid'];

/**
 * The hint that counts: the first that is known.
 *
 * `spec` keeps the relying party's order, as the specification wants and Chromium 156 does. `chromium-set` is what builds of late 2024 made
 * of it: hints reached the decision as a sorted set.
 */
export function countingHint(
  hints: readonly string[],
  order: 'spec' | 'chromium-set',
): PublicKeyCredentialHint | undefined {
  if (order === 'chromium-set') return SORTED.find((hint) => hints.includes(hint));
  for (const name of hints) {
    const known = SORTED.find((hint) => hint === name);
    if (known !== undefined) return known;
  }
  return undefined;
}

/** Whether a way fits a hint. The Windows button stands for what its dialog reaches. */
export function fitsHint(
  mechanism: Mechanism,
  hint: PublicKeyCredentialHint,
  windows: DecisionInput['windows'],
): boolean {
  switch (mechanism.kind) {
    case 'windows':
      return hint !== 'hybrid' || windowsReachesPhones(windows);
    case 'usb':
      return hint === 'security-key';
    case 'hybrid':
      return hint === 'hybrid';
    case 'internal':
    case 'icloud':
    case 'password-manager':
      return hint === 'client-device';
    case 'credential':
    case 'sign-in-again':
      return false;
  }
}
