/** No statement is longer than its attester says, and no attester says much more than there is. */
import { describe, expect, it } from 'vitest';
import { encode } from '../ctap/cbor.js';
import { COSE_ALGORITHMS, type CoseAlgorithmId, type CoseAlgorithmName } from '../ctap/cose.js';
import { androidKeyVoucher } from './android-key.js';
import { appleVoucher } from './apple.js';
import {
  type Attester,
  compoundAttester,
  createAndroidKeyAttester,
  createAppleAttester,
  createBasicAttester,
  createEnterpriseAttester,
  createFidoU2fAttester,
  createTestRoot,
  createTpmAttester,
  type FormatVoucher,
  noneAttester,
  selfAttester,
} from './attestation.js';
import { CERTIFICATE_ALGORITHM } from './certificates.js';
import { compoundVoucher } from './compound.js';
import { fidoU2fVoucher } from './fido-u2f.js';
import { AAGUID, crypto, register } from './judge.suite.js';
import { basicVoucher, enterpriseVoucher } from './packed.js';
import type { AttestationStatement } from './statement.js';
import { tpmVoucher } from './tpm.js';

/** Years with dates of both lengths: from 2050 on they are two bytes longer each. */
const YEARS = [1970, 2026, 2060];
/** As long as a device's number gets. */
const SERIAL_NUMBER = 'x'.repeat(32);
const TRANSPORTS = ['usb', 'nfc', 'ble', 'internal'] as const;
/** Signatures that attestation keys don't make, at their longest. */
const LONGEST: Partial<Readonly<Record<CoseAlgorithmName, number>>> = { ES256: 72, ES384: 104, RS256: 256 };

interface Row {
  readonly name: string;
  readonly make: (year: number) => Promise<Attester>;
  readonly voucher: FormatVoucher;
}

async function optionsIn(year: number) {
  const now = Date.UTC(year, 0, 1);
  return { crypto, root: await createTestRoot(crypto, now), now };
}

const ROWS: readonly Row[] = [
  { name: 'none', make: async () => noneAttester, voucher: noneAttester },
  { name: 'packed-self', make: async () => selfAttester, voucher: selfAttester },
  {
    name: 'packed-basic',
    make: async (year) =>
      createBasicAttester({ ...(await optionsIn(year)), aaguid: AAGUID, transports: TRANSPORTS }),
    voucher: basicVoucher,
  },
  {
    name: 'enterprise',
    make: async (year) =>
      createEnterpriseAttester({
        ...(await optionsIn(year)),
        aaguid: AAGUID,
        transports: TRANSPORTS,
        serialNumber: SERIAL_NUMBER,
      }),
    voucher: enterpriseVoucher,
  },
  {
    name: 'fido-u2f',
    make: async (year) => createFidoU2fAttester({ ...(await optionsIn(year)), transports: TRANSPORTS }),
    voucher: fidoU2fVoucher,
  },
  {
    name: 'tpm',
    make: async (year) => createTpmAttester({ ...(await optionsIn(year)), aaguid: AAGUID }),
    voucher: tpmVoucher,
  },
  {
    name: 'android-key',
    make: async (year) => createAndroidKeyAttester(await optionsIn(year)),
    voucher: androidKeyVoucher,
  },
  {
    name: 'apple',
    make: async (year) => createAppleAttester(await optionsIn(year)),
    voucher: appleVoucher,
  },
  {
    name: 'compound',
    make: async (year) => {
      const options = await optionsIn(year);
      return compoundAttester(selfAttester, createAndroidKeyAttester(options));
    },
    voucher: compoundVoucher(selfAttester, androidKeyVoucher),
  },
];

const lengthOf = ({ attStmt }: AttestationStatement) => encode(attStmt).length;

/** Bytes that a statement has, that its attester says, and that were said before there were keys. */
async function lengths(row: Row, year: number, name: CoseAlgorithmName) {
  const algorithm: CoseAlgorithmId = COSE_ALGORITHMS[name].id;
  const attester = await row.make(year);
  const { statement, authData, clientDataHash } = await register({ attester, algorithm });
  const sign = () => new Uint8Array(LONGEST[name] ?? 0);
  const input = { authData, clientDataHash, credential: { algorithm, sign } };
  const saying = ({ longest }: FormatVoucher) => {
    if (longest === undefined) throw new TypeError(`${row.name} says nothing of its lengths`);
    return lengthOf(longest(input));
  };
  return { real: lengthOf(statement), said: saying(attester), foreseen: saying(row.voucher) };
}

/** Signatures of attestation keys and of the root are up to 72 bytes long, and never below 68 in any number of runs. */
const SLACK = 4;

describe.each(ROWS)('$name', (row) => {
  it.each(YEARS)('is as long as said in %i', async (year) => {
    for (const name of ['ES256', 'ES384', 'RS256'] as const) {
      if (row.voucher.vouchesFor?.(COSE_ALGORITHMS[name].id) === false) continue;
      const { real, said, foreseen } = await lengths(row, year, name);
      expect(real).toBeLessThanOrEqual(said);
      expect(said).toBeLessThanOrEqual(foreseen);
      expect(foreseen - real).toBeLessThanOrEqual(30 + 5 * SLACK);
    }
  });
});

it('all keys that attest sign with ES256', () => {
  expect(CERTIFICATE_ALGORITHM).toBe(COSE_ALGORITHMS.ES256.id);
});
