import { type Actor, requireAbility, visible } from '@castellan/access';
import type { TrainingRequest } from '@castellan/contracts';
import { Database } from '@castellan/database';
import { Injectable } from '@nestjs/common';
import type { DatasetRow } from '../dataset/dataset-store.js';
import { ShowSynthesis } from '../synthesis/show-synthesis.js';
import { FindBase, type BaseVersion } from './find-base.js';

/** What a training may start from and end in. */
export interface JudgedTraining {
  /** Whether the model has to be opened first. */
  readonly isNew: boolean;
  readonly base?: BaseVersion;
}

/** Whether somebody may have what a training names beside the dataset: its model, its base, its synthetic table. */
@Injectable()
export class JudgeTraining {
  constructor(
    private readonly database: Database,
    private readonly syntheses: ShowSynthesis,
    private readonly findBase: FindBase,
  ) {}

  /** @throws not_permitted, base_unknown, base_not_approved, synthesis_unknown */
  async execute(
    actor: Actor,
    dataset: DatasetRow,
    { model, base, evaluateOn }: Pick<TrainingRequest, 'model' | 'base' | 'evaluateOn'>,
  ): Promise<JudgedTraining> {
    const isNew = !(await this.isPublishable(actor, model));
    if (isNew) requireOpening(actor, dataset);
    if (evaluateOn !== undefined) await this.syntheses.find(dataset, evaluateOn);
    if (base === undefined) return { isNew };
    return { isNew, base: await this.findBase.execute(actor, base) };
  }

  /** False when there is no such model that they can see. @throws not_permitted when they may not publish versions of it */
  private async isPublishable(actor: Actor, name: string): Promise<boolean> {
    const model = await this.database.client.model.findFirst({
      where: { AND: [visible(actor, 'Model'), { name }] },
    });
    if (model === null) return false;
    requireAbility(actor, 'publish', 'Version', { model });
    return true;
  }
}

function requireOpening(actor: Actor, { projectId }: DatasetRow): void {
  const model = { organizationId: actor.organizationId, projectId };
  requireAbility(actor, 'create', 'Model', model);
  requireAbility(actor, 'publish', 'Version', { model });
}
