import { describe, expect, it } from 'vitest';
import { encode } from '../../ctap/cbor.js';
import { coseKeyFromCbor } from '../../ctap/cose.js';
import {
  type CredentialManagementParams,
  type CredentialManagementSubcommandName,
  credentialManagementRequest,
} from '../../ctap/messages/credential-management.js';
import { concat, utf8 } from '../../data/bytes.js';
import {
  type HeldToken,
  hashOf,
  heldToken,
  MANAGED,
  manage,
  managementMembers,
  provenMembers,
  registerAt,
  sendManagement,
} from '../credential-management.suite.js';
import {
  BYTE,
  call,
  changePin,
  clientPin,
  createKeyWithPin,
  createTestKey,
  getAssertion,
  getInfo,
  legacyToken,
  mustSucceed,
  pinToken,
  proofOf,
  prove,
  type Registered,
  type TestKey,
  type TestKeyOptions,
} from '../test-platform.suite.js';

const OK = 'CTAP1_ERR_SUCCESS';
const REFUSED = 'CTAP2_ERR_PIN_AUTH_INVALID';
const GONE = 'CTAP2_ERR_NOT_ALLOWED';
const NONE = 'CTAP2_ERR_NO_CREDENTIALS';

interface Managed {
  readonly key: TestKey;
  readonly ada: Registered;
  readonly bob: Registered;
  readonly cyd: Registered;
}

/** A key with a PIN, two accounts of one relying party and one of another. */
async function managedKey(options: TestKeyOptions = {}): Promise<Managed> {
  const key = await createKeyWithPin({ ...options, config: { ...MANAGED, ...options.config } });
  return {
    key,
    ada: await registerAt(key, 'a.example', 'ada'),
    bob: await registerAt(key, 'a.example', 'bob', { extensions: new Map([['credProtect', 3]]) }),
    cyd: await registerAt(key, 'b.example', 'cyd'),
  };
}

/** A good request of each sub-command that takes a proof. */
const PROVEN = [
  'getCredsMetadata',
  'enumerateRPsBegin',
  'enumerateCredentialsBegin',
  'deleteCredential',
  'updateUserInformation',
] as const satisfies readonly CredentialManagementSubcommandName[];

function goodParams(
  name: CredentialManagementSubcommandName,
  { ada }: Managed,
): CredentialManagementParams | undefined {
  switch (name) {
    case 'enumerateCredentialsBegin':
      return { rpIDHash: hashOf('a.example') };
    case 'deleteCredential':
      return { credentialID: ada.descriptor };
    case 'updateUserInformation':
      return { credentialID: ada.descriptor, user: { id: utf8('ada') } };
    default:
      return undefined;
  }
}

const metadata = async (key: TestKey) =>
  mustSucceed(await manage(key, 'getCredsMetadata', undefined, await heldToken(key)));

describe('getCredsMetadata', () => {
  it('counts what there is and what there is room for', async () => {
    const { key } = await managedKey({
      config: { limits: { ...MANAGED.limits, discoverableCredentials: 10 } },
    });
    expect(await metadata(key)).toEqual({
      existingResidentCredentialsCount: 3,
      maxPossibleRemainingResidentCredentialsCount: 7,
    });
  });

  it('counts nothing on a new key', async () => {
    const key = await createKeyWithPin({ config: MANAGED });
    expect(await metadata(key)).toEqual({
      existingResidentCredentialsCount: 0,
      maxPossibleRemainingResidentCredentialsCount: key.config.limits.discoverableCredentials,
    });
  });
});

describe('the enumeration of relying parties', () => {
  it('tells of each once, by the hash of its ID, and counts them in the first answer', async () => {
    const { key } = await managedKey();
    expect(await manage(key, 'enumerateRPsBegin', undefined, await heldToken(key))).toEqual({
      status: OK,
      value: {
        rp: { id: 'a.example', name: 'The a.example' },
        rpIDHash: hashOf('a.example'),
        totalRPs: 2,
      },
    });
    expect(await manage(key, 'enumerateRPsGetNextRP')).toEqual({
      status: OK,
      value: { rp: { id: 'b.example', name: 'The b.example' }, rpIDHash: hashOf('b.example') },
    });
    expect((await manage(key, 'enumerateRPsGetNextRP')).status).toBe(GONE);
  });

  it('finds nothing on a new key', async () => {
    const key = await createKeyWithPin({ config: MANAGED });
    expect((await manage(key, 'enumerateRPsBegin', undefined, await heldToken(key))).status).toBe(NONE);
    expect((await manage(key, 'enumerateRPsGetNextRP')).status).toBe(GONE);
  });

  it('tells of long RP IDs whole, or as a key with little room keeps them', async () => {
    const rpId = 'myfidousingwebsite.hostingprovider.net';
    for (const rpIdsInManagement of ['full', 'shortened'] as const) {
      const key = await createKeyWithPin({ config: { ...MANAGED, quirks: { rpIdsInManagement } } });
      await registerAt(key, rpId, 'ada');
      const token = await heldToken(key);
      const { rp, rpIDHash } = mustSucceed(await manage(key, 'enumerateRPsBegin', undefined, token));
      expect(rp?.id).toBe(rpIdsInManagement === 'full' ? rpId : '…ngwebsite.hostingprovider.net');
      expect(rpIDHash).toEqual(hashOf(rpId));
    }
  });
});

describe('the enumeration of credentials', () => {
  const begin = async (key: TestKey, rpId = 'a.example', order = {}) =>
    manage(key, 'enumerateCredentialsBegin', { rpIDHash: hashOf(rpId) }, await heldToken(key, order));

  it('tells everything of each, newest first, and counts them in the first answer', async () => {
    const { key, ada, bob } = await managedKey();
    const first = mustSucceed(await begin(key));
    expect(first).toEqual({
      user: { id: utf8('bob'), name: 'bob', displayName: 'BOB' },
      credentialID: bob.descriptor,
      publicKey: expect.any(Map),
      totalCredentials: 2,
      credProtect: 3,
      thirdPartyPayment: false,
    });
    expect(first.publicKey && coseKeyFromCbor(first.publicKey)).toEqual(
      bob.authData.attestedCredential?.publicKey,
    );
    const second = mustSucceed(await manage(key, 'enumerateCredentialsGetNextCredential'));
    expect(second).toMatchObject({ credentialID: ada.descriptor, credProtect: 1 });
    expect(second.totalCredentials).toBeUndefined();
    expect((await manage(key, 'enumerateCredentialsGetNextCredential')).status).toBe(GONE);
  });

  it('hands out the large-blob key and says which credentials may pay', async () => {
    const { key } = await managedKey();
    const made = await registerAt(key, 'c.example', 'dan', {
      extensions: new Map([
        ['largeBlobKey', true],
        ['thirdPartyPayment', true],
      ]),
    });
    expect(mustSucceed(await begin(key, 'c.example'))).toMatchObject({
      largeBlobKey: made.response.largeBlobKey,
      thirdPartyPayment: true,
    });
  });

  it('says nothing of payment on a key without that extension', async () => {
    const extensions = MANAGED.extensions.filter((name) => name !== 'thirdPartyPayment');
    const { key } = await managedKey({ config: { extensions } });
    expect(mustSucceed(await begin(key)).thirdPartyPayment).toBeUndefined();
  });

  it('leaves out names that there are not', async () => {
    const { key } = await managedKey();
    await registerAt(key, 'c.example', 'dan', { user: { id: utf8('dan') } });
    expect(mustSucceed(await begin(key, 'c.example')).user).toEqual({ id: utf8('dan') });
  });

  it.each([
    ['of no relying party here', hashOf('nobody.example')],
    ['that is too short', new Uint8Array(31)],
    ['that is empty', new Uint8Array(0)],
  ])('finds nothing for a hash %s', async (_, rpIDHash) => {
    const { key } = await managedKey();
    const token = await heldToken(key);
    expect((await manage(key, 'enumerateCredentialsBegin', { rpIDHash }, token)).status).toBe(NONE);
  });

  it('takes a token of the very relying party, unless the key is strict', async () => {
    const { key } = await managedKey();
    expect((await begin(key, 'a.example', { rpId: 'a.example' })).status).toBe(OK);
    expect((await begin(key, 'a.example', { rpId: 'b.example' })).status).toBe(REFUSED);
    const strict = await managedKey({ config: { quirks: { boundTokenEnumeration: 'refuse' } } });
    expect((await begin(strict.key, 'a.example', { rpId: 'a.example' })).status).toBe(REFUSED);
    expect((await begin(strict.key)).status).toBe(OK);
  });
});

describe('an enumeration', () => {
  const CASES = [
    ['enumerateRPsBegin', undefined, 'enumerateRPsGetNextRP'],
    ['enumerateCredentialsBegin', { rpIDHash: hashOf('a.example') }, 'enumerateCredentialsGetNextCredential'],
  ] as const;

  it.each(CASES)('%s has 30 seconds from answer to answer', async (begin, params, next) => {
    const { key } = await managedKey();
    await manage(key, begin, params, await heldToken(key));
    await key.clock.advance(30_000);
    expect((await manage(key, next)).status).toBe(OK);
    await manage(key, begin, params, await heldToken(key));
    await key.clock.advance(30_001);
    expect((await manage(key, next)).status).toBe(GONE);
  });

  it('has as long again after each step', async () => {
    const { key } = await managedKey();
    await registerAt(key, 'c.example', 'dan');
    await manage(key, 'enumerateRPsBegin', undefined, await heldToken(key));
    await key.clock.advance(30_000);
    expect((await manage(key, 'enumerateRPsGetNextRP')).status).toBe(OK);
    await key.clock.advance(30_000);
    expect((await manage(key, 'enumerateRPsGetNextRP')).status).toBe(OK);
  });

  describe.each(CASES)('%s', (begin, params, next) => {
    it.each<[string, (key: TestKey, token: HeldToken) => Promise<unknown>]>([
      ['GetInfo', getInfo],
      ['GetNextAssertion', (key) => key.send(Uint8Array.of(BYTE.next))],
      ['ClientPIN', (key) => clientPin(key, 'getPINRetries')],
      ['an assertion', (key) => getAssertion(key, { rpId: 'a.example', options: { up: false } })],
      ['an unknown command', (key) => key.send(Uint8Array.of(0x7f))],
      ['a power cycle', async (key) => key.machine.powerCycle()],
      ['getCredsMetadata', (key, token) => manage(key, 'getCredsMetadata', undefined, token)],
      ['a sub-command without a proof', (key) => manage(key, 'getCredsMetadata')],
      ['an unknown sub-command', (key) => sendManagement(key, { subCommand: 0x0b })],
      [
        'the next step of the other enumeration',
        (key) =>
          manage(
            key,
            next === 'enumerateRPsGetNextRP'
              ? 'enumerateCredentialsGetNextCredential'
              : 'enumerateRPsGetNextRP',
          ),
      ],
      [
        'the next step of the preview',
        (key) =>
          sendManagement(key, managementMembers(key, next), 'authenticatorCredentialManagementPreview'),
      ],
    ])('is forgotten after %s', async (_, between) => {
      const { key } = await managedKey();
      const token = await heldToken(key);
      expect((await manage(key, begin, params, token)).status).toBe(OK);
      await between(key, token);
      expect((await manage(key, next)).status).toBe(GONE);
    });

    it('ends with the token that began it', async () => {
      const limits = { ...MANAGED.limits, discoverableCredentials: 50 };
      const { key } = await managedKey({ config: { limits } });
      for (let at = 0; at < 20; at++) {
        await registerAt(key, `${at}.example`, 'dan');
        await registerAt(key, 'a.example', `user ${at}`);
      }
      await manage(key, begin, params, await heldToken(key));
      for (let seconds = 30; seconds <= 600; seconds += 30) {
        await key.clock.advance(30_000);
        expect((await manage(key, next)).status, `after ${seconds} seconds`).toBe(OK);
      }
      await key.clock.advance(1);
      expect((await manage(key, next)).status).toBe(GONE);
    });

    it('goes on from the beginning when it is begun again', async () => {
      const { key } = await managedKey();
      const token = await heldToken(key);
      const first = await manage(key, begin, params, token);
      expect(await manage(key, begin, params, token)).toEqual(first);
      expect((await manage(key, next)).status).toBe(OK);
    });
  });

  it('that was begun by an assertion is not gone on with here', async () => {
    const { key } = await managedKey();
    await getAssertion(key, { rpId: 'a.example', ...(await proofOf(pinToken(key, { rpId: 'a.example' }))) });
    expect((await manage(key, 'enumerateCredentialsGetNextCredential')).status).toBe(GONE);
  });
});

describe('deleteCredential', () => {
  const remove = async (key: TestKey, { descriptor }: Registered, order = {}) =>
    (await manage(key, 'deleteCredential', { credentialID: descriptor }, await heldToken(key, order))).status;

  it('deletes one, which leaves room for another', async () => {
    const { key, ada } = await managedKey({
      config: { limits: { ...MANAGED.limits, discoverableCredentials: 3 } },
    });
    expect(await remove(key, ada)).toBe(OK);
    expect(await remove(key, ada)).toBe(NONE);
    expect((await metadata(key)).existingResidentCredentialsCount).toBe(2);
    const listed = { rpId: 'a.example', allowList: [ada.descriptor], options: { up: false } };
    expect((await getAssertion(key, listed)).status).toBe(NONE);
    await registerAt(key, 'd.example', 'dan');
  });

  it('takes the relying party away with its last credential', async () => {
    const { key, ada, bob } = await managedKey();
    await remove(key, ada);
    await remove(key, bob);
    const token = await heldToken(key);
    const { rp, totalRPs } = mustSucceed(await manage(key, 'enumerateRPsBegin', undefined, token));
    expect([rp?.id, totalRPs]).toEqual(['b.example', 1]);
  });

  it('leaves a token as good as it was, for the next one', async () => {
    const { key, ada, bob } = await managedKey();
    const token = await heldToken(key);
    for (const { descriptor } of [ada, bob]) {
      expect((await manage(key, 'deleteCredential', { credentialID: descriptor }, token)).status).toBe(OK);
    }
  });
});

describe('updateUserInformation', () => {
  const update = async (key: TestKey, params: CredentialManagementParams, order = {}) =>
    (await manage(key, 'updateUserInformation', params, await heldToken(key, order))).status;
  const userOf = async (key: TestKey, { id }: Registered) => {
    const stored = await key.store.read((reader) => reader.credential(id));
    return [stored?.userName, stored?.userDisplayName];
  };

  it('replaces both names, and nothing else of it', async () => {
    const { key, ada } = await managedKey();
    const before = await key.store.read((reader) => reader.credential(ada.id));
    const user = { id: utf8('ada'), name: 'ada@a.example', displayName: 'Ada L.' };
    expect(await update(key, { credentialID: ada.descriptor, user })).toBe(OK);
    expect(await key.store.read((reader) => reader.credential(ada.id))).toEqual({
      ...before,
      userName: 'ada@a.example',
      userDisplayName: 'Ada L.',
    });
  });

  it('leaves the order of the accounts', async () => {
    const { key, ada, bob } = await managedKey();
    await update(key, { credentialID: ada.descriptor, user: { id: utf8('ada'), name: 'x' } });
    const ids = await key.store.read((reader) => reader.credentialsOf('a.example').map(({ id }) => id));
    expect(ids).toEqual([bob.id, ada.id]);
  });

  it.each([
    ['left out', {}],
    ['empty', { name: '', displayName: '' }],
  ])('takes names away that are %s', async (_, names) => {
    const { key, ada } = await managedKey();
    const user = { id: utf8('ada'), ...names };
    expect(await update(key, { credentialID: ada.descriptor, user })).toBe(OK);
    expect(await userOf(key, ada)).toEqual([undefined, undefined]);
  });

  it('cuts long names as a registration does', async () => {
    const { key, ada } = await managedKey();
    const user = { id: utf8('ada'), name: 'é'.repeat(40) };
    await update(key, { credentialID: ada.descriptor, user });
    expect((await userOf(key, ada))[0]).toBe('é'.repeat(32));
  });

  it('refuses another user handle', async () => {
    const { key, ada } = await managedKey();
    const user = { id: utf8('eve'), name: 'eve' };
    expect(await update(key, { credentialID: ada.descriptor, user })).toBe('CTAP1_ERR_INVALID_PARAMETER');
    expect(await userOf(key, ada)).toEqual(['ada', 'ADA']);
  });
});

describe.each(['deleteCredential', 'updateUserInformation'] as const)('%s', (name) => {
  const change = async (key: TestKey, credentialID: Registered['descriptor'], order = {}) => {
    const params = {
      credentialID,
      ...(name === 'deleteCredential' ? {} : { user: { id: utf8('ada') } }),
    };
    return (await manage(key, name, params, await heldToken(key, order))).status;
  };

  it('takes a token of its relying party', async () => {
    const { key, ada } = await managedKey();
    expect(await change(key, ada.descriptor, { rpId: 'a.example' })).toBe(OK);
  });

  it('refuses a token of another relying party, whether or not there is such a credential', async () => {
    const { key, ada } = await managedKey();
    expect(await change(key, ada.descriptor, { rpId: 'b.example' })).toBe(REFUSED);
    const unknown = { id: utf8('unknown'), type: 'public-key' };
    expect(await change(key, unknown, { rpId: 'b.example' })).toBe(REFUSED);
    expect(await change(key, unknown)).toBe(NONE);
  });

  it('knows no credentials of other types', async () => {
    const { key, ada } = await managedKey();
    expect(await change(key, { ...ada.descriptor, type: 'password' })).toBe(NONE);
  });

  it('does not know credentials that are their own ID', async () => {
    const { key } = await managedKey();
    const wrapped = await registerAt(key, 'a.example', 'ada', { options: {} });
    expect(await change(key, wrapped.descriptor)).toBe(NONE);
  });
});

describe('every sub-command that takes a proof', () => {
  const send = async (managed: Managed, name: CredentialManagementSubcommandName, token?: HeldToken) =>
    (await manage(managed.key, name, goodParams(name, managed), token)).status;

  describe.each(PROVEN)('%s', (name) => {
    it.each([1, 2] as const)('is served with protocol %i', async (version) => {
      const managed = await managedKey();
      expect(await send(managed, name, await heldToken(managed.key, { version }))).toBe(OK);
    });

    it('needs one', async () => {
      expect(await send(await managedKey(), name)).toBe('CTAP2_ERR_PUAT_REQUIRED');
    });

    it('needs one before anything that it lacks', async () => {
      const { key } = await managedKey();
      expect((await manage(key, name)).status).toBe('CTAP2_ERR_PUAT_REQUIRED');
    });

    it('needs the protocol of it', async () => {
      const managed = await managedKey();
      const { pinUvAuthProtocol: _, ...rest } = managementMembers(
        managed.key,
        name,
        goodParams(name, managed),
        await heldToken(managed.key),
      );
      expect((await sendManagement(managed.key, rest)).status).toBe('CTAP2_ERR_MISSING_PARAMETER');
    });

    it('refuses a protocol that the key does not have', async () => {
      const managed = await managedKey();
      const members = managementMembers(
        managed.key,
        name,
        goodParams(name, managed),
        await heldToken(managed.key),
      );
      const status = (await sendManagement(managed.key, { ...members, pinUvAuthProtocol: 3 })).status;
      expect(status).toBe('CTAP1_ERR_INVALID_PARAMETER');
    });

    it('refuses the proof of another message', async () => {
      const managed = await managedKey();
      const members = managementMembers(
        managed.key,
        name,
        goodParams(name, managed),
        await heldToken(managed.key),
      );
      const pinUvAuthParam = (members.pinUvAuthParam ?? new Uint8Array(32)).map((byte) => byte ^ 1);
      expect((await sendManagement(managed.key, { ...members, pinUvAuthParam })).status).toBe(REFUSED);
      expect(
        (await sendManagement(managed.key, { ...members, pinUvAuthParam: new Uint8Array(0) })).status,
      ).toBe(REFUSED);
    });

    it.each(['mc', 'lbw'] as const)('refuses a token with the permission %s alone', async (permission) => {
      const managed = await managedKey();
      const token = await heldToken(managed.key, { permission, rpId: 'a.example' });
      expect(await send(managed, name, token)).toBe(REFUSED);
    });

    it('refuses the token of getPinToken', async () => {
      const managed = await managedKey();
      const { bytes } = mustSucceed(await legacyToken(managed.key));
      expect(await send(managed, name, { bytes, version: 2 })).toBe(REFUSED);
    });

    it('refuses a token that another one has replaced', async () => {
      const managed = await managedKey();
      const token = await heldToken(managed.key);
      await heldToken(managed.key);
      expect(await send(managed, name, token)).toBe(REFUSED);
    });

    it('asks nobody for a touch', async () => {
      const managed = await managedKey();
      const token = await heldToken(managed.key);
      managed.key.events.length = 0;
      await send(managed, name, token);
      expect(managed.key.events).toEqual([]);
    });
  });

  it.each(['getCredsMetadata', 'enumerateRPsBegin'] as const)(
    '%s is for a token of all relying parties',
    async (name) => {
      const managed = await managedKey();
      const token = await heldToken(managed.key, { rpId: 'a.example' });
      expect(await send(managed, name, token)).toBe(REFUSED);
    },
  );

  it.each([
    ['enumerateCredentialsBegin', {}],
    ['deleteCredential', {}],
    ['updateUserInformation', { user: { id: utf8('ada') } }],
  ] as const)('%s needs its parameters', async (name, params) => {
    const { key } = await managedKey();
    const token = await heldToken(key);
    expect((await manage(key, name, params, token)).status).toBe('CTAP2_ERR_MISSING_PARAMETER');
    expect((await manage(key, name, undefined, token)).status).toBe('CTAP2_ERR_MISSING_PARAMETER');
  });

  it('needs the user as well as the credential', async () => {
    const { key, ada } = await managedKey();
    const params = { credentialID: ada.descriptor };
    const token = await heldToken(key);
    expect((await manage(key, 'updateUserInformation', params, token)).status).toBe(
      'CTAP2_ERR_MISSING_PARAMETER',
    );
  });

  it('judges types before everything else', async () => {
    const { key } = await managedKey();
    const members = { subCommand: 4, subCommandParams: new Map([[1, 'text']]) };
    expect((await sendManagement(key, members)).status).toBe('CTAP2_ERR_CBOR_UNEXPECTED_TYPE');
    const nested = { subCommand: 6, subCommandParams: new Map([[2, new Map([['id', 'text']])]]) };
    expect((await sendManagement(key, nested)).status).toBe('CTAP2_ERR_CBOR_UNEXPECTED_TYPE');
  });

  it.each([
    ['missing-parameter', 'CTAP2_ERR_MISSING_PARAMETER'],
    ['unexpected-type', 'CTAP2_ERR_CBOR_UNEXPECTED_TYPE'],
    ['invalid-cbor', 'CTAP2_ERR_INVALID_CBOR'],
  ] as const)('answers what is missing further down with %s where the key does so', async (quirk, status) => {
    const { key } = await managedKey({ config: { quirks: { missingNestedMember: quirk } } });
    const params = new Map([[2, new Map([['type', 'public-key']])]]);
    const members = provenMembers(key, 6, params, await heldToken(key));
    expect((await sendManagement(key, members)).status).toBe(status);
  });

  it('is proven by the bytes of its parameters, unknown ones included', async () => {
    const { key } = await managedKey();
    const subCommandParams = new Map([
      [1, hashOf('a.example')],
      [9, hashOf('new')],
    ]);
    const token = await heldToken(key);
    expect((await sendManagement(key, provenMembers(key, 4, subCommandParams, token))).status).toBe(OK);
    const over = concat(Uint8Array.of(4), encode(new Map([[1, hashOf('a.example')]])));
    const members = { subCommand: 4, subCommandParams, ...prove(key, token.bytes, 2, over) };
    expect((await sendManagement(key, members)).status).toBe(REFUSED);
  });

  it('needs a proof on a key without a PIN, too, where there is none to be had', async () => {
    const key = createTestKey({ config: MANAGED });
    expect((await manage(key, 'getCredsMetadata')).status).toBe('CTAP2_ERR_PUAT_REQUIRED');
    const members = { subCommand: 1, pinUvAuthParam: new Uint8Array(32), pinUvAuthProtocol: 2 };
    expect((await sendManagement(key, members)).status).toBe(REFUSED);
  });
});

describe('CredentialManagement', () => {
  it('needs a sub-command', async () => {
    const { key } = await managedKey();
    const answer = await call(key, 'authenticatorCredentialManagement', new Map());
    expect(answer.status).toBe('CTAP2_ERR_MISSING_PARAMETER');
  });

  it.each([
    ['invalid-subcommand', 'CTAP2_ERR_INVALID_SUBCOMMAND'],
    ['invalid-parameter', 'CTAP1_ERR_INVALID_PARAMETER'],
  ] as const)('answers unknown sub-commands with %s', async (unknownSubcommand, status) => {
    const { key } = await managedKey({ config: { quirks: { unknownSubcommand } } });
    for (const subCommand of [0, 8, 0xff]) {
      expect((await sendManagement(key, { subCommand })).status).toBe(status);
    }
  });

  it.each([
    ['authenticatorCredentialManagement', 'credMgmt'],
    ['authenticatorCredentialManagementPreview', 'credentialMgmtPreview'],
  ] as const)('is unknown as %s without the option %s', async (command, option) => {
    const options = { ...MANAGED.options, perCredMgmtRO: undefined, [option]: undefined };
    const key = await createKeyWithPin({ config: { ...MANAGED, options } });
    const members = credentialManagementRequest.write({ subCommand: 1 });
    expect((await call(key, command, members)).status).toBe('CTAP1_ERR_INVALID_COMMAND');
  });

  it('is told of by getInfo, with the room that is left', async () => {
    const { key } = await managedKey();
    const { options, remainingDiscoverableCredentials } = await getInfo(key);
    expect([options?.get('credMgmt'), options?.get('credentialMgmtPreview')]).toEqual([true, true]);
    expect(remainingDiscoverableCredentials).toBe(22);
  });
});

describe('the preview of FIDO_2_1_PRE', () => {
  const preview = 'authenticatorCredentialManagementPreview';

  it('does the same, for tokens of getPinToken as well, whatever these were used for', async () => {
    const { key, ada } = await managedKey();
    const { bytes, proof } = mustSucceed(await legacyToken(key));
    const token: HeldToken = { bytes, version: 2 };
    expect((await getAssertion(key, { rpId: 'a.example', ...proof })).status).toBe(OK);
    const begin = managementMembers(key, 'enumerateRPsBegin', undefined, token);
    expect(mustSucceed(await sendManagement(key, begin, preview)).totalRPs).toBe(2);
    const next = managementMembers(key, 'enumerateRPsGetNextRP');
    expect((await sendManagement(key, next, preview)).status).toBe(OK);
    const remove = managementMembers(key, 'deleteCredential', { credentialID: ada.descriptor }, token);
    expect((await sendManagement(key, remove, preview)).status).toBe(OK);
  });

  it('holds tokens with permissions to these', async () => {
    const { key } = await managedKey();
    for (const [permission, status] of [
      ['cm', OK],
      ['lbw', REFUSED],
    ] as const) {
      const token = await heldToken(key, { permission });
      const members = managementMembers(key, 'getCredsMetadata', undefined, token);
      expect((await sendManagement(key, members, preview)).status).toBe(status);
    }
  });
});

describe('a key without permissions', () => {
  it('is managed with the only tokens that it has', async () => {
    const options = { credMgmt: true, pinUvAuthToken: undefined };
    const key = await createKeyWithPin({ config: { options } });
    const { bytes } = mustSucceed(await legacyToken(key));
    const answer = await manage(key, 'getCredsMetadata', undefined, { bytes, version: 2 });
    expect(answer.status).toBe(OK);
  });
});

describe('read-only management', () => {
  const persistent = (key: TestKey) => heldToken(key, { permission: 'pcmr' });

  it.each([
    ['getCredsMetadata', OK],
    ['enumerateRPsBegin', OK],
    ['enumerateCredentialsBegin', OK],
    ['deleteCredential', REFUSED],
    ['updateUserInformation', REFUSED],
  ] as const)('is for %s: %s', async (name, status) => {
    const managed = await managedKey();
    const token = await persistent(managed.key);
    expect((await manage(managed.key, name, goodParams(name, managed), token)).status).toBe(status);
  });

  it('goes on over power cycles, by either protocol, until there is another PIN', async () => {
    const { key } = await managedKey();
    const token = await persistent(key);
    key.machine.powerCycle();
    await key.clock.advance(3_600_000);
    for (const version of [1, 2] as const) {
      expect((await manage(key, 'getCredsMetadata', undefined, { ...token, version })).status).toBe(OK);
    }
    await changePin(key, '1234', '5678');
    expect((await manage(key, 'getCredsMetadata', undefined, token)).status).toBe(REFUSED);
  });

  it('enumerates, and takes longer than any token lasts', async () => {
    const { key } = await managedKey();
    await manage(key, 'enumerateRPsBegin', undefined, await persistent(key));
    await key.clock.advance(30_000);
    expect((await manage(key, 'enumerateRPsGetNextRP')).status).toBe(OK);
  });

  it('is nothing for the preview command or a key without it', async () => {
    const options = { ...MANAGED.options, perCredMgmtRO: undefined };
    const key = await createKeyWithPin({ config: { ...MANAGED, options } });
    await expect(persistent(key)).rejects.toThrow('CTAP2_ERR_UNAUTHORIZED_PERMISSION');
  });

  it('shows to its holders when credentials came, went or changed', async () => {
    const { key, ada } = await managedKey();
    const state = () => key.store.read((reader) => reader.state()?.persistent?.credStoreState);
    const seen = [await state()];
    await registerAt(key, 'c.example', 'dan');
    seen.push(await state());
    const token = await heldToken(key);
    const user = { id: utf8('ada'), name: 'x' };
    await manage(key, 'updateUserInformation', { credentialID: ada.descriptor, user }, token);
    seen.push(await state());
    await manage(key, 'deleteCredential', { credentialID: ada.descriptor }, token);
    seen.push(await state());
    expect(new Set(seen.map((value) => value?.join())).size).toBe(4);
    await manage(key, 'deleteCredential', { credentialID: ada.descriptor }, token);
    expect(await state()).toEqual(seen.at(-1));
  });
});
