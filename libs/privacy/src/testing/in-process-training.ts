import { randomUUID } from 'node:crypto';
import type { TrainingRun, TrainingTask } from '@castellan/keras';
import { trainHere } from '@castellan/keras/testing';
import { TrainingEngine } from '../training/training-engine.js';
import { TrainedVersions, type TrainingAuthor } from '../training/trained-versions.js';
import { TrainingRequests } from '../training/training-requests.js';

/** Trains in this thread. */
export class InProcessTraining extends TrainingEngine {
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
