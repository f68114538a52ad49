import { extname } from 'node:path';
import { apart, EngineError, type EngineErrorCode, movable } from '@castellan/engine';
import { type KerasFile } from './keras-file.js';

export type Reading =
  | { readonly file: KerasFile }
  | { readonly failure: { readonly code: EngineErrorCode; readonly detail: string } };

/**
 * `readKerasFile` in a thread of its own: the HDF5 library's 28 MiB go with it instead of staying as long as the model. The
 * file's memory moves into the thread, which overwrites it.
 * @throws what `readKerasFile` throws; EngineError `model_unreadable` when the library brings the thread down
 */
export async function readKerasFileApart(bytes: Uint8Array): Promise<KerasFile> {
  const owned = movable(bytes);
  const entry = new URL(`./reading-thread${extname(import.meta.url)}`, import.meta.url);
  const reading = await apart<Reading>({ entry, task: owned, moved: [owned] }).catch((cause: unknown) => {
    throw new EngineError('model_unreadable', 'The file could not be read to its end.', cause);
  });
  if ('file' in reading) return reading.file;
  throw new EngineError(reading.failure.code, reading.failure.detail);
}
