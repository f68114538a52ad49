import { decimalSum } from './decimal-sum.js';

describe('the sum of two decimals', () => {
  it.each([
    ['1', '2', '3'],
    ['0.1', '0.2', '0.3'],
    ['0.5', '0.5', '1'],
    ['9.99', '0.011', '10.001'],
    ['10', '0', '10'],
    ['0.000000000001', '999999', '999999.000000000001'],
  ])('%s and %s is %s', (one, other, sum) => {
    expect(decimalSum(one, other)).toBe(sum);
  });
});
