import type { RandomBits } from '@castellan/differential-privacy';

/** Rows of height × width × channels numbers, line by line, the channels of a pixel side by side. */
export interface ImageShape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** What may happen to an image on the way to a gradient. */
export interface Augmentation {
  readonly image: ImageShape;
  /** So many copies of each row, each changed by draws of its own; the row's gradient is their mean. */
  readonly copies: number;
  readonly flip: readonly ('horizontal' | 'vertical')[];
  /** At most, to either side, in degrees. */
  readonly rotate: number;
  /** Moved by so many pixels at most, as if cut out of a wider frame. */
  readonly crop: number;
  /** How far an image is mixed with another of the same unit; 0: not at all. */
  readonly mix: number;
}

/** A number in [0, 1) by a draw of its own. */
export function uniform(random: RandomBits): number {
  return random.take(32) / 2 ** 32;
}

/** One changed copy of an image. Beyond its border it goes on as at the border. Every draw is made whatever it comes to. */
export function changed(
  source: Float32Array,
  { image, flip, rotate, crop }: Augmentation,
  random: RandomBits,
): Float32Array {
  const { height, width, channels } = image;
  const [across, down] = (['horizontal', 'vertical'] as const).map((way) => {
    const drawn = uniform(random) < 0.5;
    return flip.includes(way) && drawn ? -1 : 1;
  });
  const angle = ((2 * uniform(random) - 1) * rotate * Math.PI) / 180;
  const [right, lower] = [shift(crop, random), shift(crop, random)];
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const [middleX, middleY] = [(width - 1) / 2, (height - 1) / 2];
  const out = new Float32Array(source.length);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const [dx, dy] = [(x - middleX + right) * (across ?? 1), (y - middleY + lower) * (down ?? 1)];
      const at = [middleX + cos * dx - sin * dy, middleY + sin * dx + cos * dy] as const;
      for (let channel = 0; channel < channels; channel += 1)
        out[(y * width + x) * channels + channel] = sampled(source, image, at, channel);
    }
  return out;
}

function shift(most: number, random: RandomBits): number {
  return Math.floor(uniform(random) * (2 * most + 1)) - most;
}

/** Between the four pixels around a place. */
function sampled(
  source: Float32Array,
  { height, width, channels }: ImageShape,
  [x, y]: readonly [number, number],
  channel: number,
): number {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const pixel = (column: number, line: number) => {
    const [inside, within] = [
      Math.max(0, Math.min(width - 1, column)),
      Math.max(0, Math.min(height - 1, line)),
    ];
    return source[(within * width + inside) * channels + channel] ?? 0;
  };
  const [u, v] = [x - left, y - top];
  const upper = pixel(left, top) * (1 - u) + pixel(left + 1, top) * u;
  const lower = pixel(left, top + 1) * (1 - u) + pixel(left + 1, top + 1) * u;
  return upper * (1 - v) + lower * v;
}

/** `share` of the first and the rest of the second, number by number. */
export function mixed(first: Float32Array, second: Float32Array, share: number): Float32Array {
  return first.map((value, i) => share * value + (1 - share) * (second[i] ?? 0));
}
