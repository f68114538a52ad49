import { Hdf5File } from '@castellan/engine';
import { type StoredWeight } from './keras-file.js';

/** A model to be written: its configuration as Keras has it, and each layer's weights in Keras's order. */
export interface KerasContent {
  readonly config: object;
  /** Keras's own version, such as `2.15.0`: it says which generation the configuration is of. */
  readonly kerasVersion: string;
  readonly layers: readonly { readonly name: string; readonly weights: readonly StoredWeight[] }[];
}

/**
 * Writes Keras's HDF5 format in memory: what `readKerasFile` reads, and Keras's `load_model` as well.
 * Source: Keras `legacy/saving/legacy_h5_format.py`.
 */
export function writeKerasHdf5({ config, kerasVersion, layers }: KerasContent): Promise<Uint8Array> {
  const root = '/model_weights';
  const about = { keras_version: kerasVersion, backend: 'tensorflow' };
  return Hdf5File.write((file) => {
    file.attributes('/', { ...about, model_config: JSON.stringify(config) });
    file.group(root);
    file.attributes(root, { ...about, layer_names: layers.map(({ name }) => name) });
    for (const { name, weights } of layers) {
      file.group(`${root}/${name}`);
      file.attributes(`${root}/${name}`, { weight_names: weights.map((weight) => weight.name) });
      for (const { name: path, shape, data } of weights) file.dataset(`${root}/${name}/${path}`, shape, data);
    }
  });
}
