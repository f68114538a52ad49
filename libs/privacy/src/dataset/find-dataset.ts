import { Injectable } from '@nestjs/common';
import { type Actor, requireAbility, visible } from '@castellan/access';
import { PrivacyError } from '../privacy-error.js';
import { type DatasetRow, DatasetStore } from './dataset-store.js';

/** The dataset that a path names (by id or name), for somebody who may do `action` with it. */
@Injectable()
export class FindDataset {
  constructor(private readonly datasets: DatasetStore) {}

  /** @throws dataset_unknown when there is none or the actor may not even see it; not_permitted */
  async execute(actor: Actor, ref: string, action = 'read'): Promise<DatasetRow> {
    const dataset = await this.datasets.visibleByRef(visible(actor, 'Dataset'), ref);
    if (dataset === null)
      throw new PrivacyError('dataset_unknown', {
        kind: 'not_found',
        publicDetail: `There is no dataset ${JSON.stringify(ref)}.`,
      });
    requireAbility(actor, action, 'Dataset', dataset);
    return dataset;
  }
}
