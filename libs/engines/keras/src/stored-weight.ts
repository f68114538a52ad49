import { EngineError, fitsInFile, type Hdf5File, type Hdf5Value } from '@castellan/engine';
import { type StoredWeight } from './keras-file.js';

/**
 * Reads one weight, once its claimed size is one that the file can hold.
 * @throws EngineError `model_unreadable`; `model_feature_unsupported` for half precision
 */
export function readWeight(file: Hdf5File, path: string, name: string, fileBytes: number): StoredWeight {
  const claim = file.shape(path);
  if (claim === undefined) throw new EngineError('model_unreadable', `The weight "${name}" is missing.`);
  const { shape, float, elementBytes, virtual } = claim;
  if (virtual || !fitsInFile(claim, fileBytes)) {
    throw new EngineError(
      'model_unreadable',
      `The weight "${name}" claims more data than the file can hold.`,
    );
  }
  if (float && elementBytes < Float32Array.BYTES_PER_ELEMENT) {
    throw new EngineError(
      'model_feature_unsupported',
      `The weight "${name}" is in ${elementBytes * 8}-bit floats.`,
    );
  }
  const data = shape.includes(0) ? new Float32Array() : asFloats(name, file.read(path));
  return { name, shape, data };
}

function asFloats(name: string, values: Hdf5Value): Float32Array {
  if (values instanceof Float32Array) return values;
  if (!ArrayBuffer.isView(values)) throw new EngineError('model_unreadable', `The weight "${name}" is text.`);
  return Float32Array.from<number | bigint>(values, Number);
}
