import fc from 'fast-check';
import { FormatPreserving } from './format-preserving.js';
import {
  DateShift,
  generaliseCategory,
  generaliseDate,
  generaliseNumber,
  maskMiddle,
  redact,
  token,
} from './masking-operators.js';

const key = Buffer.from('2B7E151628AED2A6ABF7158809CF4F3C', 'hex');
const otherKey = Buffer.from('2B7E151628AED2A6ABF7158809CF4F3D', 'hex');
const DIGITS = '0123456789';
const refusal = expect.objectContaining({ code: 'masking_refused', kind: 'invalid' });

describe('format-preserving encryption', () => {
  const alphanumeric = `${DIGITS}abcdefghijklmnopqrstuvwxyz`;

  // NIST, "Recommendation for Block Cipher Modes: Methods for FPE", FF1 samples 1 to 3.
  it.each([
    [DIGITS, '', '0123456789', '2433477484'],
    [DIGITS, '39383736353433323130', '0123456789', '6124200773'],
    [alphanumeric, '3737373770717273373737', '0123456789abcdefghi', 'a9tv40mll9kdu509eum'],
  ])('is that of NIST’s samples: alphabet %s, tweak %s', (alphabet, tweak, plain, masked) => {
    const exchange = new FormatPreserving(alphabet, { key, tweak: Buffer.from(tweak, 'hex') });
    expect(exchange.mask(plain)).toBe(masked);
    expect(exchange.reveal(masked)).toBe(plain);
  });

  const digits = new FormatPreserving(DIGITS, { key, tweak: Buffer.from('phone') });

  it('keeps what is not of the alphabet where it is, and can be undone', () => {
    expect(digits.mask('138-0013-8000')).toMatch(/^\d{3}-\d{4}-\d{4}$/);
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9 -]{0,8}[0-9]{6,20}[0-9 é-]{0,8}$/), (text) => {
        const masked = digits.mask(text);
        expect(masked.replaceAll(/\d/g, '0')).toBe(text.replaceAll(/\d/g, '0'));
        expect(digits.reveal(masked)).toBe(text);
      }),
      { numRuns: 50 },
    );
  });

  it('gives other texts for another column and another key', () => {
    const text = '13800138000';
    const masked = [
      digits,
      new FormatPreserving(DIGITS, { key, tweak: Buffer.from('card') }),
      new FormatPreserving(DIGITS, { key: otherKey, tweak: Buffer.from('phone') }),
    ].map((exchange) => exchange.mask(text));
    expect(new Set([text, ...masked]).size).toBe(4);
  });

  it.each(['', '1', '1234', '12345', 'abcdefgh', '12-34-5x'])(
    'is refused where there are fewer than a million texts: %j',
    (text) => {
      expect(() => digits.mask(text)).toThrow(refusal);
      expect(() => digits.reveal(text)).toThrow(refusal);
    },
  );

  it('is allowed at exactly a million', () => {
    expect(digits.mask('123456')).toMatch(/^\d{6}$/);
    expect(() => new FormatPreserving('01', { key, tweak: key }).mask('0'.repeat(19))).toThrow(refusal);
    expect(new FormatPreserving('01', { key, tweak: key }).mask('0'.repeat(20))).toHaveLength(20);
  });

  it('needs a key of AES', () => {
    expect(() => new FormatPreserving(DIGITS, { key: key.subarray(1), tweak: key })).toThrow(refusal);
  });

  it.each(['', '1', '11', '0120'])('needs an alphabet: %j', (alphabet) => {
    expect(() => new FormatPreserving(alphabet, { key, tweak: key })).toThrow(refusal);
  });
});

describe('masking operators', () => {
  it('redact everything, length included, and leave missing values missing', () => {
    expect(['', 'a', 'a long secret'].map(redact())).toEqual(['', '[redacted]', '[redacted]']);
  });

  it('hide the middle, or all of what is too short to hide half of', () => {
    const mask = maskMiddle({ first: 3, last: 2 });
    expect(['13800138000', '张三', '', '123456789', '1234567890'].map(mask)).toEqual([
      '138••••••00',
      '••',
      '',
      '•••••••••',
      '123•••••90',
    ]);
    expect(() => maskMiddle({ first: -1, last: 0 })).toThrow(refusal);
  });

  it('generalise numbers, dates and categories, and drop what is none', () => {
    expect(['23', '-1', '30', '29.9', '', 'x', 'NaN', 'Infinity', '1e300'].map(generaliseNumber(10))).toEqual(
      ['[20, 30)', '[-10, 0)', '[30, 40)', '[20, 30)', '', '', '', '', ''],
    );
    expect(['2024-02-29', '2023-02-29', '1999-12-31', 'soon'].map(generaliseDate('month'))).toEqual([
      '2024-02',
      '',
      '1999-12',
      '',
    ]);
    expect(generaliseDate('year')('1999-12-31')).toBe('1999');
    const wider = new Map([['Zürich', 'Switzerland']]);
    expect(['Zürich', 'Atlantis'].map(generaliseCategory(wider))).toEqual(['Switzerland', '']);
    expect(() => generaliseNumber(0)).toThrow(refusal);
  });
});

describe('a date shift', () => {
  const shift = new DateShift(key, 30);
  const days = (from: string, to: string) => (Date.parse(to) - Date.parse(from)) / 86_400_000;

  it('moves every date of a unit by the same days, never by none, and can be undone', () => {
    const moves = new Set<number>();
    for (let unit = 0; unit < 2_000; unit++) {
      const [first, second] = ['1980-01-31', '2024-02-29'].map((date) => shift.mask(`unit ${unit}`, date));
      if (first === undefined || second === undefined) throw new Error('not moved');
      expect(days(first, second)).toBe(days('1980-01-31', '2024-02-29'));
      expect(shift.reveal(`unit ${unit}`, first)).toBe('1980-01-31');
      moves.add(days('1980-01-31', first));
    }
    expect([...moves].toSorted((a, b) => a - b)).toEqual([
      ...Array.from({ length: 30 }, (_, i) => i - 30),
      ...Array.from({ length: 30 }, (_, i) => i + 1),
    ]);
  });

  it('drops what is not a date, and refuses no key and no days', () => {
    expect(['', 'today', '2023-02-30', '2023-1-1'].map((date) => shift.mask('u', date))).toEqual([
      '',
      '',
      '',
      '',
    ]);
    expect(() => new DateShift(key, 0)).toThrow(refusal);
    expect(() => new DateShift(Buffer.alloc(8), 30).mask('u', '2024-01-01')).toThrow(refusal);
  });
});

describe('a token', () => {
  it('is the same for the same value, key and domain only, so that tables of one dataset join', () => {
    const person = token(key, 'person');
    expect(person('ada')).toMatch(/^[0-9a-f]{32}$/);
    expect(token(key, 'person')('ada')).toBe(person('ada'));
    const all = [
      person('ada'),
      person('Ada'),
      token(key, 'phone')('ada'),
      token(otherKey, 'person')('ada'),
      token(key, 'person a')('da'),
    ];
    expect(new Set(all).size).toBe(all.length);
    expect(person('')).toBe('');
  });

  it('is made with a real key', () => {
    expect(() => token(Buffer.alloc(15, 1), 'person')).toThrow(refusal);
    expect(() => token(key, 'a\0b')).toThrow(refusal);
  });
});
