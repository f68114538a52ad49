import { MerkleError } from './merkle-error.js';
import { TILE_WIDTH } from './tile.js';

/** The length prefix is an unsigned 16-bit number. */
export const MAX_ENTRY_BYTES = 65_535;

const PREFIX_BYTES = 2;

/** @throws MerkleError `entry_too_long`: log the digest of anything larger */
export function requireEntry(entry: Uint8Array): void {
  if (entry.length > MAX_ENTRY_BYTES)
    throw new MerkleError('entry_too_long', `A log entry has at most ${MAX_ENTRY_BYTES} bytes.`);
}

/**
 * Joins 1 to 256 entries, each behind its length as two bytes, big-endian (C2SP tlog-tiles, "Log entries").
 * @throws MerkleError `entry_too_long`, `bundle_malformed`
 */
export function encodeEntryBundle(entries: readonly Uint8Array[]): Uint8Array {
  requireCount(entries.length);
  const parts = entries.flatMap((entry) => {
    requireEntry(entry);
    const prefix = Buffer.alloc(PREFIX_BYTES);
    prefix.writeUInt16BE(entry.length);
    return [prefix, entry];
  });
  return new Uint8Array(Buffer.concat(parts));
}

/** @throws MerkleError `bundle_malformed` */
export function decodeEntryBundle(bundle: Uint8Array): Uint8Array[] {
  const bytes = Buffer.from(bundle.buffer, bundle.byteOffset, bundle.byteLength);
  const entries: Uint8Array[] = [];
  for (let offset = 0; offset < bytes.length;) {
    const begin = offset + PREFIX_BYTES;
    const end = begin <= bytes.length ? begin + bytes.readUInt16BE(offset) : Infinity;
    if (end > bytes.length)
      throw new MerkleError('bundle_malformed', 'The bundle ends in the middle of an entry.');
    entries.push(bundle.slice(begin, end));
    offset = end;
  }
  requireCount(entries.length);
  return entries;
}

function requireCount(count: number): void {
  if (count < 1 || count > TILE_WIDTH)
    throw new MerkleError('bundle_malformed', `A bundle has 1 to ${TILE_WIDTH} entries.`);
}
