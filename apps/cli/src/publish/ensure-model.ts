import { CastellanError } from '@castellan/errors';
import type { ApiClient } from '../client/api-client.js';
import { UsageError } from '../usage-error.js';

/** The model is there afterwards, in this project. @throws UsageError where it is another project's */
export async function ensureModel(api: ApiClient, model: string, project: string): Promise<void> {
  try {
    await api.createModel({ project, name: model });
  } catch (error) {
    if (!(error instanceof CastellanError) || error.kind !== 'conflict') throw error;
    const existing = await api.model(model);
    if (existing.project === project) return;
    throw new UsageError(`The model ${model} belongs to the project ${existing.project}, not ${project}.`);
  }
}
