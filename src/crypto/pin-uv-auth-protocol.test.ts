import { describe, expect, it } from 'vitest';
import { createNodeCrypto } from './node.js';
import { createPinUvAuthProtocol, KeyAgreement } from './pin-uv-auth-protocol.js';

const crypto = createNodeCrypto();

describe.each([1, 2] as const)('PIN/UV auth protocol %i', (version) => {
  const protocol = createPinUvAuthProtocol(crypto, version);

  it('both halves share a secret', () => {
    const authenticator = new KeyAgreement(crypto, protocol);
    const platform = protocol.encapsulate(authenticator.publicKey);
    expect(platform).toBeDefined();
    expect(platform && authenticator.decapsulate(platform.keyAgreement)).toEqual(platform?.sharedSecret);
  });
});
