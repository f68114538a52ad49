import { EngineError } from '../engine-error.js';
import { type Finding } from './finding.js';
import { inspectPickle } from './inspect-pickle.js';
import { type InspectedFile } from './inspected-file.js';

const PREFIX_BYTES = 8;

/** A NumPy array is plain numbers, unless its elements are Python objects: then a pickle follows the header. */
export function inspectNumpy({ path, bytes }: InspectedFile): Iterable<Finding> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < PREFIX_BYTES + 4)
    throw new EngineError('model_unreadable', 'The NumPy file is cut short.');
  const [lengthBytes, headerBytes] =
    bytes[6] === 1 ? [2, view.getUint16(PREFIX_BYTES, true)] : [4, view.getUint32(PREFIX_BYTES, true)];
  const dataStart = PREFIX_BYTES + lengthBytes + headerBytes;
  if (dataStart > bytes.length) throw new EngineError('model_unreadable', 'The NumPy file is cut short.');
  const header = new TextDecoder('latin1').decode(bytes.subarray(PREFIX_BYTES + lengthBytes, dataStart));
  if (!/['"][|<>=]?O\d*['"]/.test(header)) return [];
  return inspectPickle({ path, bytes: bytes.subarray(dataStart) });
}
