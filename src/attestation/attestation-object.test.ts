import { describe, expect, it } from 'vitest';
import { type CborValue, decode, encode } from '../ctap/cbor.js';
import { toHex, utf8 } from '../data/bytes.js';
import { decodeAttestationObject, encodeAttestationObject } from './attestation-object.js';

const good = { fmt: 'none', attStmt: new Map(), authData: utf8('authenticator data') };

/** The good object as a map, for changing. */
const members = (): Map<string, CborValue> =>
  new Map<string, CborValue>([
    ['fmt', good.fmt],
    ['attStmt', good.attStmt],
    ['authData', good.authData],
  ]);

describe('an attestation object', () => {
  it('has its members in the order of their length', () => {
    expect(toHex(encodeAttestationObject({ ...good, authData: Uint8Array.of(0xad) }))).toBe(
      'a363666d74646e6f6e656761747453746d74a068617574684461746141ad',
    );
  });

  it('comes back as it was', () => {
    const attStmt = new Map<string, CborValue>([
      ['alg', -7],
      ['sig', utf8('signature')],
      ['x5c', [utf8('certificate')]],
    ]);
    const object = { ...good, fmt: 'packed', attStmt };
    expect(decodeAttestationObject(encodeAttestationObject(object))).toEqual(object);
    expect(decode(encode(members()))).toEqual(members());
  });

  it.each<[string, (map: Map<string, CborValue>) => unknown]>([
    ['no fmt', (map) => map.delete('fmt')],
    ['a fmt that is no text', (map) => map.set('fmt', 1)],
    ['no attStmt', (map) => map.delete('attStmt')],
    ['an attStmt that is no map', (map) => map.set('attStmt', [])],
    ['no authData', (map) => map.delete('authData')],
    ['an authData that is no byte string', (map) => map.set('authData', 'text')],
    ['a member more', (map) => map.set('ep', true)],
  ])('with %s is refused', (_what, change) => {
    const map = members();
    expect(decodeAttestationObject(encode(map))).toEqual(good);
    change(map);
    expect(() => decodeAttestationObject(encode(map))).toThrow(
      expect.objectContaining({ code: 'message-malformed' }),
    );
  });

  it('of several statements comes back as it was, certificates and all', () => {
    const part = (x5c: readonly Uint8Array[]) =>
      new Map<string, CborValue>([
        ['fmt', 'packed'],
        ['attStmt', new Map([['x5c', x5c]])],
      ]);
    const attStmt = [part([utf8('first certificate')]), part([utf8('second certificate')])];
    const object = { fmt: 'compound', attStmt, authData: good.authData } as const;
    expect(decodeAttestationObject(encodeAttestationObject(object))).toEqual(object);
  });

  it.each<[string, CborValue]>([
    ['a map', new Map()],
    ['something else than maps', ['packed']],
  ])('that is compound with %s in place of its statements is refused', (_what, attStmt) => {
    const map = members().set('fmt', 'compound').set('attStmt', []);
    expect(decodeAttestationObject(encode(map))).toMatchObject({ attStmt: [] });
    expect(() => decodeAttestationObject(encode(map.set('attStmt', attStmt)))).toThrow(
      expect.objectContaining({ code: 'message-malformed' }),
    );
  });

  it('that is no map is refused', () => {
    expect(() => decodeAttestationObject(encode([]))).toThrow(
      expect.objectContaining({ code: 'message-malformed' }),
    );
  });

  it('that is not canonical CBOR is refused', () => {
    const bytes = encodeAttestationObject(good);
    const longer = new Uint8Array([...bytes, 0]);
    expect(() => decodeAttestationObject(longer)).toThrow(expect.objectContaining({ code: 'cbor-decode' }));
  });
});
