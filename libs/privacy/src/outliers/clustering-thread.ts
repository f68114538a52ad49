import { parentPort, workerData } from 'node:worker_threads';
import type { ClusteringTask } from './cluster-apart.js';
import { cluster } from './clustering.js';

/** The entry of a thread that clusters one sample, answers once, and overwrites it. */
const { points, clusters } = workerData as ClusteringTask;
const clustering = cluster(points, clusters);
points.values.fill(0);
parentPort?.postMessage(clustering);
