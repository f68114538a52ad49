import { runTraining, type TrainingRun, type TrainingTask } from '@castellan/keras';

/** Trains and gives a Keras file; undefined when it was stopped. */
export abstract class TrainingEngine {
  abstract train(task: TrainingTask, run: TrainingRun): Promise<Uint8Array | undefined>;
}

/** In a thread of its own. */
export class ThreadTrainingEngine extends TrainingEngine {
  override train(task: TrainingTask, run: TrainingRun): Promise<Uint8Array | undefined> {
    return runTraining(task, run);
  }
}
