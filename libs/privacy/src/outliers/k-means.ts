/** Points one after another, all of one width. */
export interface Points {
  readonly values: Float64Array;
  readonly width: number;
}

export interface Clusters {
  readonly centres: readonly Float64Array[];
  /** Which cluster each point is in. */
  readonly memberships: Int32Array;
}

const MOST_ROUNDS = 30;

export function countOf({ values, width }: Points): number {
  return width === 0 ? 0 : values.length / width;
}

export function pointAt({ values, width }: Points, at: number): Float64Array {
  return values.subarray(at * width, (at + 1) * width);
}

export function squaredDistance(left: Float64Array, right: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < left.length; i += 1) sum += ((left[i] ?? 0) - (right[i] ?? 0)) ** 2;
  return sum;
}

/** The nearest of `centres`, and how far it is, squared. */
export function nearest(
  point: Float64Array,
  centres: readonly Float64Array[],
): { readonly cluster: number; readonly squared: number } {
  let [cluster, squared] = [0, Infinity];
  centres.forEach((centre, at) => {
    const distance = squaredDistance(point, centre);
    if (distance < squared) [cluster, squared] = [at, distance];
  });
  return { cluster, squared };
}

/**
 * Lloyd's k-means from k-means++ starts: the same for the same points and seed. At most `wanted` clusters; fewer where there are
 * fewer different points. Source: Arthur and Vassilvitskii, k-means++, 2007.
 */
export function kMeans(points: Points, wanted: number, seed = 1): Clusters {
  let centres = startingCentres(points, wanted, randomOf(seed));
  const memberships = new Int32Array(countOf(points));
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    let moved = false;
    for (let at = 0; at < memberships.length; at += 1) {
      const { cluster } = nearest(pointAt(points, at), centres);
      if (round === 0 || cluster !== memberships[at]) moved = true;
      memberships[at] = cluster;
    }
    if (!moved) break;
    centres = meansOf(points, memberships, centres);
  }
  return { centres, memberships };
}

function startingCentres(points: Points, wanted: number, random: () => number): Float64Array[] {
  const count = countOf(points);
  if (count === 0) return [];
  const centres = [Float64Array.from(pointAt(points, Math.floor(random() * count)))];
  const distances = new Float64Array(count).fill(Infinity);
  while (centres.length < wanted) {
    const last = centres.at(-1) ?? new Float64Array();
    let total = 0;
    for (let at = 0; at < count; at += 1) {
      const distance = Math.min(distances[at] ?? 0, squaredDistance(pointAt(points, at), last));
      distances[at] = distance;
      total += distance;
    }
    if (total === 0) break;
    centres.push(Float64Array.from(pointAt(points, drawn(distances, random() * total))));
  }
  return centres;
}

/** The place at which the running sum reaches `target`. */
function drawn(weights: Float64Array, target: number): number {
  let sum = 0;
  for (let at = 0; at < weights.length; at += 1) {
    sum += weights[at] ?? 0;
    if (sum >= target && (weights[at] ?? 0) > 0) return at;
  }
  return weights.findLastIndex((weight) => weight > 0);
}

function meansOf(points: Points, memberships: Int32Array, before: readonly Float64Array[]): Float64Array[] {
  const sums = before.map(() => new Float64Array(points.width));
  const sizes = new Int32Array(before.length);
  memberships.forEach((cluster, at) => {
    const [sum, point] = [sums[cluster], pointAt(points, at)];
    sizes[cluster] = (sizes[cluster] ?? 0) + 1;
    for (let i = 0; sum !== undefined && i < point.length; i += 1) sum[i] = (sum[i] ?? 0) + (point[i] ?? 0);
  });
  return sums.map((sum, cluster) => {
    const size = sizes[cluster] ?? 0;
    return size === 0 ? (before[cluster] ?? sum) : sum.map((value) => value / size);
  });
}

/** Mulberry32: even enough to choose where to begin, and the same everywhere. Nothing private rests on it. */
export function randomOf(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
