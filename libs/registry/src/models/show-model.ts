import type { Model } from '@castellan/contracts';
import type { ModelRow } from './model-store.js';

/** A model as the contract shows it. */
export function showModel({ id, name, description, project, createdAt, versions }: ModelRow): Model {
  const latest = versions[0]?.number;
  return {
    id,
    name,
    description,
    project: project.name,
    createdAt: createdAt.toISOString(),
    ...(latest === undefined ? {} : { latestVersion: latest }),
  };
}
