const { ceil, exp, log, sqrt } = Math;

/** Where the series and the continued fraction are both good to the last bits. */
const CROSSING = 1;
const SERIES_TERMS = 40;

/** erf(x) for |x| ≤ 1: 2/√π · e^(−x²) · Σ 2ⁿ x^(2n+1) / (2n+1)!!, all terms of one sign. */
function erfSeries(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; n < SERIES_TERMS; n += 1) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / sqrt(Math.PI)) * exp(-x * x) * sum;
}

/** e^(x²)·erfc(x) for x ≥ 1: the continued fraction 1/(x + ½/(x + 1/(x + 3/2/(x + …)))) / √π. */
function erfcxFraction(x: number): number {
  let tail = x;
  // Converges the faster the larger x: this depth leaves a relative 1e-15 at every x.
  for (let n = ceil(12 + 150 / (x * x)); n >= 1; n -= 1) tail = x + n / 2 / tail;
  return 1 / (tail * sqrt(Math.PI));
}

/** e^(x²)·erfc(x), to a relative 1e-14. It neither underflows nor cancels for large x; it overflows below −26. */
export function scaledComplementaryError(x: number): number {
  if (x > CROSSING) return erfcxFraction(x);
  if (x >= -CROSSING) return exp(x * x) * (1 - erfSeries(x));
  return 2 * exp(x * x) - erfcxFraction(-x);
}

/** erfc(x) = 2/√π ∫ₓ^∞ e^(−t²) dt, to a relative 1e-13 as long as it doesn't underflow. */
export function complementaryError(x: number): number {
  if (x > CROSSING) return exp(-x * x) * erfcxFraction(x);
  if (x >= -CROSSING) return 1 - erfSeries(x);
  return 2 - exp(-x * x) * erfcxFraction(-x);
}

/** ln erfc(x), finite wherever x is. */
export function logComplementaryError(x: number): number {
  return x > CROSSING ? log(erfcxFraction(x)) - x * x : log(complementaryError(x));
}
