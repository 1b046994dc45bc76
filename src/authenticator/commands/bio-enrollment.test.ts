import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type BioEnrollmentParams,
  type BioEnrollmentRequest,
  type BioEnrollmentSubcommandName,
  SAMPLE_STATUS,
} from '../../ctap/messages/bio-enrollment.js';
import { PERMISSIONS } from '../../ctap/messages/client-pin.js';
import { BIO, bio, bioMembers, enrol, sendBio, tokenFor } from '../management.suite.js';
import type { SampleQuality } from '../ports.js';
import { SEQUENCE_LIMIT } from '../sequence.js';
import {
  BYTE,
  type ConfigChange,
  clientPin,
  createKeyWithPin,
  createTestKey,
  flagsOf,
  getInfo,
  legacyToken,
  makeCredential,
  mustSucceed,
  pinToken,
  register,
  setPin,
  type TestKey,
  type TestKeyOptions,
  untilWaiting,
  uvToken,
} from '../test-platform.suite.js';
import { USER_TIMEOUT } from '../user-interaction.js';

const OK = 'CTAP1_ERR_SUCCESS';
const VERIFIED = { options: { uv: true } } as const;

/** A key with a PIN and a token that lets fingers be enrolled. */
async function sensor(options: TestKeyOptions = {}): Promise<{ key: TestKey; token: Uint8Array }> {
  const key = await createKeyWithPin({ config: BIO, ...options });
  return { key, token: await tokenFor(key, 'be') };
}

const optionsOf = async (key: TestKey) => {
  const { options } = await getInfo(key);
  return [options?.get('uv'), options?.get('bioEnroll')];
};
const templatesOf = (key: TestKey) => key.store.read((reader) => reader.templates());

describe('BioEnrollment', () => {
  it('is there only with the option bioEnroll', async () => {
    const key = createTestKey();
    expect((await sendBio(key, { getModality: true })).status).toBe('CTAP1_ERR_INVALID_COMMAND');
    expect((await getInfo(key)).options?.has('bioEnroll')).toBe(false);
  });

  it('tells its modality and its sensor to anybody', async () => {
    const key = createTestKey({ config: BIO });
    expect((await sendBio(key, { getModality: true })).value).toEqual({ modality: 1 });
    expect((await bio(key, 'getFingerprintSensorInfo')).value).toEqual({
      modality: 1,
      fingerprintKind: 1,
      maxCaptureSamplesRequiredForEnroll: 2,
      maxTemplateFriendlyName: 16,
    });
    const swipe = createTestKey({ config: { ...BIO, bio: { ...BIO.bio, kind: 'swipe' } } });
    expect((await bio(swipe, 'getFingerprintSensorInfo')).value?.fingerprintKind).toBe(2);
  });

  it('enrols a finger sample by sample; then it is what the user is verified with', async () => {
    const { key, token } = await sensor();
    expect(await optionsOf(key)).toEqual([false, false]);
    expect((await makeCredential(key, VERIFIED)).status).toBe('CTAP2_ERR_INVALID_OPTION');
    const begun = mustSucceed(await bio(key, 'enrollBegin', undefined, token));
    expect(begun).toMatchObject({ lastEnrollSampleStatus: SAMPLE_STATUS.good, remainingSamples: 1 });
    expect(await optionsOf(key)).toEqual([false, false]);
    const templateId = await enrol(key, token);
    expect(await optionsOf(key)).toEqual([true, true]);
    expect(await templatesOf(key)).toEqual([{ id: templateId, finger: 'right index' }]);
    expect(flagsOf((await register(key, VERIFIED)).response)).toBe('UP UV AT');
  });

  it.each([1, 2] as const)('takes proofs of protocol %i', async (version) => {
    const { key } = await sensor();
    const token = await tokenFor(key, 'be', version);
    const members = bioMembers(key, 'enrollBegin', { timeoutMilliseconds: 1_000 }, token, version);
    expect((await sendBio(key, members)).status).toBe(OK);
  });

  it('matches enrolled fingers only, and those well laid', async () => {
    const { key, token } = await sensor();
    key.user.setFinger('left thumb');
    await enrol(key, token);
    expect((await register(key, VERIFIED)).response).toBeDefined();
    key.user.setFinger('right thumb');
    expect((await makeCredential(key, VERIFIED)).status).toBe('CTAP2_ERR_PUAT_REQUIRED');
    key.user.setFinger('left thumb');
    key.user.setVerification('fail');
    expect((await makeCredential(key, VERIFIED)).status).toBe('CTAP2_ERR_PUAT_REQUIRED');
    key.user.setVerification('succeed');
    key.user.setSamples('poorQuality');
    expect((await makeCredential(key, VERIFIED)).status).toBe('CTAP2_ERR_PUAT_REQUIRED');
    expect((await makeCredential(key, VERIFIED)).status).toBe(OK);
  });

  it('lists what is enrolled, with names', async () => {
    const { key, token } = await sensor();
    expect((await bio(key, 'enumerateEnrollments', undefined, token)).status).toBe(
      'CTAP2_ERR_INVALID_OPTION',
    );
    const first = await enrol(key, token);
    key.user.setFinger('left thumb');
    const second = await enrol(key, token);
    const named = { templateId: second, templateFriendlyName: 'thumb' };
    expect((await bio(key, 'setFriendlyName', named, token)).status).toBe(OK);
    expect((await bio(key, 'enumerateEnrollments', undefined, token)).value).toEqual({
      templateInfos: [{ templateId: first }, named],
    });
  });

  it('removes fingers; with the last one verification is not set up any more', async () => {
    const { key, token } = await sensor();
    const first = await enrol(key, token);
    key.user.setFinger('left thumb');
    const second = await enrol(key, token);
    expect((await bio(key, 'removeEnrollment', { templateId: first }, token)).status).toBe(OK);
    expect(await optionsOf(key)).toEqual([true, true]);
    expect((await bio(key, 'removeEnrollment', { templateId: first }, token)).status).toBe(
      'CTAP2_ERR_INVALID_OPTION',
    );
    expect((await bio(key, 'removeEnrollment', { templateId: second }, token)).status).toBe(OK);
    expect(await optionsOf(key)).toEqual([false, false]);
  });

  it('keeps fingers when the power goes, and forgets them with a reset', async () => {
    const { key, token } = await sensor();
    await enrol(key, token);
    key.machine.powerCycle();
    expect(await optionsOf(key)).toEqual([true, true]);
    expect((await key.send(Uint8Array.of(BYTE.reset)))[0]).toBe(0);
    expect(await optionsOf(key)).toEqual([false, false]);
  });
});

describe('samples', () => {
  const begin = async (key: TestKey, token: Uint8Array) =>
    mustSucceed(await bio(key, 'enrollBegin', undefined, token));

  it.each(['tooHigh', 'tooLow', 'tooLeft', 'tooRight', 'tooFast', 'tooSlow'] as const)(
    'that lie wrong (%s) are said to, and do not count',
    async (quality) => {
      const { key, token } = await sensor();
      key.user.setSamples(quality);
      const { templateId = new Uint8Array(0), ...begun } = await begin(key, token);
      expect(begun).toEqual({ lastEnrollSampleStatus: SAMPLE_STATUS[quality], remainingSamples: 2 });
      const next = await bio(key, 'enrollCaptureNextSample', { templateId }, token);
      expect(next.value).toEqual({ lastEnrollSampleStatus: SAMPLE_STATUS.good, remainingSamples: 1 });
    },
  );

  it('of two fingers do not make one template', async () => {
    const { key, token } = await sensor();
    const { templateId = new Uint8Array(0) } = await begin(key, token);
    key.user.setFinger('left thumb');
    const capture = () => bio(key, 'enrollCaptureNextSample', { templateId }, token);
    expect((await capture()).value).toEqual({
      lastEnrollSampleStatus: SAMPLE_STATUS.mergeFailure,
      remainingSamples: 1,
    });
    key.user.setFinger('right index');
    expect((await capture()).value?.remainingSamples).toBe(0);
  });

  it('of a finger that is enrolled already make no second template', async () => {
    const { key, token } = await sensor();
    await enrol(key, token);
    expect(await begin(key, token)).toMatchObject({
      lastEnrollSampleStatus: SAMPLE_STATUS.exists,
      remainingSamples: 2,
    });
  });

  it('that nobody gives in time are feedback, not a failure', async () => {
    const { key, token } = await sensor({ touch: { kind: 'never' } });
    const asked = bio(key, 'enrollBegin', { timeoutMilliseconds: 5_000 }, token);
    await untilWaiting(key);
    expect(key.user.waiting?.reason).toBe('bio-enrollment');
    await key.clock.advance(5_000);
    const { templateId = new Uint8Array(0), ...begun } = mustSucceed(await asked);
    expect(begun).toEqual({ lastEnrollSampleStatus: SAMPLE_STATUS.noUserActivity, remainingSamples: 2 });
    const again = bio(key, 'enrollCaptureNextSample', { templateId, timeoutMilliseconds: 2 ** 40 }, token);
    await untilWaiting(key);
    // No platform makes the key wait longer than it waits by itself.
    await key.clock.advance(USER_TIMEOUT);
    expect((await again).value?.lastEnrollSampleStatus).toBe(SAMPLE_STATUS.noUserActivity);
  });

  it('that the user refuses to give are feedback too', async () => {
    const { key, token } = await sensor({ touch: { kind: 'deny' } });
    expect((await begin(key, token)).lastEnrollSampleStatus).toBe(SAMPLE_STATUS.noUserActivity);
  });

  it('end with a cancel, and with them the enrolment', async () => {
    const { key, token } = await sensor({ touch: { kind: 'never' } });
    const stop = new AbortController();
    const asked = sendBio(key, bioMembers(key, 'enrollBegin', undefined, token), undefined, stop.signal);
    await untilWaiting(key);
    stop.abort();
    expect((await asked).status).toBe('CTAP2_ERR_KEEPALIVE_CANCEL');
    expect(key.machine.session.sequence).toBeUndefined();
  });

  it('that were good are gone with a cancel later on, and with the last one', async () => {
    const { key, token } = await sensor();
    const { templateId = new Uint8Array(0) } = await begin(key, token);
    const members = bioMembers(key, 'enrollCaptureNextSample', { templateId }, token);
    key.user.setTouch({ kind: 'never' });
    const stop = new AbortController();
    const asked = sendBio(key, members, undefined, stop.signal);
    await untilWaiting(key);
    stop.abort();
    expect((await asked).status).toBe('CTAP2_ERR_KEEPALIVE_CANCEL');
    key.user.setTouch({ kind: 'at-once' });
    expect((await sendBio(key, members)).status).toBe('CTAP2_ERR_INVALID_OPTION');
    const enrolled = await enrol(key, token);
    const oneMore = bioMembers(key, 'enrollCaptureNextSample', { templateId: enrolled }, token);
    expect((await sendBio(key, oneMore)).status).toBe('CTAP2_ERR_INVALID_OPTION');
  });

  it('that were good are forgotten with any other command, after half a minute and without power', async () => {
    const ends: readonly ((key: TestKey) => unknown)[] = [
      (key) => getInfo(key),
      (key) => bio(key, 'cancelCurrentEnrollment'),
      (key) => bio(key, 'getFingerprintSensorInfo'),
      (key) => key.clock.advance(SEQUENCE_LIMIT + 1),
      (key) => clientPin(key, 'getPINRetries'),
    ];
    for (const end of ends) {
      const { key, token } = await sensor();
      const { templateId = new Uint8Array(0) } = await begin(key, token);
      await end(key);
      const next = await bio(key, 'enrollCaptureNextSample', { templateId }, token);
      expect(next.status).toBe('CTAP2_ERR_INVALID_OPTION');
      expect(await templatesOf(key)).toEqual([]);
    }
  });

  it('go on just before the half minute is over', async () => {
    const { key, token } = await sensor();
    const { templateId = new Uint8Array(0) } = await begin(key, token);
    await key.clock.advance(SEQUENCE_LIMIT);
    expect((await bio(key, 'enrollCaptureNextSample', { templateId }, token)).status).toBe(OK);
  });

  it('belong to one template', async () => {
    const { key, token } = await sensor();
    await begin(key, token);
    const templateId = new Uint8Array(8);
    const next = await bio(key, 'enrollCaptureNextSample', { templateId }, token);
    expect(next.status).toBe('CTAP2_ERR_INVALID_OPTION');
  });

  it('begin anew with another enrollBegin', async () => {
    const { key, token } = await sensor();
    const first = await begin(key, token);
    const second = await begin(key, token);
    expect(second.templateId).not.toEqual(first.templateId);
    expect(second.remainingSamples).toBe(1);
  });

  it('find no room in a full sensor', async () => {
    const { key, token } = await sensor();
    for (const finger of ['a', 'b', 'c']) {
      key.user.setFinger(finger);
      await enrol(key, token);
    }
    const { status } = await bio(key, 'enrollBegin', undefined, token);
    expect(status).toBe('CTAP2_ERR_FP_DATABASE_FULL');
  });

  it('find no room when somebody else took the last place meanwhile', async () => {
    const { key, token } = await sensor();
    const { templateId = new Uint8Array(0) } = await begin(key, token);
    await key.store.write((writer) => {
      for (const finger of ['a', 'b', 'c'])
        writer.putTemplate({ id: new Uint8Array(1 + finger.charCodeAt(0)), finger });
    });
    const { status } = await bio(key, 'enrollCaptureNextSample', { templateId }, token);
    expect(status).toBe('CTAP2_ERR_FP_DATABASE_FULL');
    expect(await templatesOf(key)).toHaveLength(3);
  });
});

describe('a request of BioEnrollment', () => {
  /** A good one on a key with a finger, with one thing changed. */
  async function changed(
    name: BioEnrollmentSubcommandName,
    params: BioEnrollmentParams | undefined,
    change: (good: BioEnrollmentRequest) => BioEnrollmentRequest,
  ): Promise<string> {
    const { key, token } = await sensor();
    await enrol(key, token);
    const before = await templatesOf(key);
    const members = change(bioMembers(key, name, params, token));
    const { status } = await sendBio(key, members);
    if (status !== OK) expect(await templatesOf(key)).toBe(before);
    return status;
  }

  const without = (name: keyof BioEnrollmentRequest) => (good: BioEnrollmentRequest) => {
    const { [name]: _, ...rest } = good;
    return rest;
  };

  const PROVEN = ['enrollBegin', 'enumerateEnrollments'] as const;

  it.each(PROVEN)('(%s) is good as it is', async (name) => {
    expect(await changed(name, undefined, (good) => good)).toMatch(/SUCCESS|OPTION/);
  });

  it.each(PROVEN)('(%s) needs a proof before everything else', async (name) => {
    expect(await changed(name, undefined, without('pinUvAuthParam'))).toBe('CTAP2_ERR_PUAT_REQUIRED');
    const bare = (good: BioEnrollmentRequest) => without('modality')(without('pinUvAuthParam')(good));
    expect(await changed(name, undefined, bare)).toBe('CTAP2_ERR_PUAT_REQUIRED');
  });

  it.each<[string, (good: BioEnrollmentRequest) => BioEnrollmentRequest, string]>([
    ['no sub-command', without('subCommand'), 'CTAP2_ERR_MISSING_PARAMETER'],
    ['an unknown one', (good) => ({ ...good, subCommand: 8 }), 'CTAP2_ERR_INVALID_SUBCOMMAND'],
    ['no modality', without('modality'), 'CTAP2_ERR_MISSING_PARAMETER'],
    ['another modality', (good) => ({ ...good, modality: 2 }), 'CTAP1_ERR_INVALID_PARAMETER'],
    ['no protocol', without('pinUvAuthProtocol'), 'CTAP2_ERR_MISSING_PARAMETER'],
    ['an unknown protocol', (good) => ({ ...good, pinUvAuthProtocol: 3 }), 'CTAP1_ERR_INVALID_PARAMETER'],
    ['the other protocol', (good) => ({ ...good, pinUvAuthProtocol: 1 }), 'CTAP2_ERR_PIN_AUTH_INVALID'],
    [
      'parameters that the proof is not over',
      (good) => ({ ...good, subCommandParams: new Map([[3, 1]]) }),
      'CTAP2_ERR_PIN_AUTH_INVALID',
    ],
    [
      'a parameter of another type',
      (good) => ({ ...good, subCommandParams: new Map([[3, 'soon']]) }),
      'CTAP2_ERR_CBOR_UNEXPECTED_TYPE',
    ],
    [
      'the proof of another sub-command',
      (good) => ({ ...good, subCommand: 4 }),
      'CTAP2_ERR_PIN_AUTH_INVALID',
    ],
  ])('with %s', async (_, change, status) => {
    expect(await changed('enrollBegin', undefined, change)).toBe(status);
  });

  it.each<[BioEnrollmentSubcommandName, BioEnrollmentParams | undefined]>([
    ['enrollCaptureNextSample', undefined],
    ['removeEnrollment', undefined],
    ['setFriendlyName', { templateFriendlyName: 'x' }],
    ['setFriendlyName', { templateId: new Uint8Array(8) }],
  ])('(%s with %j) lacks a parameter', async (name, params) => {
    expect(await changed(name, params, (good) => good)).toBe('CTAP2_ERR_MISSING_PARAMETER');
  });

  it('knows the template, or says so', async () => {
    const params = { templateId: new Uint8Array(8), templateFriendlyName: 'thumb' };
    for (const name of ['removeEnrollment', 'setFriendlyName'] as const) {
      expect(await changed(name, params, (good) => good)).toBe('CTAP2_ERR_INVALID_OPTION');
    }
  });

  it('with a name that is too long is refused before its proof is looked at', async () => {
    const params = { templateId: new Uint8Array(8), templateFriendlyName: 'ü'.repeat(8) };
    expect(await changed('setFriendlyName', params, (good) => good)).toBe('CTAP2_ERR_INVALID_OPTION');
    const longer = { ...params, templateFriendlyName: `${'ü'.repeat(8)}x` };
    const unproven = (good: BioEnrollmentRequest) => ({ ...good, pinUvAuthParam: new Uint8Array(32) });
    expect(await changed('setFriendlyName', longer, unproven)).toBe('CTAP1_ERR_INVALID_LENGTH');
  });

  it('needs the permission be, which only a key with fingers gives', async () => {
    const { key } = await sensor();
    for (const { value } of [await pinToken(key), await legacyToken(key)]) {
      const { status } = await bio(key, 'enrollBegin', undefined, value?.bytes);
      expect(status).toBe('CTAP2_ERR_PIN_AUTH_INVALID');
    }
    const plain = await createKeyWithPin();
    expect((await pinToken(plain, { permissions: PERMISSIONS.be })).status).toBe(
      'CTAP2_ERR_UNAUTHORIZED_PERMISSION',
    );
  });
});

describe('permissions by a finger', () => {
  it.each([
    ['be', { uvBioEnroll: true }, OK],
    ['be', { uvBioEnroll: false }, 'CTAP2_ERR_UNAUTHORIZED_PERMISSION'],
    ['acfg', { authnrCfg: true, alwaysUv: false, uvAcfg: true }, OK],
    ['acfg', { authnrCfg: true, alwaysUv: false }, 'CTAP2_ERR_UNAUTHORIZED_PERMISSION'],
  ] as const)('%s with %j', async (permission, more, status) => {
    const options = { bioEnroll: true, ...more };
    const { key, token } = await sensor({ config: { ...BIO, options } });
    await enrol(key, token);
    const answer = await uvToken(key, { permissions: PERMISSIONS[permission] });
    expect(answer.status).toBe(status);
  });

  it('come only when a finger is enrolled', async () => {
    const { key } = await sensor();
    expect((await uvToken(key, { permissions: PERMISSIONS.be })).status).toBe('CTAP2_ERR_NOT_ALLOWED');
  });

  it('need no relying party', async () => {
    const { key, token } = await sensor();
    await enrol(key, token);
    const granted = await uvToken(key, { permissions: PERMISSIONS.be });
    expect(granted.status).toBe(OK);
    expect((await bio(key, 'enumerateEnrollments', undefined, granted.value?.bytes)).status).toBe(OK);
  });
});

describe('the preview of FIDO_2_1_PRE', () => {
  const config: ConfigChange = { ...BIO, options: { userVerificationMgmtPreview: true } };
  const preview = (key: TestKey, name: BioEnrollmentSubcommandName, token: Uint8Array | undefined) =>
    sendBio(key, bioMembers(key, name, undefined, token), 'authenticatorBioEnrollmentPreview');

  it('is the same under its own command byte', async () => {
    const { key, token } = await sensor({ config });
    expect((await bio(key, 'enrollBegin', undefined, token)).status).toBe('CTAP1_ERR_INVALID_COMMAND');
    const { templateId = new Uint8Array(0) } = mustSucceed(await preview(key, 'enrollBegin', token));
    const option = async () => (await getInfo(key)).options?.get('userVerificationMgmtPreview');
    // Looking at getInfo ends the enrolment.
    expect(await option()).toBe(false);
    const begun = mustSucceed(await preview(key, 'enrollBegin', token));
    expect(begun.templateId).not.toEqual(templateId);
    const next = bioMembers(key, 'enrollCaptureNextSample', begun, token);
    expect((await sendBio(key, next, 'authenticatorBioEnrollmentPreview')).value?.remainingSamples).toBe(0);
    expect(await option()).toBe(true);
  });

  it('takes the old tokens without permissions too, unlike the command itself', async () => {
    const { key } = await sensor({ config });
    const token = (await legacyToken(key)).value?.bytes;
    expect((await preview(key, 'enrollBegin', token)).status).toBe(OK);
    const other = (await pinToken(key)).value?.bytes;
    expect((await preview(key, 'enrollBegin', other)).status).toBe('CTAP2_ERR_PIN_AUTH_INVALID');
  });
});

describe('whatever is enrolled, removed and reset', () => {
  type Step = { readonly act: 'enrol' | 'remove' | 'reset' | 'power-cycle'; readonly finger: number };
  const step: fc.Arbitrary<Step> = fc.record({
    act: fc.constantFrom('enrol', 'enrol', 'remove', 'reset', 'power-cycle'),
    finger: fc.nat(4),
  });
  const QUALITIES: readonly SampleQuality[] = ['good', 'tooFast'];

  it('uv is true exactly as long as a template is there', async () => {
    const property = fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const key = createTestKey({ config: BIO });
      for (const { act, finger } of steps) await take(key, act, finger);
      const enrolled = (await templatesOf(key)).length > 0;
      expect(await optionsOf(key)).toEqual([enrolled, enrolled]);
      const { status } = await makeCredential(key, VERIFIED);
      if (!enrolled) expect(status).toBe('CTAP2_ERR_INVALID_OPTION');
    });
    await fc.assert(property, { numRuns: 60, seed: 7 });
  });

  async function take(key: TestKey, act: Step['act'], finger: number): Promise<void> {
    if (act === 'power-cycle') key.machine.powerCycle();
    if (act === 'reset') {
      key.machine.powerCycle();
      await key.send(Uint8Array.of(BYTE.reset));
    }
    if (act === 'enrol' || act === 'remove') {
      if ((await getInfo(key)).options?.get('clientPin') === false) await setPin(key, '1234');
      const token = await tokenFor(key, 'be');
      key.user.setFinger(`finger ${finger}`);
      key.user.setSamples(...QUALITIES);
      const templates = await templatesOf(key);
      const known = templates.some((template) => template.finger === `finger ${finger}`);
      const templateId = templates[finger % Math.max(1, templates.length)]?.id;
      if (act === 'remove' && templateId !== undefined)
        await bio(key, 'removeEnrollment', { templateId }, token);
      if (act === 'enrol' && !known && templates.length < BIO.bio.templates) await enrol(key, token);
    }
  }
});
