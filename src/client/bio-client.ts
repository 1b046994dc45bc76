/**
 * The platform's half of authenticatorBioEnrollment: fingers of a key, enrolled, listed, named and removed (CTAP 2.1 §6.7).
 */
import {
  BIO_ENROLLMENT_SUBCOMMANDS,
  BIO_MODALITIES,
  type BioEnrollmentParams,
  type BioEnrollmentResponse,
  type BioEnrollmentSubcommandName,
  bioEnrollmentParams,
  bioEnrollmentProofMessage,
  SAMPLE_STATUS,
  type SampleStatusName,
  type TemplateInfo,
} from '../ctap/messages/bio-enrollment.js';
import type { GetInfoResponse } from '../ctap/messages/get-info.js';
import type { Answer } from '../ctap/messages/message.js';
import { STATUS } from '../ctap/status.js';
import { KeyrigError } from '../errors.js';
import type { CtapClient } from './ctap-client.js';
import type { PinUvAuthToken } from './pin-client.js';

/** What a sensor is like. */
export interface FingerprintSensor {
  /** Good samples that a template takes. */
  readonly samples: number;
  /** Bytes that a name may have. */
  readonly nameBytes: number;
}

/** How an enrolment ended. */
export type Enrolment =
  | { readonly kind: 'enrolled'; readonly templateId: Uint8Array }
  /** The finger is known already, or nobody came. Nothing is left of it. */
  | { readonly kind: 'given-up'; readonly why: 'exists' | 'noUserActivity' };

/** Told of every sample; `remaining` good ones are still to come. */
export type OnSample = (status: SampleStatusName, remaining: number) => void;

/** The sub-commands. Methods resolve to statuses as values and reject like those of {@link CtapClient}. */
export interface BioClient {
  sensor(): Promise<Answer<FingerprintSensor>>;
  /** From the first sample to the last. Bad samples are asked for again. */
  enrol(onSample?: OnSample): Promise<Answer<Enrolment>>;
  templates(): Promise<Answer<readonly TemplateInfo[]>>;
  rename(templateId: Uint8Array, name: string): Promise<Answer<unknown>>;
  remove(templateId: Uint8Array): Promise<Answer<unknown>>;
}

/**
 * Makes a client of a key with fingers; `undefined` for one that enrols none.
 *
 * @param token With the permission `be`
 *
 * @example
 * ```ts
 * const bio = createBioClient(ctap, info, token);
 * const enrolled = await bio?.enrol((status, remaining) => console.log(status, remaining));
 * ```
 */
export function createBioClient(
  ctap: CtapClient,
  info: GetInfoResponse,
  token: PinUvAuthToken,
): BioClient | undefined {
  if (info.options?.has('bioEnroll')) return new CtapBioClient(ctap, token, false);
  return info.options?.has('userVerificationMgmtPreview') ? new CtapBioClient(ctap, token, true) : undefined;
}

const SAMPLE_NAMES: ReadonlyMap<number, SampleStatusName> = new Map(
  (Object.keys(SAMPLE_STATUS) as SampleStatusName[]).map((name) => [SAMPLE_STATUS[name], name]),
);

class CtapBioClient implements BioClient {
  readonly #ctap: CtapClient;
  readonly #token: PinUvAuthToken;
  readonly #preview: boolean;

  constructor(ctap: CtapClient, token: PinUvAuthToken, preview: boolean) {
    this.#ctap = ctap;
    this.#token = token;
    this.#preview = preview;
  }

  async sensor(): Promise<Answer<FingerprintSensor>> {
    const answer = await this.#ask('getFingerprintSensorInfo');
    if (!answer.ok) return answer;
    const { maxCaptureSamplesRequiredForEnroll, maxTemplateFriendlyName } = answer.value;
    const samples = this.#present(maxCaptureSamplesRequiredForEnroll, 'maxCaptureSamplesRequiredForEnroll');
    return {
      ok: true,
      value: { samples, nameBytes: this.#present(maxTemplateFriendlyName, 'maxTemplateFriendlyName') },
    };
  }

  async enrol(onSample: OnSample = () => {}): Promise<Answer<Enrolment>> {
    let answer = await this.#ask('enrollBegin');
    const templateId = answer.ok ? this.#present(answer.value.templateId, 'templateId') : new Uint8Array(0);
    while (answer.ok) {
      const { status, remaining } = this.#sample(answer.value);
      onSample(status, remaining);
      if (remaining === 0) return { ok: true, value: { kind: 'enrolled', templateId } };
      if (status === 'exists' || status === 'noUserActivity') {
        await this.#ask('cancelCurrentEnrollment');
        return { ok: true, value: { kind: 'given-up', why: status } };
      }
      answer = await this.#ask('enrollCaptureNextSample', { templateId });
    }
    return answer;
  }

  async templates(): Promise<Answer<readonly TemplateInfo[]>> {
    const answer = await this.#ask('enumerateEnrollments');
    if (answer.ok) return { ok: true, value: answer.value.templateInfos ?? [] };
    // How a key says that there are none (§6.7.6)
    return answer.status === STATUS.CTAP2_ERR_INVALID_OPTION ? { ok: true, value: [] } : answer;
  }

  rename(templateId: Uint8Array, templateFriendlyName: string): Promise<Answer<unknown>> {
    return this.#ask('setFriendlyName', { templateId, templateFriendlyName });
  }

  remove(templateId: Uint8Array): Promise<Answer<unknown>> {
    return this.#ask('removeEnrollment', { templateId });
  }

  #ask(
    name: BioEnrollmentSubcommandName,
    params?: BioEnrollmentParams,
  ): Promise<Answer<BioEnrollmentResponse>> {
    const subCommand = BIO_ENROLLMENT_SUBCOMMANDS[name];
    const modality = BIO_MODALITIES.fingerprint;
    const subCommandParams = params && bioEnrollmentParams.write(params);
    const message = bioEnrollmentProofMessage(modality, subCommand, subCommandParams);
    return this.#ctap.bioEnrollment(
      {
        modality,
        subCommand,
        ...(subCommandParams === undefined ? {} : { subCommandParams }),
        pinUvAuthProtocol: this.#token.protocol,
        pinUvAuthParam: this.#token.authenticate(message),
      },
      { preview: this.#preview },
    );
  }

  #sample({ lastEnrollSampleStatus, remainingSamples }: BioEnrollmentResponse) {
    const code = this.#present(lastEnrollSampleStatus, 'lastEnrollSampleStatus');
    // An unknown kind of bad sample is a bad sample.
    const status = SAMPLE_NAMES.get(code) ?? 'poorQuality';
    return { status, remaining: this.#present(remainingSamples, 'remainingSamples') };
  }

  #present<T>(value: T | undefined, what: string): T {
    if (value !== undefined) return value;
    throw new KeyrigError(
      'message-malformed',
      `${this.#ctap.device} owes ${what} in its BioEnrollment answer`,
      {
        facts: { device: this.#ctap.device, missing: what },
      },
    );
  }
}
