import { EngineError, Hdf5File } from '@castellan/engine';
import { generationOf, parseKerasConfig } from './keras-config.js';
import { type KerasFile, type StoredLayers } from './keras-file.js';
import { readWeight } from './stored-weight.js';

/**
 * Keras's HDF5 format, of Keras 2 and 3: the configuration and the order of layers and weights in attributes, the
 * weights below `/model_weights`. Source: Keras `legacy/saving/legacy_h5_format.py`.
 * @throws EngineError `model_unreadable`, `model_carries_code`, `model_feature_unsupported`
 */
export async function readKerasHdf5(bytes: Uint8Array): Promise<KerasFile> {
  const file = await Hdf5File.open(bytes);
  try {
    const text = file.attribute('/', 'model_config');
    if (typeof text !== 'string') {
      throw new EngineError('model_unreadable', 'The file holds weights without a model configuration.');
    }
    const config = parseKerasConfig(text);
    const version = file.attribute('/', 'keras_version') ?? file.attribute(ROOT, 'keras_version');
    return { config, generation: generationOf(version), weights: readLayers(file, bytes.length) };
  } finally {
    file.close();
  }
}

const ROOT = '/model_weights';

function readLayers(file: Hdf5File, fileBytes: number): StoredLayers {
  return new Map(
    names(file, ROOT, 'layer_names').map((layer) => {
      const group = `${ROOT}/${layer}`;
      const weights = names(file, group, 'weight_names');
      return [layer, weights.map((name) => readWeight(file, `${group}/${name}`, name, fileBytes))];
    }),
  );
}

/** A list of names, which Keras splits over `x0`, `x1`, … where it is too long for one attribute. */
function names(file: Hdf5File, path: string, attribute: string): string[] {
  const whole = file.attribute(path, attribute);
  if (whole !== undefined) return asNames(path, whole);
  const parts: string[] = [];
  for (let part = 0; ; part += 1) {
    const piece = file.attribute(path, `${attribute}${part}`);
    if (piece === undefined) return parts;
    parts.push(...asNames(path, piece));
  }
}

function asNames(path: string, value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value) && value.every((name) => typeof name === 'string')) return value;
  throw new EngineError('model_unreadable', `The names at "${path}" are not text.`);
}
