import { extname } from 'node:path';
import { apart } from '@castellan/engine';
import type { Clustering } from './clustering.js';
import type { Points } from './k-means.js';

export interface ClusteringTask {
  readonly points: { readonly values: Float64Array<ArrayBuffer>; readonly width: number };
  readonly clusters: number;
}

/** `cluster` in a thread of its own; the points move there and are overwritten. */
export function clusterApart({ values, width }: Points, clusters: number): Promise<Clustering> {
  const entry = new URL(`./clustering-thread${extname(import.meta.url)}`, import.meta.url);
  const owned = values as Float64Array<ArrayBuffer>;
  const task: ClusteringTask = { points: { values: owned, width }, clusters };
  return apart<Clustering>({ entry, task, moved: [new Uint8Array(owned.buffer)] });
}
