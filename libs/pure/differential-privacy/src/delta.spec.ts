import { attoDelta, parseDelta } from './delta.js';
import { toText } from './rational.js';

describe('delta as a person writes it', () => {
  it.each([
    ['1e-9', '1/1000000000'],
    ['0.25', '1/4'],
    ['1e-18', '1/1000000000000000000'],
    ['0.5', '1/2'],
  ])('reads %s exactly', (text, exact) => {
    expect(toText(parseDelta(text))).toBe(exact);
  });

  it.each(['0', '1', '0.6', '1e-19', '1e-400'])('refuses %s as out of range', (text) => {
    expect(() => parseDelta(text)).toThrow(expect.objectContaining({ code: 'delta_out_of_range' }));
  });

  it.each(['', '-1e-9', '1/3', 'NaN', '1e-99999', '0'.repeat(65)])('refuses %j as malformed', (text) => {
    expect(() => parseDelta(text)).toThrow(expect.objectContaining({ code: 'delta_malformed' }));
  });

  it('is charged in whole 1e-18, rounded up', () => {
    expect(attoDelta(parseDelta('1e-9'))).toBe(1_000_000_000n);
    expect(attoDelta(parseDelta('1.0000000001e-9'))).toBe(1_000_000_001n);
  });
});
