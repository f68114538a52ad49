/**
 * Where an increasing function turns from negative to non-negative between `low` and `high`: two adjacent doubles,
 * or as near as 200 halvings come.
 */
export function bracketRoot(
  increasing: (x: number) => number,
  low: number,
  high: number,
): { readonly below: number; readonly above: number } {
  let [below, above] = [low, high];
  for (let step = 0; step < 200; step += 1) {
    const middle = below + (above - below) / 2;
    if (middle <= below || middle >= above) break;
    if (increasing(middle) < 0) below = middle;
    else above = middle;
  }
  return { below, above };
}
