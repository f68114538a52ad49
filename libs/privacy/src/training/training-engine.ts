import {
  fitBaseApart,
  runTraining,
  type BaseExpectation,
  type BaseFit,
  type TrainingRun,
  type TrainingTask,
} from '@castellan/keras';

export abstract class TrainingEngine {
  /** What of a Keras file would be trained. @throws EngineError `base_incompatible`, naming what differs, and the like */
  abstract fit(file: Uint8Array, expected: BaseExpectation): Promise<BaseFit>;

  /** Trains and gives a Keras file; undefined when it was stopped. */
  abstract train(task: TrainingTask, run: TrainingRun): Promise<Uint8Array | undefined>;
}

/** Each in a thread of its own. */
export class ThreadTrainingEngine extends TrainingEngine {
  override fit(file: Uint8Array, expected: BaseExpectation): Promise<BaseFit> {
    return fitBaseApart(file, expected);
  }

  override train(task: TrainingTask, run: TrainingRun): Promise<Uint8Array | undefined> {
    return runTraining(task, run);
  }
}
