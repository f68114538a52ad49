import { EngineError } from '../engine-error.js';
import { Hdf5File, type Hdf5Shape } from '../format/hdf5-file.js';
import { type Finding } from './finding.js';
import { inspectKerasConfig } from './inspect-json.js';
import { type InspectedFile } from './inspected-file.js';

/** Deflate, the densest of HDF5's filters, gives at most 1,032 bytes for one. */
const DENSEST_COMPRESSION = 1032;

/** Links out of the file, datasets that are more than the file can hold, code in a Keras configuration, corrupt data. */
export async function inspectHdf5({ path, source }: InspectedFile): Promise<Finding[]> {
  const file = await Hdf5File.open(source);
  try {
    return [...inspectObjects(path, source.size, file), ...inspectModelConfig(path, file)];
  } finally {
    file.close();
  }
}

/** Whether a dataset's claimed size can have come out of a file of this size. */
export function fitsInFile({ shape, elementBytes, compressed }: Hdf5Shape, fileBytes: number): boolean {
  const claimed = shape.reduce((product, dimension) => product * dimension, elementBytes);
  return claimed <= fileBytes * (compressed ? DENSEST_COMPRESSION : 1);
}

function* inspectObjects(path: string, fileBytes: number, file: Hdf5File): Generator<Finding> {
  for (const entry of file.entries()) {
    if (entry.kind === 'external-link') yield external(path, `"${entry.path}" is a link to another file.`);
    if (entry.kind !== 'dataset') continue;
    const claim = file.shape(entry.path);
    if (claim === undefined) continue;
    if (claim.virtual) yield external(path, `"${entry.path}" takes its data from other files.`);
    else if (!fitsInFile(claim, fileBytes)) {
      const detail = `"${entry.path}" claims more data than the file can hold.`;
      yield { code: 'hdf5_oversized_dataset', severity: 'critical', path, detail };
    } else if (claim.shape.every((dimension) => dimension > 0)) file.readThrough(entry.path);
  }
}

function external(path: string, detail: string): Finding {
  return { code: 'hdf5_external_link', severity: 'critical', path, detail };
}

function inspectModelConfig(path: string, file: Hdf5File): Iterable<Finding> {
  const text = file.attribute('/', 'model_config');
  if (typeof text !== 'string') return [];
  let config: unknown;
  try {
    config = JSON.parse(text);
  } catch (cause) {
    throw new EngineError('model_unreadable', 'The Keras configuration is not JSON.', cause);
  }
  return inspectKerasConfig(path, config);
}
