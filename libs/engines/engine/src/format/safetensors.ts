import { EngineError } from '../engine-error.js';
import { type ByteSource, whole } from './byte-source.js';

const LENGTH_BYTES = 8;
/** The format's own limit. Source: huggingface/safetensors `MAX_HEADER_SIZE`. */
const LONGEST_HEADER_BYTES = 100_000_000;

/**
 * Checks that a safetensors file is whole: a JSON header, and tensors that cover the rest of the file exactly, without
 * gap or overlap. Source: huggingface/safetensors README, "Format".
 * @throws EngineError `model_unreadable`, `model_too_large`
 */
export function checkSafetensors(source: ByteSource): void {
  if (source.size < LENGTH_BYTES) throw unreadable('is cut short');
  const prefix = source.read(0, LENGTH_BYTES);
  const headerBytes = new DataView(prefix.buffer, prefix.byteOffset).getBigUint64(0, true);
  if (headerBytes > BigInt(source.size - LENGTH_BYTES)) throw unreadable('is cut short inside its header');
  const dataStart = LENGTH_BYTES + Number(headerBytes);
  const text = whole(source.slice(LENGTH_BYTES, Number(headerBytes)), LONGEST_HEADER_BYTES, 'The header');
  const ranges = Object.entries(header(text))
    .filter(([name]) => name !== '__metadata__')
    .map(([name, entry]) => offsets(name, entry))
    .toSorted(([left], [right]) => left - right);
  const end = ranges.reduce((expected, [from, to]) => {
    if (from !== expected || to < from) throw unreadable('has tensors that overlap or leave a gap');
    return to;
  }, 0);
  if (dataStart + end !== source.size) throw unreadable('is not as long as its tensors');
}

function header(bytes: Uint8Array): object {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw unreadable('has a header that is not JSON', cause);
  }
  if (typeof value === 'object' && value !== null) return value;
  throw unreadable('has a header that is not an object');
}

function offsets(name: string, entry: unknown): [from: number, to: number] {
  if (typeof entry === 'object' && entry !== null && 'data_offsets' in entry) {
    const range = entry.data_offsets;
    if (Array.isArray(range)) {
      const [from, to]: readonly unknown[] = range;
      if (typeof from === 'number' && typeof to === 'number') return [from, to];
    }
  }
  throw unreadable(`says nowhere where "${name}" lies`);
}

function unreadable(detail: string, cause?: unknown): EngineError {
  return new EngineError('model_unreadable', `The safetensors file ${detail}.`, cause);
}
