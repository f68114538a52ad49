import { createHash, randomUUID } from 'node:crypto';
import type { CreateDataset, Dataset, SourceLogin } from '@castellan/contracts';
import { FakeRefusal } from './fake-refusal.js';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** Datasets that are tables of somebody's PostgreSQL, or objects of somebody's bucket. */
export class FakeReferences {
  readonly datasets: Dataset[] = [];

  declare({ name, project, declaration }: CreateDataset, steward: string, now: Date): Dataset {
    if (declaration.source?.kind === 'postgresql' && declaration.source.host === 'nowhere.example.org')
      throw new FakeRefusal(403, 'source_not_allowed', 'Datasets may not name this database.');
    const dataset: Dataset = {
      id: randomUUID(),
      name,
      project,
      steward,
      declaration,
      declarationDigest: sha256(JSON.stringify(declaration)),
      state: 'declared',
      dataVersion: 1,
      createdAt: now.toISOString(),
    };
    this.datasets.push(dataset);
    return dataset;
  }

  seal(ref: string, login: SourceLogin): Dataset {
    return this.#change(ref, () => ({ state: 'sealed', sha256: sha256(JSON.stringify(login)) }));
  }

  renew(ref: string): Dataset {
    return this.#change(ref, ({ dataVersion = 1 }) => ({ dataVersion: dataVersion + 1 }));
  }

  #change(ref: string, change: (dataset: Dataset) => Partial<Dataset>): Dataset {
    const at = this.datasets.findIndex(({ id, name }) => id === ref || name === ref);
    const found = this.datasets[at];
    if (found === undefined) throw new FakeRefusal(404, 'dataset_unknown', 'There is no such dataset.');
    const changed = { ...found, ...change(found) };
    this.datasets[at] = changed;
    return changed;
  }
}
