import type { RandomBits } from '@castellan/differential-privacy';

/** Decides which rows or groups of a unit count when it has too many: anew every time, so that nobody can aim at it. */
export function freshKey(random: RandomBits): string {
  return Array.from({ length: 4 }, () => random.take(32).toString(16).padStart(8, '0')).join('');
}
