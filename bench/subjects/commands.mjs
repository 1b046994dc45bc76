/**
 * Every command, CTAP bytes in and out, against the part of its work that no implementation can leave out: OpenSSL for what is
 * computed, encoding for what is told.
 */
import {
  createCipheriv,
  createDecipheriv,
  createECDH,
  createHmac,
  createPrivateKey,
  hash,
  hkdfSync,
  randomBytes,
  sign,
} from 'node:crypto';
import { createBasicAttester, createTestRoot } from '../../dist/attestation/attestation.js';
import { createMemoryStore } from '../../dist/authenticator/store/memory.js';
import { USUAL_FINGER } from '../../dist/authenticator/user.js';
import { decode, encode } from '../../dist/ctap/cbor.js';
import { COMMANDS } from '../../dist/ctap/commands.js';
import { bioEnrollmentRequest } from '../../dist/ctap/messages/bio-enrollment.js';
import { configRequest, setMinPinLengthParams } from '../../dist/ctap/messages/config.js';
import {
  credentialManagementRequest,
  CREDENTIAL_MANAGEMENT_SUBCOMMANDS as MANAGE,
} from '../../dist/ctap/messages/credential-management.js';
import { getAssertionRequest } from '../../dist/ctap/messages/get-assertion.js';
import { largeBlobsRequest } from '../../dist/ctap/messages/large-blobs.js';
import { makeCredentialRequest } from '../../dist/ctap/messages/make-credential.js';
import { encodeRequest } from '../../dist/ctap/messages/message.js';
import { readU2fRegistration, u2fAuthenticateCommand, u2fRegisterCommand } from '../../dist/ctap/u2f.js';
import { concat } from '../../dist/data/bytes.js';
import { repeat } from './assertions.mjs';
import { createKey, crypto, RP_ID } from './key.mjs';
import { hashAndSign, jwk } from './limits.mjs';
import { ask, exchange, prove, provenRequest, setPin, tokenOf, tokenRequest } from './platform.mjs';

/** Everything that can be managed; tokens last as long as a measurement. */
const MANAGED = {
  versions: ['FIDO_2_0', 'FIDO_2_1'],
  extensions: ['credProtect', 'hmac-secret', 'minPinLength', 'largeBlobKey'],
  options: {
    credMgmt: true,
    largeBlobs: true,
    authnrCfg: true,
    setMinPINLength: true,
    bioEnroll: true,
  },
  builtInUv: { modality: 'fingerprint', maxRetries: 5 },
  bio: { kind: 'touch', samples: 2, templates: 5, friendlyNameBytes: 32 },
  presence: 'with-uv',
  reset: { window: 'always' },
  limits: {
    maxMsgSize: 2048,
    tokenUsageLimit: 600_000,
    maxRpIdsForMinPinLength: 2,
    maxSerializedLargeBlobArray: 2048,
  },
};
const CLIENT_DATA_HASH = crypto.random.bytes(32);
const PADDING = new Uint8Array(32).fill(0xff);

/** A key like that with a PIN. */
async function managedKey(store = createMemoryStore()) {
  const key = createKey(store, MANAGED);
  await setPin(key);
  return key;
}

/** Does something `times` times. */
const again = (work) => async (times) => {
  for (let time = 0; time < times; time++) await work();
};

/** A proof by OpenSSL: HMAC-SHA-256 over a few bytes. */
const macOf = (bytes = 40) => {
  const token = randomBytes(32);
  const message = randomBytes(bytes);
  return () => createHmac('sha256', token).update(message).digest();
};

/** A message that registers at a relying party; with a proof on a key that has a PIN. */
export const registration = (rpId, name, proof = {}) =>
  encodeRequest(
    'authenticatorMakeCredential',
    makeCredentialRequest.write({
      clientDataHash: CLIENT_DATA_HASH,
      rp: { id: rpId },
      user: { id: crypto.sha256(Buffer.from(name)), name },
      pubKeyCredParams: [{ alg: -7, type: 'public-key' }],
      options: { rk: true },
      ...proof,
    }),
  );

export const makeCredential = {
  ours: () => repeat(createKey(), registration(RP_ID, 'ada')),
  theirs: () => {
    const curve = createECDH('prime256v1');
    return again(() => curve.generateKeys());
  },
};

export const getInfo = {
  ours: () => repeat(createKey(), Uint8Array.of(COMMANDS.authenticatorGetInfo)),
  theirs: async () => {
    const info = await ask(createKey(), Uint8Array.of(COMMANDS.authenticatorGetInfo));
    return again(() => encode(info));
  },
};

/** Two accounts of one relying party: both assertions. */
export const nextAssertion = {
  ours: async () => {
    const key = createKey();
    for (const name of ['ada', 'bob']) await ask(key, registration(RP_ID, name));
    const first = encodeRequest(
      'authenticatorGetAssertion',
      getAssertionRequest.write({ rpId: RP_ID, clientDataHash: CLIENT_DATA_HASH }),
    );
    const next = Uint8Array.of(COMMANDS.authenticatorGetNextAssertion);
    const [one, other] = [repeat(key, first), repeat(key, next)];
    return again(async () => {
      await one(1);
      await other(1);
    });
  },
  theirs: () => {
    const work = hashAndSign();
    return (times) => work(2 * times);
  },
};

/** The key's half of protocol 2: ECDH, two keys by HKDF, a PIN decrypted, a token encrypted. */
export const token = {
  ours: async () => {
    const key = await managedKey();
    return repeat(key, (await tokenRequest(key, 'cm')).message);
  },
  theirs: () => {
    const [own, peer] = [createECDH('prime256v1'), createECDH('prime256v1')];
    own.generateKeys();
    const point = peer.generateKeys();
    const [salt, pin, secret] = [Buffer.alloc(32), randomBytes(16), randomBytes(32)];
    return again(() => {
      const shared = own.computeSecret(point);
      hkdfSync('sha256', shared, salt, 'CTAP2 HMAC key', 32);
      const aes = Buffer.from(hkdfSync('sha256', shared, salt, 'CTAP2 AES key', 32));
      const closed = createDecipheriv('aes-256-cbc', aes, randomBytes(16)).setAutoPadding(false);
      closed.update(pin);
      closed.final();
      const open = createCipheriv('aes-256-cbc', aes, randomBytes(16)).setAutoPadding(false);
      open.update(secret);
      open.final();
    });
  },
};

export const reset = {
  ours: async () => repeat(await managedKey(), Uint8Array.of(COMMANDS.authenticatorReset)),
  /** What makes an end of server-side credentials: another wrapping key. */
  theirs: () => again(() => randomBytes(32)),
};

const TEMPLATES = 3;

export const fingers = {
  ours: async () => {
    const store = createMemoryStore();
    const key = await managedKey(store);
    await store.write((writer) => {
      for (let id = 1; id <= TEMPLATES; id++)
        writer.putTemplate({ id: Uint8Array.of(id), finger: `${USUAL_FINGER} ${id}` });
    });
    const request = { head: Uint8Array.of(0x01, 0x04), members: { modality: 1, subCommand: 0x04 } };
    const bearer = await tokenOf(key, 'be');
    return repeat(key, provenRequest('authenticatorBioEnrollment', bioEnrollmentRequest, bearer, request));
  },
  theirs: () => again(macOf()),
};

const RELYING_PARTIES = 10;

/** A key with credentials at ten relying parties, and the messages that list these. */
async function listing() {
  const key = await managedKey();
  for (let at = 0; at < RELYING_PARTIES; at++) {
    const rpId = `rp-${at}.example`;
    await ask(key, registration(rpId, 'ada', prove(await tokenOf(key, 'mc', rpId), CLIENT_DATA_HASH)));
  }
  const begin = {
    head: Uint8Array.of(MANAGE.enumerateRPsBegin),
    members: { subCommand: MANAGE.enumerateRPsBegin },
  };
  const first = provenRequest(
    'authenticatorCredentialManagement',
    credentialManagementRequest,
    await tokenOf(key, 'cm'),
    begin,
  );
  const next = encodeRequest(
    'authenticatorCredentialManagement',
    credentialManagementRequest.write({ subCommand: MANAGE.enumerateRPsGetNextRP }),
  );
  return { key, first, next };
}

export const credentials = {
  ours: async () => {
    const { key, first, next } = await listing();
    const [begin, rest] = [repeat(key, first), repeat(key, next)];
    return again(async () => {
      await begin(1);
      await rest(RELYING_PARTIES - 1);
    });
  },
  /** The same answers, known beforehand. */
  theirs: async () => {
    const { key, first, next } = await listing();
    const answers = [await ask(key, first)];
    while (answers.length < RELYING_PARTIES) answers.push(await ask(key, next));
    const mac = macOf();
    return again(() => {
      mac();
      for (const answer of answers) encode(answer);
    });
  },
};

/** A kilobyte with its checksum. */
const ARRAY = (() => {
  const content = encode([new Uint8Array(1000)]);
  return concat(content, crypto.sha256(content).subarray(0, 16));
})();

export const blobs = {
  ours: async () => {
    const key = await managedKey();
    const place = Uint8Array.of(0x0c, 0, 0, 0, 0, 0);
    const proof = prove(await tokenOf(key, 'lbw'), PADDING, place, crypto.sha256(ARRAY));
    const message = (members) => encodeRequest('authenticatorLargeBlobs', largeBlobsRequest.write(members));
    const set = repeat(key, message({ set: ARRAY, offset: 0, length: ARRAY.length, ...proof }));
    const get = repeat(key, message({ get: ARRAY.length, offset: 0 }));
    return again(async () => {
      await set(1);
      await get(1);
    });
  },
  /** The proof is over the array's hash, and its end is the hash of its beginning. */
  theirs: () => {
    const mac = macOf(70);
    return again(() => {
      hash('sha256', ARRAY, 'buffer');
      hash('sha256', ARRAY, 'buffer');
      mac();
    });
  },
};

export const config = {
  ours: async () => {
    const key = await managedKey();
    const request = {
      head: concat(PADDING, Uint8Array.of(0x0d, 0x03)),
      members: { subCommand: 0x03 },
      params: setMinPinLengthParams.write({ newMinPINLength: 4 }),
    };
    return repeat(
      key,
      provenRequest('authenticatorConfig', configRequest, await tokenOf(key, 'acfg'), request),
    );
  },
  theirs: () => again(macOf()),
};

export const selection = {
  ours: () => repeat(createKey(), Uint8Array.of(COMMANDS.authenticatorSelection)),
  /** A promise and an answer of one byte. */
  theirs: () => {
    const done = encode(0);
    return again(async () => decode(done));
  },
};

/** A key that also speaks U2F, and what asks it. */
async function u2fKey() {
  const now = Date.now();
  const root = await createTestRoot(crypto, now);
  const attester = await createBasicAttester({ crypto, root, aaguid: new Uint8Array(16).fill(7), now });
  return createKey(createMemoryStore(), { versions: ['U2F_V2', 'FIDO_2_0'] }, attester);
}

const parameters = () => ({ challenge: crypto.random.bytes(32), application: crypto.random.bytes(32) });

/** Sends one APDU again and again. */
const repeatU2f = (key, command) =>
  again(async () => {
    const answer = await key.handleU2f(command, exchange);
    const [high, low] = answer.subarray(-2);
    if (high !== 0x90 || low !== 0) throw new Error(`the key answered ${high} ${low}`);
  });

export const u2fRegister = {
  ours: async () => repeatU2f(await u2fKey(), u2fRegisterCommand(parameters())),
  theirs: () => {
    const attestation = createPrivateKey({ key: jwk(), format: 'jwk' });
    const curve = createECDH('prime256v1');
    const message = randomBytes(194);
    return again(() => {
      curve.generateKeys();
      sign('sha256', message, attestation);
    });
  },
};

export const u2fAuthenticate = {
  ours: async () => {
    const key = await u2fKey();
    const given = parameters();
    const answer = await key.handleU2f(u2fRegisterCommand(given), exchange);
    const { keyHandle } = readU2fRegistration(answer.subarray(0, -2));
    return repeatU2f(key, u2fAuthenticateCommand('enforcePresence', { ...given, keyHandle }));
  },
  theirs: () => {
    const key = createPrivateKey({ key: jwk(), format: 'jwk' });
    const message = randomBytes(69);
    return again(() => sign('sha256', message, key));
  },
};
