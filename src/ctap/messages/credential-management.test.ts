import { encode as cborg } from 'cborg';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../data/bytes.js';
import type { CborMap } from '../cbor.js';
import {
  CREDENTIAL_MANAGEMENT_SUBCOMMANDS,
  credentialManagementParams,
  credentialManagementProofMessage,
  credentialManagementRequest,
} from './credential-management.js';
import { describeRequest, describeResponse } from './describe.js';
import { encodeRequest, encodeResponse } from './message.js';

const { enumerateCredentialsBegin, getCredsMetadata, updateUserInformation } =
  CREDENTIAL_MANAGEMENT_SUBCOMMANDS;
const HASH = new Uint8Array(32).fill(0xab);

describe('the proof of credential management', () => {
  it('is over the sub-command alone when there are no parameters', () => {
    expect(toHex(credentialManagementProofMessage(getCredsMetadata, undefined))).toBe('01');
  });

  it('is over the sub-command and the parameters as another encoder writes them', () => {
    const params = credentialManagementParams.write({ rpIDHash: HASH });
    const message = credentialManagementProofMessage(enumerateCredentialsBegin, params);
    expect(toHex(message)).toBe(`04${toHex(cborg(new Map([[1, HASH]])))}`);
  });

  it('covers members of the parameters that nobody knows', () => {
    const params: CborMap = new Map([
      [1, HASH],
      [9, Uint8Array.of(7)],
    ]);
    const request = credentialManagementRequest.read(
      credentialManagementRequest.write({ subCommand: 4, subCommandParams: params }),
    );
    const kept = request.ok ? request.value.subCommandParams : undefined;
    const message = credentialManagementProofMessage(enumerateCredentialsBegin, kept);
    expect(toHex(message)).toBe(`04${toHex(cborg(params))}`);
  });
});

describe('credential management in traces', () => {
  it.each(['authenticatorCredentialManagement', 'authenticatorCredentialManagementPreview'] as const)(
    'is %s with sub-command and members',
    (command) => {
      const request = encodeRequest(
        command,
        credentialManagementRequest.write({ subCommand: updateUserInformation, pinUvAuthProtocol: 2 }),
      );
      expect(describeRequest(request)).toEqual({
        name: `${command} updateUserInformation`,
        fields: { subCommand: 7, pinUvAuthProtocol: 2 },
      });
      const answer = encodeResponse(0, new Map([[0x05, 3]]));
      expect(describeResponse(request, answer).fields).toEqual({ totalRPs: 3 });
    },
  );
});
