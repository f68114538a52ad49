/** How much was counted in one part of time: `at` is the time divided by the length of a part, rounded down. */
export interface Part {
  readonly at: number;
  count: number;
}

/**
 * Counts `weight` in the part `at`. At most `kept` parts stay: those that were touched last, in the order of the log and
 * not of their times, so that one event of a clock gone wild pushes out no more than one part.
 */
export function countIn(parts: Part[], at: number, weight: number, kept: number): void {
  const found = parts.findIndex((part) => part.at === at);
  const count = found === -1 ? 0 : (parts.splice(found, 1)[0]?.count ?? 0);
  parts.push({ at, count: count + weight });
  if (parts.length > kept) parts.shift();
}

/** The sum of the `width` parts that end with `at`. Never below 0: what was given back may have been taken earlier. */
function sumUpTo(parts: readonly Part[], at: number, width: number): number {
  const within = parts.filter((part) => part.at > at - width && part.at <= at);
  return Math.max(
    0,
    within.reduce((sum, { count }) => sum + count, 0),
  );
}

/**
 * The fullest window that holds the part `at`: its last part and its sum. For a clock that runs forwards it is the one that
 * ends with `at`; one that runs backwards has written the later parts first.
 */
export function fullestWindow(
  parts: readonly Part[],
  at: number,
  width: number,
): { readonly end: number; readonly sum: number } {
  const later = parts.filter((part) => part.at > at && part.at < at + width).map((part) => part.at);
  return [at, ...later]
    .map((end) => ({ end, sum: sumUpTo(parts, end, width) }))
    .reduce((most, each) => (each.sum > most.sum ? each : most));
}

/** The counts of the `length` parts that end with `at`, oldest first. */
export function seriesUpTo(parts: readonly Part[], at: number, length: number): number[] {
  return Array.from({ length }, (_, i) => {
    const wanted = at - length + 1 + i;
    return parts.find((part) => part.at === wanted)?.count ?? 0;
  });
}
