/** ln(e^a + e^b), without overflow. */
export function logAdd(a: number, b: number): number {
  const [high, low] = a > b ? [a, b] : [b, a];
  return low === -Infinity ? high : high + Math.log1p(Math.exp(low - high));
}

/** ln(e^a − e^b) for a ≥ b. */
export function logSubtract(a: number, b: number): number {
  return b === -Infinity ? a : a + Math.log(-Math.expm1(b - a));
}

/** Stirling's series beyond this, by way of the recurrence below it. */
const STIRLING_FROM = 15;

/** ln Γ(x) for x > 0, to about 1e-14 (relative, and absolute near its zeros 1 and 2). */
export function logGamma(x: number): number {
  let product = 1;
  let at = x;
  for (; at < STIRLING_FROM; at += 1) product *= at;
  const inverse = 1 / at;
  const square = inverse * inverse;
  const series =
    inverse *
    (1 / 12 -
      square *
        (1 / 360 -
          square * (1 / 1260 - square * (1 / 1680 - square * (1 / 1188 - (square * 691) / 360360)))));
  return (at - 0.5) * Math.log(at) - at + Math.log(2 * Math.PI) / 2 + series - Math.log(product);
}
