import { countOf, kMeans, nearest, pointAt, type Points } from './k-means.js';
import { onPlane, principalPlane, type Plane } from './principal-components.js';
import { median } from './robust-scale.js';

/** What is usual in a table, learnt from a sample of its rows. */
export interface Clustering {
  /** Of clusters that are large enough to be usual. */
  readonly centres: readonly Float64Array[];
  /** Each cluster's median distance from its centre: what is far in one is near in another. */
  readonly reaches: readonly number[];
  /** Shares of the sample. */
  readonly shares: readonly number[];
  readonly plane: Plane;
  /** A few points of the sample, for a picture: place on the plane and cluster. */
  readonly drawn: readonly (readonly [number, number, number])[];
}

/** A smaller cluster is not usual: a handful of rows far from all others must not vouch for each other. */
const LEAST_SHARE = 0.01;
/** No cluster is so tight that a rounding error would be far away, in spreads. */
const LEAST_REACH = 0.25;
const DRAWN = 600;

/** Clusters of a sample; the largest of them is usual whatever its share. */
export function cluster(points: Points, wanted: number): Clustering {
  const count = countOf(points);
  const all = kMeans(points, wanted);
  const sizes = all.centres.map((_, at) =>
    all.memberships.reduce((sum, own) => sum + (own === at ? 1 : 0), 0),
  );
  const largest = Math.max(...sizes);
  const centres = all.centres.filter((_, at) => {
    const size = sizes[at] ?? 0;
    return size === largest || size >= LEAST_SHARE * count;
  });
  const plane = principalPlane(points);
  const distances: number[][] = centres.map(() => []);
  const drawn: [number, number, number][] = [];
  const stride = Math.max(1, Math.ceil(count / DRAWN));
  for (let at = 0; at < count; at += 1) {
    const point = pointAt(points, at);
    const near = nearest(point, centres);
    distances[near.cluster]?.push(Math.sqrt(near.squared));
    if (at % stride === 0) drawn.push([...onPlane(point, plane), near.cluster]);
  }
  return {
    centres,
    reaches: distances.map((own) => Math.max(LEAST_REACH, median(own))),
    shares: distances.map((own) => own.length / count),
    plane,
    drawn,
  };
}
