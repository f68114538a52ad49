import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CanonicalJsonError, canonicalize, type CanonicalJsonErrorCode, type JsonValue } from './index.js';

describe('canonicalize', () => {
  it('writes the sample of RFC 8785 section 3.2.2 as section 3.2.4 prints it', () => {
    const input = JSON.parse(String.raw`{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }`);
    expect(canonicalize(input)).toBe(
      String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],` +
        String.raw`"string":"€$\u000f\nA'B\"\\\\\"/"}`,
    );
  });

  it('sorts members by UTF-16 code units, as in RFC 8785 section 3.2.3', () => {
    const input = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '\ud83d\ude00': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      '\u00f6': 'Latin Small Letter O With Diaeresis',
    };
    expect(Object.values(JSON.parse(canonicalize(input)))).toEqual(
      // "1" is first because it is an array index to the parser, and happens to be second by code unit.
      expect.arrayContaining(Object.values(input)),
    );
    const names = ['\r', '1', '\u0080', '\u00f6', '\u20ac', '\ud83d\ude00', '\ufb33'];
    const positions = names.map((name) => canonicalize(input).indexOf(`${JSON.stringify(name)}:`));
    expect(positions).toEqual([...positions].sort((a, b) => a - b));
    expect(positions).not.toContain(-1);
  });

  it.each([
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['ffefffffffffffff', '-1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['c340000000000000', '-9007199254740992'],
    ['4430000000000000', '295147905179352830000'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'],
    ['44b52d02c7e14af7', '1.0000000000000001e+23'],
    ['444b1ae4d6e2ef4e', '999999999999999700000'],
    ['444b1ae4d6e2ef4f', '999999999999999900000'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555553', '333333333.3333332'],
    ['41b3de4355555554', '333333333.33333325'],
    ['41b3de4355555555', '333333333.3333333'],
    ['41b3de4355555556', '333333333.3333334'],
    ['41b3de4355555557', '333333333.33333343'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
    ['43143ff3c1cb0959', '1424953923781206.2'],
  ])('writes the double %s as %s (RFC 8785 appendix B)', (bits, text) => {
    expect(canonicalize(Buffer.from(bits, 'hex').readDoubleBE())).toBe(text);
  });

  it('keeps a member named __proto__', () => {
    expect(canonicalize(JSON.parse('{"__proto__":{"a":1},"a":2}'))).toBe('{"__proto__":{"a":1},"a":2}');
  });

  const cycle: unknown[] = [];
  cycle.push(cycle);
  class Money {
    readonly amount = 1;
  }
  it.each<[string, unknown, CanonicalJsonErrorCode]>([
    ['NaN', { a: [NaN] }, 'number_not_finite'],
    ['Infinity', -Infinity, 'number_not_finite'],
    ['undefined', { a: undefined }, 'value_not_json'],
    ['a bigint', 1n, 'value_not_json'],
    ['a function', [() => 1], 'value_not_json'],
    ['a symbol', Symbol('x'), 'value_not_json'],
    ['a hole in an array', new Array<unknown>(1), 'value_not_json'],
    ['a date', new Date(0), 'value_not_json'],
    ['a class instance', new Money(), 'value_not_json'],
    ['bytes', new Uint8Array(1), 'value_not_json'],
    ['a lone high surrogate', '\ud83d', 'string_not_unicode'],
    ['a lone low surrogate in a name', { '\ude00': 1 }, 'string_not_unicode'],
    ['a cycle', cycle, 'nesting_too_deep'],
    ['hostile nesting', JSON.parse('['.repeat(100_000) + ']'.repeat(100_000)), 'nesting_too_deep'],
  ])('refuses %s', (_name, value, code) => {
    const write = () => canonicalize(value as JsonValue);
    expect(write).toThrow(CanonicalJsonError);
    expect(write).toThrow(expect.objectContaining({ code, kind: 'invalid' }));
  });

  it('says where the fault is', () => {
    expect(() => canonicalize({ 'a/b': [1, NaN] })).toThrow(
      expect.objectContaining({ meta: { path: '/a~1b/1' } }),
    );
  });

  it('loses nothing, is stable, and does not depend on the order of members', () => {
    const unicode = fc.string({ unit: 'binary' });
    const json = fc.letrec<{ value: JsonValue }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constant(null),
        fc.boolean(),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        unicode,
        fc.array(tie('value')),
        fc.dictionary(unicode, tie('value'), { noNullPrototype: true }),
      ),
    })).value;
    fc.assert(
      fc.property(json, (value) => {
        const text = canonicalize(value);
        expect(canonicalize(JSON.parse(text))).toBe(text);
        expect(canonicalize(reverseMembers(value))).toBe(text);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

function reverseMembers(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(reverseMembers);
  if (value === null || typeof value !== 'object') return value;
  const members = Object.entries(value).map(([name, member]) => [name, reverseMembers(member)] as const);
  return Object.fromEntries(members.reverse());
}
