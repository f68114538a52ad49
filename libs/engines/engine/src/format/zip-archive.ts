import { crc32, inflateRawSync } from 'node:zlib';
import { EngineError } from '../engine-error.js';
import { asSource, type ByteSource, pieces, whole } from './byte-source.js';

export interface ZipEntry {
  readonly path: string;
  readonly sizeBytes: number;
  /** Bytes of memory that `open` takes: none for an entry that lies in the archive as it is. */
  readonly unpackedBytes: number;
  /**
   * Its content in memory of its own.
   * @throws EngineError `model_unreadable` for a corrupt entry, or one longer than it says; `model_too_large`
   */
  read(): Uint8Array;
  /** Its content, where it lies if it can be read there. Checked as by `read`. */
  open(): ByteSource;
}

const END_SIGNATURE = 0x0605_4b50;
const CENTRAL_SIGNATURE = 0x0201_4b50;
const LOCAL_SIGNATURE = 0x0403_4b50;
const END_BYTES = 22;
const CENTRAL_BYTES = 46;
const LOCAL_BYTES = 30;
const LONGEST_COMMENT = 0xffff;
/** Far more than 65,535 files by usual names. */
const LONGEST_DIRECTORY_BYTES = 64 * 1024 * 1024;
/** As much as may be unpacked. */
const LONGEST_PACKED_BYTES = 2 ** 31;
const PIECE_BYTES = 1024 * 1024;
const ENCRYPTED = 1;
const STORED = 0;
const DEFLATED = 8;

/**
 * The files of a zip archive, from its central directory, each checked against the header before its data, so that two
 * readers can't be shown two different archives. No zip64, no encryption. Source: PKWARE APPNOTE 6.3.
 * @throws EngineError `model_unreadable`
 */
export function readZip(bytes: Uint8Array | ByteSource): readonly ZipEntry[] {
  const archive = asSource(bytes);
  const { end, count, start } = findEnd(archive);
  const entries: ZipEntry[] = [];
  let offset = start;
  let packedBytes = 0;
  for (let index = 0; index < count; index += 1) {
    if (offset - start > LONGEST_DIRECTORY_BYTES) throw unreadable('has too long a central directory');
    const record = centralRecord(archive, offset, end);
    packedBytes += record.data.size;
    if (!record.path.endsWith('/')) entries.push(zipEntry(record));
    offset = record.next;
  }
  if (new Set(entries.map((entry) => entry.path)).size < entries.length)
    throw unreadable('names a file twice');
  if (packedBytes > archive.size) throw unreadable('holds files that overlap');
  return entries;
}

interface End {
  /** Where the central directory ends, at the latest. */
  readonly end: number;
  readonly count: number;
  readonly start: number;
}

function findEnd(archive: ByteSource): End {
  const first = Math.max(0, archive.size - END_BYTES - LONGEST_COMMENT);
  const tail = viewOf(archive.read(first, archive.size - first));
  for (let at = tail.byteLength - END_BYTES; at >= 0; at -= 1) {
    if (tail.getUint32(at, true) !== END_SIGNATURE) continue;
    return { end: first + at, count: tail.getUint16(at + 10, true), start: tail.getUint32(at + 16, true) };
  }
  throw unreadable('has no central directory; it is cut short');
}

interface CentralRecord {
  readonly path: string;
  readonly method: number;
  readonly checksum: number;
  readonly sizeBytes: number;
  readonly data: ByteSource;
  /** Where the next record stands. */
  readonly next: number;
}

function centralRecord(archive: ByteSource, offset: number, end: number): CentralRecord {
  if (offset + CENTRAL_BYTES > end) throw unreadable('has a broken central directory');
  const view = viewOf(archive.read(offset, CENTRAL_BYTES));
  if (view.getUint32(0, true) !== CENTRAL_SIGNATURE) throw unreadable('has a broken central directory');
  const nameBytes = view.getUint16(28, true);
  const moreBytes = nameBytes + view.getUint16(30, true) + view.getUint16(32, true);
  const path = name(archive, offset + CENTRAL_BYTES, nameBytes);
  if ((view.getUint16(8, true) & ENCRYPTED) !== 0) throw unreadable(`holds "${path}" encrypted`);
  return {
    path,
    method: view.getUint16(10, true),
    checksum: view.getUint32(16, true),
    sizeBytes: view.getUint32(24, true),
    data: localData(archive, view.getUint32(42, true), path, view.getUint32(20, true)),
    next: offset + CENTRAL_BYTES + moreBytes,
  };
}

function localData(archive: ByteSource, offset: number, path: string, compressedBytes: number): ByteSource {
  if (offset + LOCAL_BYTES > archive.size) throw unreadable(`has no data for "${path}"`);
  const view = viewOf(archive.read(offset, LOCAL_BYTES));
  if (view.getUint32(0, true) !== LOCAL_SIGNATURE) throw unreadable(`has no data for "${path}"`);
  const nameBytes = view.getUint16(26, true);
  if (name(archive, offset + LOCAL_BYTES, nameBytes) !== path)
    throw unreadable(`names "${path}" in two ways`);
  const start = offset + LOCAL_BYTES + nameBytes + view.getUint16(28, true);
  if (start + compressedBytes > archive.size) throw unreadable(`is cut short inside "${path}"`);
  return archive.slice(start, compressedBytes);
}

function zipEntry(record: CentralRecord): ZipEntry {
  const { path, method, sizeBytes, data } = record;
  const stored = method === STORED;
  const read = (): Uint8Array => decompress(record);
  const open = (): ByteSource => (stored ? checked(record, data) : asSource(read()));
  return { path, sizeBytes, unpackedBytes: stored ? 0 : sizeBytes, read, open };
}

function decompress(record: CentralRecord): Uint8Array {
  const { path, method, sizeBytes, data } = record;
  if (method !== STORED && method !== DEFLATED) throw unreadable(`compresses "${path}" by method ${method}`);
  const packed = whole(data, LONGEST_PACKED_BYTES, `"${path}" in the zip archive`);
  let content: Uint8Array;
  try {
    content =
      method === STORED
        ? packed.slice()
        : inflateRawSync(packed, { maxOutputLength: Math.max(sizeBytes, 1) });
  } catch (cause) {
    throw unreadable(`can't be decompressed at "${path}"`, cause);
  }
  checked(record, asSource(content));
  return content;
}

/** The content, once it has the length and the checksum that the directory says. */
function checked({ path, sizeBytes, checksum }: CentralRecord, content: ByteSource): ByteSource {
  let sum = 0;
  if (content.size === sizeBytes) for (const piece of pieces(content, PIECE_BYTES)) sum = crc32(piece, sum);
  if (content.size !== sizeBytes || sum !== checksum) throw unreadable(`is corrupt at "${path}"`);
  return content;
}

function name(archive: ByteSource, offset: number, length: number): string {
  if (offset + length > archive.size) throw unreadable('is cut short inside a name');
  return new TextDecoder().decode(archive.read(offset, length));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function unreadable(detail: string, cause?: unknown): EngineError {
  return new EngineError('model_unreadable', `The zip archive ${detail}.`, cause);
}
