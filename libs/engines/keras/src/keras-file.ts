import { detectFormat } from '@castellan/engine';
import { readKerasHdf5 } from './keras-hdf5.js';
import { readKerasZip } from './keras-zip.js';

/** One weight as Keras stored it. */
export interface StoredWeight {
  /** Keras's own name or place, for example `hidden_1/kernel:0`; for messages and for a check of the order. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** The weights of one layer in Keras's order; of a nested model, either all of them in a row or layer by layer. */
export type StoredLayer = readonly StoredWeight[] | StoredLayers;
export type StoredLayers = ReadonlyMap<string, StoredLayer>;

/** A Keras model out of its container: what to build, and the numbers to put in. */
export interface KerasFile {
  /** The parsed configuration, of either generation, free of code. */
  readonly config: unknown;
  /** 2 or 3: where the same configuration means different mathematics. */
  readonly generation: 2 | 3;
  readonly weights: StoredLayers;
}

/**
 * Reads a Keras file from memory, HDF5 or zip.
 * @throws EngineError `model_unreadable`; `model_carries_code` for a Lambda layer or an object from outside Keras
 */
export function readKerasFile(bytes: Uint8Array): Promise<KerasFile> {
  return detectFormat(bytes) === 'zip' ? readKerasZip(bytes) : readKerasHdf5(bytes);
}
