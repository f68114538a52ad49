import type { Route } from '../routing/route.js';
import { refusalOf } from './refusal.js';

/** Model metadata of the Open Inference Protocol v2. @throws why the deployment is not served, when it isn't */
export function metadataOf(route: Route): unknown {
  const [worker] = route.workers;
  if (worker === undefined) throw refusalOf(route);
  const { inputs, outputs } = worker.signature;
  return { name: route.name, versions: [String(route.number)], platform: worker.platform, inputs, outputs };
}
