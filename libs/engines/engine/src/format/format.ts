import { looksLikeOnnx } from './onnx-model.js';
import { actsAsPickle, endsAsPickle } from './pickle.js';
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

/** Detects the format from the bytes alone. Never throws: what fits nothing is `unknown`. */
export function detectFormat(bytes: Uint8Array): FileFormat {
  if (bytes.length === 0) return 'empty';
  const known = MAGIC.find(([, magic]) => startsWith(bytes, magic));
  if (known !== undefined) return known[0];
  if (isHdf5(bytes)) return 'hdf5';
  if (isPickle(bytes)) return 'pickle';
  if (isSafetensors(bytes)) return 'safetensors';
  if (isZlib(bytes)) return 'zlib';
  if (looksLikeSavedModel(bytes)) return 'tensorflow-saved-model';
  if (looksLikeOnnx(bytes)) return 'onnx';
  return textFormat(bytes);
}

/** HDF5 looks for its signature at 0, 512, 1024, 2048 and so on, behind a "user block" of anything. */
function isHdf5(bytes: Uint8Array): boolean {
  if (startsWith(bytes, HDF5_SIGNATURE)) return true;
  for (let at = HDF5_FIRST_USER_BLOCK; at + HDF5_SIGNATURE.length <= bytes.length; at *= 2) {
    if (startsWith(bytes.subarray(at), HDF5_SIGNATURE)) return true;
  }
  return false;
}

/**
 * Protocols 2 and later announce themselves. 0 and 1 are known by running cleanly to their STOP, or by importing and
 * calling something before they break: a loader would have run that much.
 */
function isPickle(bytes: Uint8Array): boolean {
  const version = bytes[1];
  if (bytes[0] === 0x80 && version !== undefined && version >= 2 && version <= 5) return true;
  return endsAsPickle(bytes) || actsAsPickle(bytes);
}

/** Eight bytes of header length, then a JSON object of that length. */
function isSafetensors(bytes: Uint8Array): boolean {
  if (bytes.length < 10 || bytes[8] !== 0x7b) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getBigUint64(0, true);
  return length >= 2n && length <= 0x1_0000_0000n;
}

function isZlib(bytes: Uint8Array): boolean {
  const [first, second] = bytes;
  if (first !== 0x78 || second === undefined) return false;
  return (first * 256 + second) % 31 === 0;
}

function textFormat(bytes: Uint8Array): FileFormat {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return 'unknown';
  }
  if (/[\u0000-\u0008\u000e-\u001f]/.test(text)) return 'unknown';
  try {
    JSON.parse(text);
    return 'json';
  } catch {
    return 'text';
  }
}

function startsWith(bytes: Uint8Array, prefix: readonly number[]): boolean {
  return prefix.every((value, index) => bytes[index] === value);
}
