import { SystemBits } from '@castellan/differential-privacy';
import type { TrainingRun } from '../training/run-training.js';
import { trainModel, type TrainingTask } from '../training/train-model.js';

export { fitBaseHere } from './fit-base-here.js';

/** What `runTraining` does, without a thread. */
export function trainHere(
  task: TrainingTask,
  { onProgress, signal }: TrainingRun,
): Promise<Uint8Array | undefined> {
  return trainModel(task, new SystemBits(), onProgress, signal);
}
