import { describe, expect, it } from 'vitest';
import { createNodeCrypto } from '../crypto/node.js';
import { encodeAuthenticatorData, FLAGS } from '../ctap/authenticator-data.js';
import { type GetAssertionRequest, getAssertionResponse } from '../ctap/messages/get-assertion.js';
import { encodeResponse } from '../ctap/messages/message.js';
import type { Value } from '../ctap/messages/shape.js';
import { STATUS } from '../ctap/status.js';
import { concat, utf8 } from '../data/bytes.js';
import type { PublicKeyCredentialRequestOptions } from '../webauthn/types.js';
import { FakeKey } from './fake-key.suite.js';
import { fakeMachine } from './fake-ui.suite.js';
import { descriptors, PAGE, REQUEST, RP_ID, strangeId } from './good-options.suite.js';

const crypto = createNodeCrypto();
const named = (name: string) => expect.objectContaining({ name });

/** One `get()` on one key; a person who cancels when asked a second time. */
function get(key: FakeKey, change: Partial<PublicKeyCredentialRequestOptions> = {}) {
  const machine = fakeMachine([key]);
  machine.ui.choices.push({ kind: 'device', device: key.id }, { kind: 'cancel' });
  return { ...machine, result: machine.client.get(PAGE, { ...REQUEST, ...change }) };
}

const asked = (key: FakeKey) =>
  key.log.flatMap(({ command, request }) =>
    command === 'authenticatorGetAssertion' ? [request as GetAssertionRequest] : [],
  );

describe('an assertion', () => {
  it('has what the key answered, over the hash of its client data', async () => {
    const key = new FakeKey();
    const credential = await key.enroll(RP_ID);
    const { result, ui } = get(key);
    const assertion = await result;
    expect(assertion).toMatchObject({
      type: 'public-key',
      rawId: credential.id,
      authenticatorAttachment: 'cross-platform',
      clientExtensionResults: {},
      userHandle: credential.user.id,
    });
    expect(new TextDecoder().decode(assertion.clientDataJSON)).toContain('"type":"webauthn.get"');
    const signed = concat(assertion.authenticatorData, crypto.sha256(assertion.clientDataJSON));
    expect(crypto.verify(credential.pair.publicKey, signed, assertion.signature)).toBe(true);
    expect(key.commands()).toEqual(['GetInfo', 'GetAssertion']);
    expect(asked(key)).toEqual([{ rpId: RP_ID, clientDataHash: crypto.sha256(assertion.clientDataJSON) }]);
    expect(ui.told()).toEqual(['done']);
    expect(key.open).toBe(0);
  });

  it('has no user handle when the key names no user, or an empty one', async () => {
    const key = new FakeKey();
    const credential = await key.enroll(RP_ID, { discoverable: false });
    const { result } = get(key, { allowCredentials: descriptors(credential) });
    expect(await result).not.toHaveProperty('userHandle');
    const empty = await key.enroll(RP_ID, { user: { id: new Uint8Array(0) } });
    expect(await get(key, { allowCredentials: descriptors(empty) }).result).not.toHaveProperty('userHandle');
  });
});

describe('allowed credentials', () => {
  it('are looked for silently, and only the one found is asked for', async () => {
    const key = new FakeKey();
    const credential = await key.enroll(RP_ID, { discoverable: false });
    const { result } = get(key, { allowCredentials: descriptors(strangeId(1), credential, strangeId(2)) });
    await expect(result).resolves.toMatchObject({ rawId: credential.id });
    const [probe, real] = asked(key);
    expect(probe).toMatchObject({ options: { up: false }, clientDataHash: new Uint8Array(32) });
    expect(probe?.allowList).toHaveLength(3);
    expect(real?.allowList).toEqual(descriptors(credential));
    expect(real).not.toHaveProperty('options');
  });

  it('are asked for in as many lists as the key needs', async () => {
    const key = new FakeKey({ info: { maxCredentialCountInList: 2 } });
    const credential = await key.enroll(RP_ID);
    const ids = [1, 2, 3, 4].map((seed) => strangeId(seed));
    const { result } = get(key, { allowCredentials: descriptors(...ids, credential) });
    await expect(result).resolves.toMatchObject({ rawId: credential.id });
    expect(asked(key).map(({ allowList }) => allowList?.length)).toEqual([2, 2, 1, 1]);
  });

  it('of which none is there bother nobody: the person is told, and asked again', async () => {
    const key = new FakeKey({ pin: '1234', info: { extensions: [] } });
    const { result, ui } = get(key, {
      allowCredentials: descriptors(strangeId(1)),
      userVerification: 'required',
    });
    await expect(result).rejects.toThrow(named('NotAllowedError'));
    expect(key.commands()).toEqual(['GetInfo', 'GetAssertion']);
    expect(ui.told()).toEqual(['no-credentials']);
    expect(ui.pinRequests).toEqual([]);
    expect(ui.offers).toEqual([['key'], []]);
  });

  it('that are too long for the key are not its own, and cost no PIN', async () => {
    const key = new FakeKey({ pin: '1234' });
    const { result, ui } = get(key, { allowCredentials: descriptors(strangeId(1, 129)) });
    await expect(result).rejects.toThrow(named('NotAllowedError'));
    expect(key.commands()).toEqual(['GetInfo']);
    expect(ui.pinRequests).toEqual([]);
    expect(ui.told()).toEqual(['no-credentials']);
  });

  it('that hide without verification are found with it', async () => {
    const key = new FakeKey({ pin: '1234' });
    const credential = await key.enroll(RP_ID, { hidden: true });
    const { result, ui } = get(key, { allowCredentials: descriptors(strangeId(1), credential) });
    ui.pins.push('1234');
    await expect(result).resolves.toMatchObject({ rawId: credential.id });
    expect(asked(key).map(({ allowList }) => allowList?.length)).toEqual([2, 2]);
  });

  it('that hide in a long list are looked for again with the token', async () => {
    const key = new FakeKey({ pin: '1234', info: { maxCredentialCountInList: 1 } });
    const credential = await key.enroll(RP_ID, { hidden: true });
    const { result, ui } = get(key, { allowCredentials: descriptors(strangeId(1), credential) });
    ui.pins.push('1234');
    await expect(result).resolves.toMatchObject({ rawId: credential.id });
    const proven = asked(key).map(({ pinUvAuthParam }) => pinUvAuthParam !== undefined);
    expect(proven).toEqual([false, false, true, true, true]);
  });

  it('that are not there with the token either end after the PIN', async () => {
    const key = new FakeKey({ pin: '1234', info: { maxCredentialCountInList: 1 } });
    const { result, ui } = get(key, { allowCredentials: descriptors(strangeId(1), strangeId(2)) });
    ui.pins.push('1234');
    await expect(result).rejects.toThrow(named('NotAllowedError'));
    expect(ui.told()).toEqual(['no-credentials']);
    // Two lists without the token, two with it, and nothing that could make the key blink.
    expect(asked(key).map(({ options }) => options)).toEqual(Array(4).fill({ up: false }));
  });

  it('are sent unprobed to a key that does not answer silent questions', async () => {
    const key = new FakeKey({ info: { maxCredentialCountInList: 2 } });
    const credential = await key.enroll(RP_ID);
    const { CTAP2_ERR_NO_CREDENTIALS, CTAP2_ERR_UP_REQUIRED } = STATUS;
    key.script.authenticatorGetAssertion = [
      CTAP2_ERR_NO_CREDENTIALS,
      CTAP2_ERR_UP_REQUIRED,
      CTAP2_ERR_UP_REQUIRED,
    ];
    const list = descriptors(strangeId(1), strangeId(2), strangeId(3), credential, strangeId(4));
    await expect(get(key, { allowCredentials: list }).result).resolves.toMatchObject({
      rawId: credential.id,
    });
    expect(asked(key)[3]?.allowList).toEqual(descriptors(strangeId(3), credential));
  });
});

describe('several accounts', () => {
  const three = async () => {
    const key = new FakeKey();
    for (const name of ['ada', 'bob', 'cyd'])
      await key.enroll(RP_ID, { user: { id: utf8(name), name, displayName: name } });
    return key;
  };

  it('are all read, and the person picks one', async () => {
    const key = await three();
    const { result, ui } = get(key);
    ui.account = 2;
    await expect(result).resolves.toMatchObject({ userHandle: utf8('ada'), rawId: key.credentials[0]?.id });
    expect(ui.accounts).toEqual([
      ['cyd', 'bob', 'ada'].map((name) => ({ userId: utf8(name), name, displayName: name })),
    ]);
    expect(key.commands()).toEqual(['GetInfo', 'GetAssertion', 'GetNextAssertion', 'GetNextAssertion']);
  });

  it.each([
    ['cancels', undefined],
    ['points beside the list', 3],
  ])('end with NotAllowedError when the person %s', async (_, account) => {
    const { result, ui } = get(await three());
    ui.account = account;
    await expect(result).rejects.toThrow(named('NotAllowedError'));
  });

  it('drop a key that stops in the middle', async () => {
    const key = await three();
    key.script.authenticatorGetNextAssertion = ['behave', STATUS.CTAP2_ERR_NOT_ALLOWED];
    const { result, ui } = get(key);
    await expect(result).rejects.toThrow(named('NotAllowedError'));
    expect(ui.told()).toEqual(['device-refused']);
    expect(ui.accounts).toEqual([]);
  });
});

/** Members of a well-formed answer by a credential. */
async function answerOf(key: FakeKey): Promise<Value<typeof getAssertionResponse>> {
  const credential = await key.enroll(RP_ID);
  const authData = encodeAuthenticatorData({
    rpIdHash: crypto.sha256(utf8(RP_ID)),
    flags: FLAGS.UP,
    signCount: 1,
  });
  return {
    credential: { id: credential.id, type: 'public-key' },
    authData,
    signature: Uint8Array.of(1),
    user: credential.user,
  };
}

describe('answers of GetAssertion', () => {
  it.each<[string, (good: Value<typeof getAssertionResponse>) => Value<typeof getAssertionResponse>]>([
    ['for another RP ID', (good) => ({ ...good, authData: good.authData.with(0, 0) })],
    ['cut short', (good) => ({ ...good, authData: good.authData.slice(1) })],
    [
      'without a credential',
      ({ authData, signature, user }) => ({ authData, signature, ...(user && { user }) }),
    ],
    [
      'without a user',
      ({ authData, signature, credential }) => ({ authData, signature, ...(credential && { credential }) }),
    ],
    ['with more accounts than anybody has', (good) => ({ ...good, numberOfCredentials: 2 ** 31 })],
  ])('drop the device when they are %s', async (_, change) => {
    const key = new FakeKey();
    const good = await answerOf(key);
    key.script.authenticatorGetAssertion = [encodeResponse(0, getAssertionResponse.write(change(good)))];
    const { result, ui } = get(key);
    await expect(result).rejects.toThrow(named('NotAllowedError'));
    expect(ui.told()).toEqual(['device-unusable']);
    expect(key.commands()).toEqual(['GetInfo', 'GetAssertion']);
  });

  it('drop the device when they are by a credential that was not asked for', async () => {
    const key = new FakeKey();
    const good = await answerOf(key);
    const other = await key.enroll(RP_ID);
    key.script.authenticatorGetAssertion = ['behave', encodeResponse(0, getAssertionResponse.write(good))];
    const { result, ui } = get(key, { allowCredentials: descriptors(other) });
    await expect(result).rejects.toThrow(named('NotAllowedError'));
    expect(ui.told()).toEqual(['device-unusable']);
  });

  it('may leave out the credential after a list of one', async () => {
    const key = new FakeKey();
    const { credential, ...rest } = await answerOf(key);
    key.script.authenticatorGetAssertion = ['behave', encodeResponse(0, getAssertionResponse.write(rest))];
    const allowCredentials = descriptors(credential?.id ?? strangeId(0));
    await expect(get(key, { allowCredentials }).result).resolves.toMatchObject({ rawId: credential?.id });
  });

  it('may say that the user has chosen on the device', async () => {
    const key = new FakeKey();
    const chosen = { ...(await answerOf(key)), numberOfCredentials: 2, userSelected: true };
    key.script.authenticatorGetAssertion = [encodeResponse(0, getAssertionResponse.write(chosen))];
    const { result, ui } = get(key);
    await expect(result).resolves.toMatchObject({ rawId: key.credentials[0]?.id });
    expect(ui.accounts).toEqual([]);
  });

  it.each([
    ['a refusal of the user ends it', STATUS.CTAP2_ERR_OPERATION_DENIED, ['key'], []],
    ['no credential drops the device', STATUS.CTAP2_ERR_NO_CREDENTIALS, ['key'], ['no-credentials']],
    ['anything else drops the device', STATUS.CTAP1_ERR_OTHER, ['key'], ['device-refused']],
  ])('that are statuses: %s', async (_, status, first, told) => {
    const key = new FakeKey();
    key.script.authenticatorGetAssertion = [status];
    const { result, ui } = get(key);
    await expect(result).rejects.toThrow(named('NotAllowedError'));
    expect(ui.offers[0]).toEqual(first);
    expect(ui.told()).toEqual(told);
  });
});

it('never tells a page that no device could: get() has no ConstraintError', async () => {
  const { result, ui } = get(new FakeKey(), { userVerification: 'required' });
  await expect(result).rejects.toThrow(named('NotAllowedError'));
  expect(ui.told()).toEqual(['device-unusable']);
  expect(ui.offers).toHaveLength(2);
});
