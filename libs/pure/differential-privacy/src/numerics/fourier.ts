const { atan2, cos, sin, sqrt } = Math;

/** Complex numbers of a transform: real and imaginary parts side by side. */
export interface Spectrum {
  readonly real: Float64Array;
  readonly imaginary: Float64Array;
}

function swapBitReversed(values: Float64Array): void {
  const size = values.length;
  for (let i = 1, reversed = 0; i < size; i += 1) {
    let bit = size >> 1;
    for (; reversed & bit; bit >>= 1) reversed ^= bit;
    reversed ^= bit;
    if (i < reversed) {
      const kept = values[i] ?? 0;
      values[i] = values[reversed] ?? 0;
      values[reversed] = kept;
    }
  }
}

/**
 * The discrete Fourier transform in place (Cooley and Tukey, radix 2), unscaled; the size is a power of two. Each root of
 * unity is computed directly, not by recurrence, so that the error stays near log₂(size) units in the last place.
 */
function transform({ real, imaginary }: Spectrum, direction: 1 | -1): void {
  const size = real.length;
  const cosines = new Float64Array(size / 2);
  const sines = new Float64Array(size / 2);
  for (let k = 0; k < size / 2; k += 1) {
    cosines[k] = cos((2 * Math.PI * k) / size);
    sines[k] = direction * sin((2 * Math.PI * k) / size);
  }
  swapBitReversed(real);
  swapBitReversed(imaginary);
  for (let half = 1; half < size; half *= 2) {
    const stride = size / (2 * half);
    for (let start = 0; start < size; start += 2 * half)
      for (let k = 0; k < half; k += 1)
        butterfly(
          real,
          imaginary,
          start + k,
          start + k + half,
          cosines[k * stride] ?? 0,
          sines[k * stride] ?? 0,
        );
  }
}

/** One pair of entries, one root of unity (c, s). Scalars only: this is the inner loop. */
function butterfly(
  real: Float64Array,
  imaginary: Float64Array,
  even: number,
  odd: number,
  c: number,
  s: number,
): void {
  const x = real[odd] ?? 0;
  const y = imaginary[odd] ?? 0;
  const turnedX = x * c - y * s;
  const turnedY = x * s + y * c;
  const evenX = real[even] ?? 0;
  const evenY = imaginary[even] ?? 0;
  real[even] = evenX + turnedX;
  imaginary[even] = evenY + turnedY;
  real[odd] = evenX - turnedX;
  imaginary[odd] = evenY - turnedY;
}

/** The spectrum of real values, whose number is a power of two. */
export function spectrumOf(values: Float64Array): Spectrum {
  const spectrum = { real: Float64Array.from(values), imaginary: new Float64Array(values.length) };
  transform(spectrum, -1);
  return spectrum;
}

/** The real values of a spectrum. Uses up the spectrum. */
export function valuesOf(spectrum: Spectrum): Float64Array {
  transform(spectrum, 1);
  const { real } = spectrum;
  for (let i = 0; i < real.length; i += 1) real[i] = (real[i] ?? 0) / real.length;
  return real;
}

/** The product, entry by entry: the spectrum of the circular convolution. */
export function multiplySpectra(a: Spectrum, b: Spectrum): Spectrum {
  const size = a.real.length;
  const product = { real: new Float64Array(size), imaginary: new Float64Array(size) };
  for (let k = 0; k < size; k += 1) {
    const ar = a.real[k] ?? 0;
    const ai = a.imaginary[k] ?? 0;
    const br = b.real[k] ?? 0;
    const bi = b.imaginary[k] ?? 0;
    product.real[k] = ar * br - ai * bi;
    product.imaginary[k] = ar * bi + ai * br;
  }
  return product;
}

/** The spectrum of the circular convolution of `count` copies. */
export function raiseSpectrum({ real, imaginary }: Spectrum, count: number): Spectrum {
  const size = real.length;
  const power = { real: new Float64Array(size), imaginary: new Float64Array(size) };
  for (let k = 0; k < size; k += 1) {
    const x = real[k] ?? 0;
    const y = imaginary[k] ?? 0;
    const magnitude = sqrt(x * x + y * y) ** count;
    const angle = atan2(y, x) * count;
    power.real[k] = magnitude * cos(angle);
    power.imaginary[k] = magnitude * sin(angle);
  }
  return power;
}
