import { Injectable } from '@nestjs/common';
import { type DataKeyInHand, DataKeys, SealedStore } from '@castellan/vault';
import { resultPath } from './task-request.js';
import type { TaskResult, TaskRow } from './task-store.js';

export interface SealedResult {
  readonly stored: TaskResult;
  readonly dataKey: DataKeyInHand;
}

/** Seals what a task makes under a key of its own, made for the text of the request: no other text will open it. */
@Injectable()
export class SealResult {
  constructor(
    private readonly dataKeys: DataKeys,
    private readonly sealed: SealedStore,
  ) {}

  async seal(
    { id, dataset }: TaskRow,
    requestDigest: string,
    result: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  ): Promise<SealedResult> {
    const dataKey = await this.dataKeys.generate({
      kind: 'task',
      id: requestDigest,
      project: dataset.projectId,
    });
    const { dataKeyId, key } = dataKey;
    const path = resultPath(requestDigest);
    const folder = `dataset-tasks/${id}`;
    const written = await this.sealed.write({ dataKeyId, key, path, folder, source: piecesOf(result) });
    return {
      dataKey,
      stored: {
        resultSha256: written.sha256,
        resultSizeBytes: written.sizeBytes,
        resultBlobKey: written.blobKey,
        resultDataKeyId: dataKeyId,
      },
    };
  }

  async discard({ stored }: SealedResult): Promise<void> {
    await this.sealed.remove(stored.resultBlobKey);
  }
}

async function* piecesOf(
  pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield* pieces;
}
