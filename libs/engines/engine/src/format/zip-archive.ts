import { crc32, inflateRawSync } from 'node:zlib';
import { EngineError } from '../engine-error.js';

export interface ZipEntry {
  readonly path: string;
  readonly sizeBytes: number;
  /** @throws EngineError `model_unreadable` for a corrupt entry, or one longer than it says */
  read(): Uint8Array;
}

const END_SIGNATURE = 0x0605_4b50;
const CENTRAL_SIGNATURE = 0x0201_4b50;
const LOCAL_SIGNATURE = 0x0403_4b50;
const END_BYTES = 22;
const CENTRAL_BYTES = 46;
const LOCAL_BYTES = 30;
const LONGEST_COMMENT = 0xffff;
const ENCRYPTED = 1;
const STORED = 0;
const DEFLATED = 8;

/**
 * The files of a zip archive, from its central directory, each checked against the header before its data, so that two
 * readers can't be shown two different archives. No zip64, no encryption. Source: PKWARE APPNOTE 6.3.
 * @throws EngineError `model_unreadable`
 */
export function readZip(archive: Uint8Array): readonly ZipEntry[] {
  const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength);
  const end = findEnd(view);
  const count = view.getUint16(end + 10, true);
  const entries: ZipEntry[] = [];
  let offset = view.getUint32(end + 16, true);
  for (let index = 0; index < count; index += 1) {
    const record = centralRecord(archive, view, offset, end);
    if (!record.path.endsWith('/')) entries.push(record);
    offset = record.next;
  }
  if (new Set(entries.map((entry) => entry.path)).size < entries.length)
    throw unreadable('names a file twice');
  return entries;
}

function findEnd(view: DataView): number {
  const first = Math.max(0, view.byteLength - END_BYTES - LONGEST_COMMENT);
  for (let at = view.byteLength - END_BYTES; at >= first; at -= 1) {
    if (view.getUint32(at, true) === END_SIGNATURE) return at;
  }
  throw unreadable('has no central directory; it is cut short');
}

function centralRecord(
  archive: Uint8Array,
  view: DataView,
  offset: number,
  end: number,
): ZipEntry & { readonly next: number } {
  if (offset + CENTRAL_BYTES > end || view.getUint32(offset, true) !== CENTRAL_SIGNATURE) {
    throw unreadable('has a broken central directory');
  }
  const flags = view.getUint16(offset + 8, true);
  const method = view.getUint16(offset + 10, true);
  const checksum = view.getUint32(offset + 16, true);
  const compressedBytes = view.getUint32(offset + 20, true);
  const sizeBytes = view.getUint32(offset + 24, true);
  const nameBytes = view.getUint16(offset + 28, true);
  const next =
    offset +
    CENTRAL_BYTES +
    nameBytes +
    view.getUint16(offset + 30, true) +
    view.getUint16(offset + 32, true);
  const local = view.getUint32(offset + 42, true);
  const path = name(archive, offset + CENTRAL_BYTES, nameBytes);
  if ((flags & ENCRYPTED) !== 0) throw unreadable(`holds "${path}" encrypted`);
  const data = localData(archive, view, local, path, compressedBytes);
  const read = (): Uint8Array => decompress(path, method, data, sizeBytes, checksum);
  return { path, sizeBytes, next, read };
}

function localData(
  archive: Uint8Array,
  view: DataView,
  offset: number,
  path: string,
  compressedBytes: number,
): Uint8Array {
  if (offset + LOCAL_BYTES > view.byteLength || view.getUint32(offset, true) !== LOCAL_SIGNATURE) {
    throw unreadable(`has no data for "${path}"`);
  }
  const nameBytes = view.getUint16(offset + 26, true);
  if (name(archive, offset + LOCAL_BYTES, nameBytes) !== path)
    throw unreadable(`names "${path}" in two ways`);
  const start = offset + LOCAL_BYTES + nameBytes + view.getUint16(offset + 28, true);
  if (start + compressedBytes > view.byteLength) throw unreadable(`is cut short inside "${path}"`);
  return archive.subarray(start, start + compressedBytes);
}

function decompress(
  path: string,
  method: number,
  data: Uint8Array,
  sizeBytes: number,
  checksum: number,
): Uint8Array {
  if (method !== STORED && method !== DEFLATED) throw unreadable(`compresses "${path}" by method ${method}`);
  let content: Uint8Array;
  try {
    content =
      method === STORED ? data.slice() : inflateRawSync(data, { maxOutputLength: Math.max(sizeBytes, 1) });
  } catch (cause) {
    throw unreadable(`can't be decompressed at "${path}"`, cause);
  }
  if (content.length !== sizeBytes || crc32(content) !== checksum)
    throw unreadable(`is corrupt at "${path}"`);
  return content;
}

function name(archive: Uint8Array, offset: number, length: number): string {
  return new TextDecoder().decode(archive.subarray(offset, offset + length));
}

function unreadable(detail: string, cause?: unknown): EngineError {
  return new EngineError('model_unreadable', `The zip archive ${detail}.`, cause);
}
