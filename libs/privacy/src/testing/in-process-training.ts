import { randomUUID } from 'node:crypto';
import type { BaseExpectation, TrainingRun, TrainingTask } from '@castellan/keras';
import { fitBaseHere, trainHere } from '@castellan/keras/testing';
import { BaseVersions, type OpenedBase } from '../training/base-versions.js';
import type { BaseVersion } from '../training/find-base.js';
import { TrainingEngine } from '../training/training-engine.js';
import { TrainedVersions, type TrainingAuthor } from '../training/trained-versions.js';
import { TrainingRequests } from '../training/training-requests.js';

/** Trains in this thread. */
export class InProcessTraining extends TrainingEngine {
  override fit(file: Uint8Array, expected: BaseExpectation) {
    return fitBaseHere(file, expected);
  }

  override train(task: TrainingTask, run: TrainingRun) {
    return trainHere(task, run);
  }
}

/** What was published, in memory. */
export class KeptVersions extends TrainedVersions {
  readonly published: {
    readonly author: TrainingAuthor;
    readonly model: string;
    readonly files: ReadonlyMap<string, Uint8Array>;
  }[] = [];

  override async publish(author: TrainingAuthor, model: string, files: ReadonlyMap<string, Uint8Array>) {
    this.published.push({ author, model, files });
    return { id: randomUUID(), ref: `${model}@${this.published.length}` };
  }
}

/** What a keybroker would release for the purpose `train`, by id. */
export class KeptBases extends BaseVersions {
  readonly opened = new Map<string, Omit<OpenedBase, 'dispose'> & { fault?: Error }>();
  disposed = 0;

  override async open({ id }: BaseVersion): Promise<OpenedBase> {
    const base = this.opened.get(id);
    if (base === undefined) throw new Error('no such base');
    if (base.fault) throw base.fault;
    return { ...base, dispose: () => void (this.disposed += 1) };
  }
}

/** Hands each request to a training of this process, as a queue would. */
export class InProcessTrainings extends TrainingRequests {
  readonly running: Promise<void>[] = [];
  readonly stopping = new AbortController();
  lost = false;
  train: (entryId: string) => Promise<void> = () => Promise.resolve();

  override async request(entryId: string): Promise<void> {
    if (!this.lost) this.running.push(this.train(entryId).catch(() => undefined));
  }
}
