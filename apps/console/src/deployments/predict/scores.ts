/**
 * The output as one row of numbers, when that is what it is: `[[…]]`, `[…]`, or one named tensor of them, 2 to 64 long.
 * Undefined for anything else, which is then shown as JSON.
 */
export function scoresOf(output: unknown): number[] | undefined {
  if (Array.isArray(output)) {
    if (output.length === 1 && Array.isArray(output[0])) return scoresOf(output[0]);
    const numbers = output.filter((value) => typeof value === 'number');
    return numbers.length === output.length && numbers.length >= 2 && numbers.length <= 64
      ? numbers
      : undefined;
  }
  if (output === null || typeof output !== 'object') return undefined;
  const tensors: unknown[] = Object.values(output);
  return tensors.length === 1 ? scoresOf(tensors[0]) : undefined;
}

/** Whether the scores are shares of one: each in [0, 1], summing to 1. */
export function areShares(scores: readonly number[]): boolean {
  const sum = scores.reduce((total, score) => total + score, 0);
  return scores.every((score) => score >= 0 && score <= 1) && Math.abs(sum - 1) < 1e-3;
}
