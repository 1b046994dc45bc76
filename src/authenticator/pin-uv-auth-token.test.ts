import { describe, expect, it } from 'vitest';
import { createNodeCrypto } from '../crypto/node.js';
import { createPinUvAuthProtocol } from '../crypto/pin-uv-auth-protocol.js';
import { PERMISSIONS } from '../ctap/messages/client-pin.js';
import { utf8 } from '../data/bytes.js';
import { VirtualClock } from '../ports.js';
import { MAX_TOKEN_LIFE, PinUvAuthTokens, type TokenGrant } from './pin-uv-auth-token.js';

const crypto = createNodeCrypto();
const LIMIT = 30_000;
const MESSAGE = utf8('message');
const GRANT: TokenGrant = {
  permissions: PERMISSIONS.mc | PERMISSIONS.ga,
  rpId: 'example.org',
  userIsPresent: true,
};

function setUp(grant: TokenGrant = GRANT) {
  const clock = new VirtualClock();
  const tokens = new PinUvAuthTokens(crypto, clock, LIMIT);
  const token = tokens.issue(2, grant);
  const proof = (bytes = token) => createPinUvAuthProtocol(crypto, 2).authenticate(bytes, MESSAGE);
  return { clock, tokens, token, proof };
}

describe('a pinUvAuthToken', () => {
  it('verifies what was authenticated with it', () => {
    const { tokens, proof } = setUp();
    expect(tokens.verify(2, proof(), MESSAGE)).toBe(true);
    expect(tokens.verify(2, proof(), utf8('other'))).toBe(false);
    expect(tokens.verify(2, proof(new Uint8Array(32)), MESSAGE)).toBe(false);
  });

  it('begins with its grant', () => {
    const { tokens } = setUp();
    expect([tokens.has('mc'), tokens.has('ga'), tokens.has('cm')]).toEqual([true, true, false]);
    expect([tokens.userVerified, tokens.userPresent, tokens.rpId]).toEqual([true, true, 'example.org']);
    expect(setUp({ ...GRANT, userIsPresent: false }).tokens.userPresent).toBe(false);
  });

  it('serves one protocol only', () => {
    const { tokens, token } = setUp();
    const param = createPinUvAuthProtocol(crypto, 1).authenticate(token, MESSAGE);
    expect(tokens.verify(1, param, MESSAGE)).toBe(false);
  });

  it('ends when another one is issued, of either protocol', () => {
    const { tokens, proof } = setUp();
    tokens.issue(1, GRANT);
    expect(tokens.verify(2, proof(), MESSAGE)).toBe(false);
  });

  it('is bound to the relying party that uses it first', () => {
    const { rpId: _, ...unbound } = GRANT;
    const { tokens } = setUp(unbound);
    expect(tokens.rpId).toBeUndefined();
    tokens.bind('example.com');
    expect(tokens.rpId).toBe('example.com');
  });

  it('keeps only the permission to write large blobs when it is consumed', () => {
    const { tokens, proof } = setUp({ ...GRANT, permissions: GRANT.permissions | PERMISSIONS.lbw });
    tokens.consume();
    expect([tokens.userPresent, tokens.userVerified]).toEqual([false, false]);
    expect([tokens.has('mc'), tokens.has('ga'), tokens.has('lbw')]).toEqual([false, false, true]);
    expect(tokens.verify(2, proof(), MESSAGE)).toBe(true);
  });

  it('does not give its own bytes away', () => {
    const { tokens, token, proof } = setUp();
    const param = proof();
    token.fill(0);
    expect(tokens.verify(2, param, MESSAGE)).toBe(true);
  });
});

describe('the timers of a token', () => {
  it('let it live until the initial usage limit, not longer', async () => {
    const { clock, tokens, proof } = setUp();
    await clock.advance(LIMIT);
    expect(tokens.userVerified).toBe(true);
    await clock.advance(1);
    expect(tokens.verify(2, proof(), MESSAGE)).toBe(false);
    expect([tokens.userVerified, tokens.has('mc'), tokens.rpId]).toEqual([false, false, undefined]);
  });

  it('do not count a proof that failed as a use', async () => {
    const { clock, tokens, proof } = setUp();
    expect(tokens.verify(2, new Uint8Array(32), MESSAGE)).toBe(false);
    await clock.advance(LIMIT + 1);
    expect(tokens.verify(2, proof(), MESSAGE)).toBe(false);
  });

  it('let a used token live on, without the cached touch', async () => {
    const { clock, tokens, proof } = setUp();
    await clock.advance(LIMIT);
    expect(tokens.verify(2, proof(), MESSAGE)).toBe(true);
    expect(tokens.userPresent).toBe(true);
    await clock.advance(1);
    expect([tokens.userPresent, tokens.userVerified]).toEqual([false, true]);
    await clock.advance(MAX_TOKEN_LIFE - LIMIT - 1);
    expect(tokens.verify(2, proof(), MESSAGE)).toBe(true);
    await clock.advance(1);
    expect(tokens.verify(2, proof(), MESSAGE)).toBe(false);
  });

  it('give every token an identity that ends with it', async () => {
    const { clock, tokens, proof } = setUp();
    const { identity } = tokens;
    expect(identity).toBeDefined();
    tokens.verify(2, proof(), MESSAGE);
    expect(tokens.identity).toBe(identity);
    tokens.issue(2, GRANT);
    expect(tokens.identity).not.toBe(identity);
    await clock.advance(MAX_TOKEN_LIFE + 1);
    expect(tokens.identity).toBeUndefined();
  });
});

describe('key agreement', () => {
  it('keeps its key until somebody asks for a new one', () => {
    const { tokens } = setUp();
    const first = tokens.agreement(2).publicKey;
    expect(tokens.agreement(2).publicKey).toEqual(first);
    expect(tokens.agreement(1).publicKey).not.toEqual(first);
    tokens.agreement(2).regenerate();
    const second = tokens.agreement(2).publicKey;
    expect(second).not.toEqual(first);
    tokens.forgetKeys();
    expect(tokens.agreement(2).publicKey).not.toEqual(second);
    expect(tokens.identity).toBeUndefined();
  });
});
