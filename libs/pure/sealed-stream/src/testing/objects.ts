import type { KeyObject } from 'node:crypto';
import { open, SealedReader, type SealedSource } from '../index.js';

/** Byte i is i mod 251, as in the vectors. */
export function plaintextOf(length: number): Buffer {
  return Buffer.alloc(length, Buffer.from(Array.from({ length: 251 }, (_, i) => i)));
}

/** Cut into pieces of these sizes, in turn. */
export async function* inPieces(bytes: Uint8Array, ...sizes: number[]) {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 65_536;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

export async function collect(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(pieces));
}

export function inMemory(bytes: Uint8Array): SealedSource {
  return {
    sizeBytes: bytes.length,
    readInto: async (offset, target) => {
      if (offset + target.byteLength > bytes.length) throw new RangeError('beyond the end');
      target.set(bytes.subarray(offset, offset + target.byteLength));
    },
  };
}

type OpenWhole = (key: KeyObject, context: Uint8Array, sealed: Uint8Array) => Promise<Buffer>;

/** Every way to open a whole object. */
export const entryPoints: Readonly<Record<string, OpenWhole>> = {
  'open, in pieces': (key, context, sealed) =>
    collect(open(key, context, inPieces(sealed, 70_001, 1, 3_000_000))),
  'open, in one piece': (key, context, sealed) =>
    collect(open(key, context, inPieces(sealed, sealed.length))),
  SealedReader: async (key, context, sealed) => {
    const reader = await SealedReader.open(key, context, inMemory(sealed));
    return reader.read(0, reader.sizeBytes);
  },
};

/** The one thing a caller may learn about any failure to open. */
export const looksAlike = {
  code: 'unsealing_failed',
  kind: 'internal',
  publicDetail: 'The sealed object could not be opened.',
  meta: undefined,
};
