import { extname } from 'node:path';
import { apart, EngineError, type EngineErrorCode } from '@castellan/engine';
import type { BaseExpectation, BaseFit } from './fit-base.js';

/** What a thread says of a base. */
export type Fitting =
  | { readonly fit: BaseFit }
  | { readonly failure: { readonly code: EngineErrorCode; readonly detail: string } };

export interface FittingTask {
  readonly bytes: Uint8Array;
  readonly expected: BaseExpectation;
}

/**
 * Says what of a Keras file would be trained, in a thread of its own; the file's bytes stay the caller's.
 * @throws EngineError `base_incompatible`, naming what differs; what reading and building a model throw
 */
export async function fitBaseApart(file: Uint8Array, expected: BaseExpectation): Promise<BaseFit> {
  const bytes = Uint8Array.from(file);
  const entry = new URL(`./fitting-thread${extname(import.meta.url)}`, import.meta.url);
  const task: FittingTask = { bytes, expected };
  const fitting = await apart<Fitting>({ entry, task, moved: [bytes] }).catch((cause: unknown) => {
    throw new EngineError('model_unreadable', 'The file could not be read to its end.', cause);
  });
  if ('fit' in fitting) return fitting.fit;
  throw new EngineError(fitting.failure.code, fitting.failure.detail);
}
