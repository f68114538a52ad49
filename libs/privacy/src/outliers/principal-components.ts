import { countOf, pointAt, randomOf, type Points } from './k-means.js';

/** Two directions in which points differ most, and their middle. */
export interface Plane {
  readonly middle: Float64Array;
  readonly axes: readonly [Float64Array, Float64Array];
}

const ROUNDS = 60;

/** The first two principal components, by power iteration on the points themselves, from the same start every time. */
export function principalPlane(points: Points): Plane {
  const { width } = points;
  const count = countOf(points);
  const middle = new Float64Array(width);
  for (let at = 0; at < count; at += 1)
    pointAt(points, at).forEach((value, i) => (middle[i] = (middle[i] ?? 0) + value / count));
  const first = strongest(points, middle, []);
  return { middle, axes: [first, strongest(points, middle, [first])] };
}

/** Where a point lies on the plane. */
export function onPlane(point: Float64Array, { middle, axes }: Plane): [number, number] {
  const [x, y] = axes.map((axis) =>
    axis.reduce((sum, part, i) => sum + part * ((point[i] ?? 0) - (middle[i] ?? 0)), 0),
  );
  return [x ?? 0, y ?? 0];
}

function strongest(points: Points, middle: Float64Array, before: readonly Float64Array[]): Float64Array {
  const random = randomOf(before.length + 1);
  let axis = normalised(
    new Float64Array(points.width).map(() => random() - 0.5),
    before,
  );
  for (let round = 0; round < ROUNDS; round += 1) {
    const next = new Float64Array(points.width);
    for (let at = 0; at < countOf(points); at += 1) {
      const point = pointAt(points, at);
      const along = axis.reduce((sum, part, i) => sum + part * ((point[i] ?? 0) - (middle[i] ?? 0)), 0);
      for (let i = 0; i < next.length; i += 1)
        next[i] = (next[i] ?? 0) + along * ((point[i] ?? 0) - (middle[i] ?? 0));
    }
    axis = normalised(next, before);
  }
  return axis;
}

/** At right angles to those before, and of length one; all zeros where nothing is left. */
function normalised(vector: Float64Array, before: readonly Float64Array[]): Float64Array {
  for (const other of before) {
    const along = other.reduce((sum, part, i) => sum + part * (vector[i] ?? 0), 0);
    vector.forEach((value, i) => (vector[i] = value - along * (other[i] ?? 0)));
  }
  const length = Math.hypot(...vector);
  return length < 1e-12 ? vector.fill(0) : vector.map((value) => value / length);
}
