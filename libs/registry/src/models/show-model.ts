import { type Model, Stage } from '@castellan/contracts';
import type { ModelRow } from './model-store.js';

/** A model as the contract shows it. */
export function showModel({ id, name, description, project, createdAt, versions }: ModelRow): Model {
  const latest = versions[0];
  return {
    id,
    name,
    description,
    project: project.name,
    createdAt: createdAt.toISOString(),
    ...(latest === undefined ? {} : { latestVersion: latest.number, latestStage: Stage.parse(latest.stage) }),
  };
}
