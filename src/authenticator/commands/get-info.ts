/**
 * authenticatorGetInfo (CTAP 2.1 §6.4).
 */
import { formatsOf } from '../../attestation/attestation.js';
import { getInfoResponse } from '../../ctap/messages/get-info.js';
import type { CommandContext } from '../context.js';
import { authenticatorInfo } from '../info.js';
import { isVerificationConfigured } from '../options.js';
import { encryptedMembers } from '../persistent-token.js';
import type { CommandResult } from '../result.js';
import { requireState } from '../state.js';

/** Describes the key as it stands. */
export async function getInfo(context: CommandContext): Promise<CommandResult> {
  const { config, options, store, attester, crypto } = context;
  const info = await store.read((reader) => {
    const state = requireState(reader);
    return authenticatorInfo(config, options, {
      pin: reader.pin(),
      state,
      encrypted: encryptedMembers(crypto, state.persistent),
      verificationConfigured: isVerificationConfigured(context, reader),
      credentialCount: reader.credentialCount(),
      attestationFormats: formatsOf(attester),
    });
  });
  return { ok: true, members: getInfoResponse.write(info) };
}
