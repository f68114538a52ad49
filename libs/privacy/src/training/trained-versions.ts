/** Who asked for a training: the author of the version that comes out. */
export interface TrainingAuthor {
  readonly personId: string;
}

/**
 * Makes a trained model the next version of a registered one: sealed, to be scanned, and a candidate for review like any
 * other. The author is whoever asked for the training, so that they can't approve it.
 */
export abstract class TrainedVersions {
  /** @throws when the model is gone */
  abstract publish(
    author: TrainingAuthor,
    model: string,
    files: ReadonlyMap<string, Uint8Array>,
  ): Promise<{ readonly id: string; readonly ref: string }>;
}
