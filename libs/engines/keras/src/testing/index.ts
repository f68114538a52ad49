import { SystemBits } from '@castellan/differential-privacy';
import { writeHead } from '../training/head-file.js';
import type { TrainingRun } from '../training/run-training.js';
import { trainPrivately, type TrainingTask } from '../training/train-privately.js';

/** What `runTraining` does, without a thread. */
export async function trainHere(
  task: TrainingTask,
  { onProgress, signal }: TrainingRun,
): Promise<Uint8Array | undefined> {
  const weights = await trainPrivately(task, new SystemBits(), onProgress, signal);
  return signal.aborted ? undefined : writeHead(task.shape, weights, task.scaling);
}
