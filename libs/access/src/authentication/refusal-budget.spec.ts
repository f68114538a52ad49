import { describe, expect, it } from '@jest/globals';
import { RefusalBudget } from './refusal-budget.js';

const at = (seconds: number): Date => new Date(1_000_000 + seconds * 1000);

describe('RefusalBudget', () => {
  it('records so many a minute for each source, then only counts', () => {
    const budget = new RefusalBudget(2);
    const outcomes = [0, 1, 2, 3].map((second) => budget.spend('a', at(second)).record);
    expect(outcomes).toEqual([true, true, false, false]);
    expect(budget.spend('b', at(4)).record).toBe(true);
  });

  it('tells with the next record how many were left out', () => {
    const budget = new RefusalBudget(1);
    for (const second of [0, 1, 2, 3]) budget.spend('a', at(second));
    expect(budget.spend('a', at(61))).toEqual({ record: true, dropped: 3 });
    expect(budget.spend('a', at(122))).toEqual({ record: true, dropped: 0 });
  });

  it('stays small however many sources there are', () => {
    const budget = new RefusalBudget(1, 3);
    const outcomes = Array.from({ length: 100 }, (_, source) => budget.spend(String(source), at(1)).record);
    expect(outcomes.filter(Boolean)).toHaveLength(4);
  });
});
