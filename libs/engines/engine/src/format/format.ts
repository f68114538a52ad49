import { asSource, type ByteSource, head } from './byte-source.js';
import { looksLikeOnnx } from './onnx-model.js';
import { readsAsPickle } from './pickle.js';
import { looksLikeSavedModel } from './saved-model.js';

/** What a file is by its content. Names and extensions are not looked at. */
export type FileFormat =
  | 'hdf5'
  | 'onnx'
  | 'tensorflow-saved-model'
  | 'gguf'
  | 'safetensors'
  | 'pickle'
  | 'numpy'
  | 'zip'
  | 'gzip'
  | 'zlib'
  | 'json'
  | 'text'
  | 'empty'
  | 'unknown';

/** The first bytes that settle a format by themselves. */
const MAGIC: readonly (readonly [FileFormat, readonly number[]])[] = [
  ['gguf', [0x47, 0x47, 0x55, 0x46]],
  ['numpy', [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]],
  ['zip', [0x50, 0x4b, 0x03, 0x04]],
  ['zip', [0x50, 0x4b, 0x05, 0x06]],
  ['gzip', [0x1f, 0x8b]],
];

const HDF5_SIGNATURE = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];
const HDF5_FIRST_USER_BLOCK = 512;
/** What is looked at first: enough for every format that says at its beginning what it is. */
const HEAD_BYTES = 4096;
/** V8 holds no longer text, and a loader of JSON has to. */
export const LONGEST_TEXT_BYTES = 2 ** 29 - 24;

/** Detects the format from the bytes alone. Never throws for what they are: what fits nothing is `unknown`. */
export function detectFormat(file: Uint8Array | ByteSource): FileFormat {
  const source = asSource(file);
  if (source.size === 0) return 'empty';
  const start = head(source, HEAD_BYTES);
  const known = MAGIC.find(([, magic]) => startsWith(start, magic));
  if (known !== undefined) return known[0];
  if (isHdf5(source)) return 'hdf5';
  if (isPickle(start, source)) return 'pickle';
  if (isSafetensors(start)) return 'safetensors';
  if (isZlib(start)) return 'zlib';
  if (looksLikeSavedModel(source)) return 'tensorflow-saved-model';
  if (looksLikeOnnx(source)) return 'onnx';
  return textFormat(start, source);
}

/** HDF5 looks for its signature at 0, 512, 1024, 2048 and so on, behind a "user block" of anything. */
function isHdf5(source: ByteSource): boolean {
  const length = HDF5_SIGNATURE.length;
  for (let at = 0; at + length <= source.size; at = Math.max(HDF5_FIRST_USER_BLOCK, at * 2)) {
    if (startsWith(source.read(at, length), HDF5_SIGNATURE)) return true;
  }
  return false;
}

/**
 * Protocols 2 and later announce themselves. 0 and 1 are known by running cleanly to their STOP, or by importing and
 * calling something before they break: a loader would have run that much.
 */
function isPickle(start: Uint8Array, source: ByteSource): boolean {
  const version = start[1];
  if (start[0] === 0x80 && version !== undefined && version >= 2 && version <= 5) return true;
  return readsAsPickle(source);
}

/** Eight bytes of header length, then a JSON object of that length. */
function isSafetensors(start: Uint8Array): boolean {
  if (start.length < 10 || start[8] !== 0x7b) return false;
  const length = new DataView(start.buffer, start.byteOffset).getBigUint64(0, true);
  return length >= 2n && length <= 0x1_0000_0000n;
}

function isZlib([first, second]: Uint8Array): boolean {
  if (first !== 0x78 || second === undefined) return false;
  return (first * 256 + second) % 31 === 0;
}

function textFormat(start: Uint8Array, source: ByteSource): FileFormat {
  if (source.size > LONGEST_TEXT_BYTES || plainText(start, 'begins') === undefined) return 'unknown';
  const text = plainText(source.read(0, source.size), 'whole');
  if (text === undefined) return 'unknown';
  try {
    JSON.parse(text);
    return 'json';
  } catch {
    return 'text';
  }
}

/** The text that the bytes are; undefined where they are none. */
function plainText(bytes: Uint8Array, extent: 'begins' | 'whole'): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: extent === 'begins' });
    return /[\u0000-\u0008\u000e-\u001f]/.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

function startsWith(bytes: Uint8Array, prefix: readonly number[]): boolean {
  return prefix.every((value, index) => bytes[index] === value);
}
