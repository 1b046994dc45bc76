/**
 * authenticatorGetInfo (CTAP 2.1 §6.4).
 */
import { getInfoResponse } from '../../ctap/messages/get-info.js';
import type { CommandContext } from '../context.js';
import { authenticatorInfo } from '../info.js';
import type { CommandResult } from '../result.js';
import { requireState } from '../state.js';

/** Describes the key as it stands. */
export async function getInfo(context: CommandContext): Promise<CommandResult> {
  const { config, options, store, user, attester } = context;
  const info = await store.read((reader) =>
    authenticatorInfo(config, options, {
      pin: reader.pin(),
      state: requireState(reader),
      verificationConfigured: user.verificationConfigured,
      credentialCount: reader.credentialCount(),
      attestationFormat: attester.format,
    }),
  );
  return { ok: true, members: getInfoResponse.write(info) };
}
