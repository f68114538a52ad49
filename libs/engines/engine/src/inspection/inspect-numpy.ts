import { EngineError } from '../engine-error.js';
import { whole } from '../format/byte-source.js';
import { type Finding } from './finding.js';
import { inspectPickle } from './inspect-pickle.js';
import { type InspectedFile } from './inspected-file.js';

const PREFIX_BYTES = 8;
/** A header names one array's type; of a record, some hundred names. */
const LONGEST_HEADER_BYTES = 16 * 1024 * 1024;

/** A NumPy array is plain numbers, unless its elements are Python objects: then a pickle follows the header. */
export function inspectNumpy({ path, source }: InspectedFile): Iterable<Finding> {
  if (source.size < PREFIX_BYTES + 4)
    throw new EngineError('model_unreadable', 'The NumPy file is cut short.');
  const prefix = source.read(0, PREFIX_BYTES + 4);
  const view = new DataView(prefix.buffer, prefix.byteOffset);
  const [lengthBytes, headerBytes] =
    prefix[6] === 1 ? [2, view.getUint16(PREFIX_BYTES, true)] : [4, view.getUint32(PREFIX_BYTES, true)];
  const dataStart = PREFIX_BYTES + lengthBytes + headerBytes;
  if (dataStart > source.size) throw new EngineError('model_unreadable', 'The NumPy file is cut short.');
  const text = whole(
    source.slice(PREFIX_BYTES + lengthBytes, headerBytes),
    LONGEST_HEADER_BYTES,
    'The header',
  );
  if (!/['"][|<>=]?O\d*['"]/.test(new TextDecoder('latin1').decode(text))) return [];
  return inspectPickle({ path, source: source.slice(dataStart, source.size - dataStart) });
}
