/**
 * docs/devices-217.md: what becomes of each device of the metadata service. Written by `scripts/devices-page.mjs`, and held to the code by a test.
 */
import { type KnownDevice, profileOf } from './known-devices.js';
import { CLAIM_REASONS, UNUSABLE } from './metadata-rules.js';

const HEAD = `# Devices of the FIDO Metadata Service

Written by \`node scripts/devices-page.mjs\`; do not edit. What it says is in [devices](devices.md#real-devices).

Each of these runs by AAGUID or name: \`keyrig run register --device <name>\`. In the state in which its statement was made (its PIN, its fingers), its getInfo
is that of the statement, member by member; a test compares all of them. *Claimed only* is what it shows and does not do.
`;

/** The page. */
export function knownDevicesPage(devices: readonly KnownDevice[]): string {
  const rows = devices.map(rowOf);
  const reasons = Object.entries(CLAIM_REASONS).map(([claim, reason]) => {
    const count = devices.filter((device) => profileOf(device).claimedOnly.includes(claim)).length;
    return `| \`${claim}\` | ${count} | ${reason} |`;
  });
  return `${HEAD}
## Why something is claimed only

| claim | devices | reason |
|---|---|---|
${reasons.join('\n')}

## All of them

| name | AAGUID | versions | state | getInfo | claimed only | register and sign in |
|---|---|---|---|---|---|---|
${rows.join('\n')}
`;
}

function rowOf(device: KnownDevice): string {
  const { id, facts } = device;
  const profile = profileOf(device);
  const { pin = 'none', verification = 'none' } = profile.snapshot ?? {};
  const cells = [
    `\`${id}\``,
    `\`${facts.aaguid}\``,
    facts.getInfo.versions.join(', '),
    `PIN ${pin}, verification ${verification}`,
    'equal',
    profile.claimedOnly.join(', ') || 'nothing',
    UNUSABLE[facts.aaguid] ?? 'works',
  ];
  return `| ${cells.join(' | ')} |`;
}
