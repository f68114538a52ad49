import { parseEpsilon, picoEpsilon } from './epsilon.js';
import { toText } from './rational.js';

describe('epsilon as a person writes it', () => {
  it.each([
    ['0.5', '1/2'],
    ['0.1', '1/10'],
    ['1/3', '1/3'],
    ['2', '2'],
    ['1e-3', '1/1000'],
    ['2.50E1', '25'],
    ['0.000000001', '1/1000000000'],
    ['100', '100'],
  ])('reads %s exactly', (text, exact) => {
    expect(toText(parseEpsilon(text))).toBe(exact);
  });

  it.each(['0', '0.0', '0/5', '1e-400', '1e-10', '100.0000001', '1e400', '999999999999'])(
    'refuses %s as out of range',
    (text) => {
      expect(() => parseEpsilon(text)).toThrow(expect.objectContaining({ code: 'epsilon_out_of_range' }));
    },
  );

  it.each([
    '',
    ' 1',
    '-1',
    '+1',
    'NaN',
    'Infinity',
    '1/0',
    '1,5',
    '.5',
    '1.',
    '0x1',
    '1e99999',
    '1/3/2',
    '٣',
    '1'.repeat(65),
  ])('refuses %j as malformed', (text) => {
    expect(() => parseEpsilon(text)).toThrow(expect.objectContaining({ code: 'epsilon_malformed' }));
  });

  it('is charged in whole pico-epsilon, rounded up', () => {
    expect(picoEpsilon(parseEpsilon('0.5'))).toBe(500_000_000_000n);
    expect(picoEpsilon(parseEpsilon('1/3'))).toBe(333_333_333_334n);
    expect(picoEpsilon(parseEpsilon('0.0000000010000000000001'))).toBe(1001n);
  });
});
