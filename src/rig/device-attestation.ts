/**
 * How a device attests: the words of its profile, and what they are made into.
 */

import { androidKeyVoucher } from '../attestation/android-key.js';
import { appleVoucher } from '../attestation/apple.js';
import {
  type AttestationType,
  type Attester,
  compoundAttester,
  createAndroidKeyAttester,
  createAppleAttester,
  createBasicAttester,
  createEnterpriseAttester,
  createFidoU2fAttester,
  createTpmAttester,
  deviceAttester,
  type FormatVoucher,
  noneAttester,
  selfAttester,
  type Voucher,
} from '../attestation/attestation.js';
import type { CertifiedKey } from '../attestation/certificates.js';
import { compoundVoucher } from '../attestation/compound.js';
import { fidoU2fVoucher } from '../attestation/fido-u2f.js';
import { basicVoucher, enterpriseVoucher } from '../attestation/packed.js';
import { tpmVoucher } from '../attestation/tpm.js';
import type { Crypto } from '../crypto/crypto.js';
import type { TransportName } from '../transport/transport.js';

/** What a statement can be without others inside. */
export const SINGLE_ATTESTATIONS = [
  'none',
  'packed-self',
  'packed-basic',
  'fido-u2f',
  'tpm',
  'android-key',
  'apple',
] as const;
/** What can be part of a compound one: all that says something and keeps the AAGUID. */
export const COMPOUND_PARTS = ['packed-self', 'packed-basic', 'tpm', 'android-key', 'apple'] as const;
/** All words for attestation. */
export const ATTESTATIONS = [...SINGLE_ATTESTATIONS, 'compound'] as const;

type SingleAttestation = (typeof SINGLE_ATTESTATIONS)[number];
type Attestation = (typeof ATTESTATIONS)[number];

/** Who signs with each (WebAuthn L3 §6.5.3). */
const TYPES: Readonly<Record<SingleAttestation, Exclude<AttestationType, 'compound'>>> = {
  none: 'none',
  'packed-self': 'self',
  'packed-basic': 'basic',
  'fido-u2f': 'basic',
  tpm: 'attca',
  'android-key': 'basic',
  apple: 'anonca',
};

/** Who signs for a profile's device, its default first; the parts of a compound statement in its place. */
export function attestationTypesOf(profile: AttestationProfile) {
  const { attestation, moreAttestations = [], compoundOf = [] } = profile;
  const words = [attestation, ...moreAttestations].flatMap((word) =>
    word === 'compound' ? compoundOf : [word],
  );
  return words.map((word) => TYPES[word]);
}

/** The members of a profile's authenticator that say how it attests. */
export interface AttestationProfile {
  /** What it does by itself. */
  readonly attestation: Attestation;
  /** What it does when asked. */
  readonly moreAttestations?: readonly Attestation[] | undefined;
  /** The statements of `compound`. */
  readonly compoundOf?: readonly SingleAttestation[] | undefined;
  /** Who may learn which device it is; there, the device has a certificate of its own for them, whatever the rules are. */
  readonly enterprise?: object | undefined;
}

/** What is known of each before there are keys. */
const VOUCHERS: Readonly<Record<SingleAttestation, FormatVoucher>> = {
  none: noneAttester,
  'packed-self': selfAttester,
  'packed-basic': basicVoucher,
  'fido-u2f': fidoU2fVoucher,
  tpm: tpmVoucher,
  'android-key': androidKeyVoucher,
  apple: appleVoucher,
};

/** How a profile's device will attest: which credentials it can vouch for, and how long that gets. */
export function voucherOf(profile: AttestationProfile): Voucher {
  const { attestation, moreAttestations = [], compoundOf = [] } = profile;
  const one = (word: Attestation): FormatVoucher =>
    word === 'compound' ? compoundVoucher(...compoundOf.map((part) => VOUCHERS[part])) : VOUCHERS[word];
  return {
    ...one(attestation),
    others: moreAttestations.map(one),
    ...(profile.enterprise === undefined ? {} : { enterprise: enterpriseVoucher }),
  };
}

/** What attesters are made from. */
export interface AttesterMaterial {
  readonly crypto: Crypto;
  /** Signs certificates. */
  readonly root: CertifiedKey;
  /** 16 bytes. */
  readonly aaguid: Uint8Array;
  readonly transports: readonly TransportName[];
  /** Tells the device from all others, in enterprise attestation. */
  readonly serialNumber: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** All that a device attests with, one after the other, so that a seed always makes the same keys. */
export async function makeAttester(
  profile: AttestationProfile,
  material: AttesterMaterial,
): Promise<Attester> {
  const { attestation, moreAttestations = [], compoundOf = [] } = profile;
  const others: Attester[] = [];
  const byDefault = await attesterOf(attestation, compoundOf, material);
  for (const word of moreAttestations) others.push(await attesterOf(word, compoundOf, material));
  if (profile.enterprise === undefined) return deviceAttester(byDefault, { others });
  return deviceAttester(byDefault, { others, enterprise: await createEnterpriseAttester(material) });
}

async function attesterOf(
  word: Attestation,
  compoundOf: readonly SingleAttestation[],
  material: AttesterMaterial,
): Promise<Attester> {
  if (word !== 'compound') return MAKERS[word](material);
  const parts: Attester[] = [];
  for (const part of compoundOf) parts.push(await MAKERS[part](material));
  return compoundAttester(...parts);
}

const MAKERS: Readonly<
  Record<SingleAttestation, (material: AttesterMaterial) => Attester | Promise<Attester>>
> = {
  none: () => noneAttester,
  'packed-self': () => selfAttester,
  'packed-basic': ({ serialNumber: _, ...material }) => createBasicAttester(material),
  'fido-u2f': ({ aaguid: _, serialNumber: __, ...material }) => createFidoU2fAttester(material),
  tpm: createTpmAttester,
  'android-key': createAndroidKeyAttester,
  apple: createAppleAttester,
};
