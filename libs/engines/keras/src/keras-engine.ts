import {
  detectFormat,
  EngineError,
  wipe,
  type Engine,
  type LoadedModel,
  type ModelFiles,
} from '@castellan/engine';
import { readKerasFileApart } from './read-apart.js';

/** Loads one Keras model, HDF5 or Keras's own zip, of Keras 2 or 3, into TensorFlow.js. */
export const kerasEngine: Engine = {
  name: 'keras',
  accepts: (files) => kerasFileAmong(files) !== undefined,
  load: loadKeras,
};

async function loadKeras(files: ModelFiles): Promise<LoadedModel> {
  try {
    const bytes = kerasFileAmong(files);
    if (bytes === undefined) {
      throw new EngineError(
        'model_format_unsupported',
        'There is not exactly one Keras model among the files.',
      );
    }
    // TensorFlow.js takes most of a second to load; whoever only asks `accepts` need not wait for it.
    const [file, { buildKerasModel }] = await Promise.all([
      readKerasFileApart(bytes),
      import('./keras-model.js'),
    ]);
    return await buildKerasModel(file);
  } finally {
    wipe(files);
  }
}

/** The one Keras file among others; undefined when there is none, or more than one. */
export function kerasFileAmong(files: ModelFiles): Uint8Array | undefined {
  const models = Array.from(files.values()).filter(isKeras);
  return models.length === 1 ? models[0] : undefined;
}

/** Both formats name their parts in bytes that are not compressed. */
function isKeras(bytes: Uint8Array): boolean {
  const content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const format = detectFormat(bytes);
  if (format === 'hdf5') return content.includes('model_config');
  return format === 'zip' && content.includes('model.weights.h5');
}
