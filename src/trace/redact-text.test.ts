import { describe, expect, it } from 'vitest';
import { REDACTED, redactText } from './redact-text.js';

const PEM = '-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIQ==\n-----END EC PRIVATE KEY-----';

describe('redactText', () => {
  it.each([
    ['user=ada&password=hunter2&x=1', `user=ada&password=${REDACTED}&x=1`],
    ['url=/callback?token=abc', `url=/callback?token=${REDACTED}`],
    ['{"pin":"1234","rp":"a"}', `{"pin":"${REDACTED}","rp":"a"}`],
    ['{"pin":1234,"rp":"a"}', `{"pin":${REDACTED},"rp":"a"}`],
    ['{"tokens":["a","b"],"rp":"a', `{"tokens":${REDACTED},"rp":"a`],
    ['"{\\"password\\":\\"hunter2\\"}"', `"{\\"password\\":\\"${REDACTED}\\"}"`],
    ['GET /\r\nCookie: a=b; c=d\r\nHost: x', `GET /\r\nCookie: ${REDACTED}\r\nHost: x`],
    ['sent authorization: Basic YWRhOng=', `sent authorization: ${REDACTED}`],
    ['with Bearer eyJhbGci.e30.c2ln', `with Bearer ${REDACTED}`],
    ['https://ada:pw@example.com/', `https://ada:${REDACTED}@example.com/`],
    ['sent otp=123456&x=1', `sent otp=${REDACTED}&x=1`],
    ['{"recoveryCodes":["a1","b2"],"n":1}', `{"recoveryCodes":${REDACTED},"n":1}`],
    ['{"backup_code":"a1"}', `{"backup_code":"${REDACTED}"}`],
    ['Location: /cb?code=a1b2&state=xyz&x=1', `Location: /cb?code=${REDACTED}&state=${REDACTED}&x=1`],
    ['<input type=hidden name="csrf" value="a1">', `<input type=hidden name="csrf" value="${REDACTED}">`],
    ["<input value='a1' name='csrf_token'/>", `<input value='${REDACTED}' name='csrf_token'/>`],
    ['<meta name="csrf-token" content="a1">', `<meta name="csrf-token" content="${REDACTED}">`],
    ['"<input name=\\"_csrf\\" value=\\"a1\\">"', `"<input name=\\"_csrf\\" value=\\"${REDACTED}\\">"`],
    ["keyrig plug --pin '12 34' --seed 7", `keyrig plug --pin '${REDACTED}' --seed 7`],
    ['keyrig plug --pin=1234', `keyrig plug --pin=${REDACTED}`],
    [`key:\n${PEM}\nend`, `key:\n${REDACTED}\nend`],
    ['-----BEGIN PRIVATE KEY-----\nMHcC', REDACTED],
  ])('finds the secret in %j', (text, expected) => {
    expect(redactText(text)).toBe(expected);
  });

  it.each([
    ['clientPin: true, pinRetries: 8'],
    ['{"code":"adapter-invalid","state":"open"}'],
    ['<input name="user" value="ada">'],
    ['the RP wanted Basic attestation and a digest value'],
    ['step 21: signature over authData || hash'],
    ['"hmac-secret":{"saltEnc":"00"}'],
    ['keyrig run --seed 7 --target preset:http://localhost:8080'],
  ])('leaves %j alone', (text) => {
    expect(redactText(text)).toBe(text);
  });

  it.each([
    ['a'],
    ['pin:['],
    ['"hmac-secret":{'],
    ['-----BEGIN PRIVATE KEY----'],
    ['\\'],
    ['Basic a '],
    ['://a:'],
    ['<input '],
    ['<input name='],
    ['?code='],
  ])('takes linear time over a flood of %j', (piece) => {
    const seconds = (length: number): number => {
      const text = `pin=${piece.repeat(length)}=`;
      const start = performance.now();
      redactText(text);
      return performance.now() - start;
    };
    seconds(1_000);
    // A quadratic pattern needs minutes for this.
    expect(seconds(200_000)).toBeLessThan(3_000);
  });
});
