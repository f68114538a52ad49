import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseStatement, STATEMENT_TYPE } from './statement.js';

const bytesOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const digest = { sha256: 'ab'.repeat(32) };
const valid = {
  _type: STATEMENT_TYPE,
  subject: [{ name: 'digits@1', digest }],
  predicateType: 'https://example.com/p/v1',
  predicate: { decision: 'approve' },
};

describe('reading an in-toto statement', () => {
  it('keeps type, subject, predicate type and predicate, and drops the rest', () => {
    const extended = { ...valid, comment: 'x', subject: [{ ...valid.subject[0], uri: 'x:y' }] };
    expect(parseStatement(bytesOf(extended))).toEqual(valid);
  });

  it('allows a subject without a name and a statement without a predicate', () => {
    const bare = { _type: STATEMENT_TYPE, subject: [{ digest }], predicateType: 'p' };
    expect(parseStatement(bytesOf(bare))).toEqual({ ...bare, predicate: {} });
  });

  it.each([
    ['version 0.1', { ...valid, _type: 'https://in-toto.io/Statement/v0.1' }],
    ['no subject', { ...valid, subject: [] }],
    ['a subject without digest', { ...valid, subject: [{ name: 'x' }] }],
    ['a subject with an empty digest set', { ...valid, subject: [{ digest: {} }] }],
    ['an upper-case digest', { ...valid, subject: [{ digest: { sha256: 'AB' } }] }],
    ['a digest of half a byte', { ...valid, subject: [{ digest: { sha256: 'abc' } }] }],
    ['a numeric digest', { ...valid, subject: [{ digest: { sha256: 1 } }] }],
    ['a numeric name', { ...valid, subject: [{ name: 1, digest }] }],
    ['no predicate type', { ...valid, predicateType: '' }],
    ['a predicate that is a list', { ...valid, predicate: [] }],
    ['nothing but null', null],
  ])('refuses %s', (_, value) => {
    expect(() => parseStatement(bytesOf(value))).toThrow(
      expect.objectContaining({ code: 'statement_malformed' }),
    );
  });

  it('refuses bytes that are not UTF-8, and a byte order mark', () => {
    const json = bytesOf(valid);
    for (const bytes of [Uint8Array.of(0x22, 0xff, 0x22), Uint8Array.of(0xef, 0xbb, 0xbf, ...json)]) {
      expect(() => parseStatement(bytes)).toThrow(expect.objectContaining({ code: 'statement_malformed' }));
    }
  });

  it('never fails with anything but our own error', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), fc.jsonValue().map(bytesOf)), (bytes) => {
        expect(() => parseStatement(bytes)).toThrow(expect.objectContaining({ code: 'statement_malformed' }));
      }),
    );
  });

  it('keeps a digest named __proto__ from becoming a prototype', () => {
    const text = `{"_type":"${STATEMENT_TYPE}","subject":[{"digest":{"__proto__":"ab"}}],"predicateType":"p"}`;
    const [subject] = parseStatement(new TextEncoder().encode(text)).subject;
    expect(Object.entries(subject!.digest)).toEqual([['__proto__', 'ab']]);
  });
});
