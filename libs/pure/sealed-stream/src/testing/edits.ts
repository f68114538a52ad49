import { chunkOffset, HEADER_BYTES } from '../layout.js';

/** What is done to a sealed object. Places are bytes, chunks are numbers, `flipBit` counts bits. */
export type Edit =
  | { readonly flipBit: number }
  | { readonly cutTo: number }
  | { readonly append: string }
  | { readonly dropBytes: readonly [start: number, end: number] }
  | { readonly zero: readonly [start: number, end: number] }
  | { readonly dropChunk: number }
  | { readonly repeatChunk: number }
  | { readonly swapChunks: readonly [number, number] }
  | { readonly overwriteChunk: number; readonly withChunk: number }
  | { readonly takeHeaderOf: Uint8Array };

/** A changed copy. Chunks and places that aren't there are left as they are. */
export function edited(sealed: Uint8Array, edits: readonly Edit[]): Buffer {
  return edits.reduce<Buffer>((bytes, edit) => apply(bytes, edit), Buffer.from(sealed));
}

function apply(bytes: Buffer, edit: Edit): Buffer {
  if ('flipBit' in edit) return flipBit(bytes, edit.flipBit);
  if ('cutTo' in edit) return bytes.subarray(0, edit.cutTo);
  if ('append' in edit) return Buffer.concat([bytes, Buffer.from(edit.append, 'hex')]);
  if ('dropBytes' in edit) return replaced(bytes, edit.dropBytes, []);
  if ('zero' in edit) {
    const copy = Buffer.from(bytes);
    copy.subarray(...edit.zero).fill(0);
    return copy;
  }
  if ('dropChunk' in edit) return replaced(bytes, spanOf(edit.dropChunk), []);
  if ('repeatChunk' in edit) {
    const chunk = chunkOf(bytes, edit.repeatChunk);
    return replaced(bytes, spanOf(edit.repeatChunk), [chunk, chunk]);
  }
  if ('overwriteChunk' in edit) {
    return replaced(bytes, spanOf(edit.overwriteChunk), [chunkOf(bytes, edit.withChunk)]);
  }
  if ('swapChunks' in edit) {
    const [first = 0, second = 0] = [...edit.swapChunks].sort((a, b) => a - b);
    const [former, latter] = [chunkOf(bytes, first), chunkOf(bytes, second)];
    return replaced(replaced(bytes, spanOf(second), [former]), spanOf(first), [latter]);
  }
  return replaced(bytes, [0, HEADER_BYTES], [edit.takeHeaderOf.subarray(0, HEADER_BYTES)]);
}

function flipBit(bytes: Buffer, bit: number): Buffer {
  const copy = Buffer.from(bytes);
  const at = bit >> 3;
  if (at < copy.length) copy.writeUInt8(copy.readUInt8(at) ^ (1 << (bit & 7)), at);
  return copy;
}

function spanOf(chunk: number): [number, number] {
  return [chunkOffset(chunk), chunkOffset(chunk + 1)];
}

function chunkOf(bytes: Buffer, chunk: number): Buffer {
  return bytes.subarray(...spanOf(chunk));
}

function replaced(
  bytes: Buffer,
  [start, end]: readonly [number, number],
  parts: readonly Uint8Array[],
): Buffer {
  return Buffer.concat([bytes.subarray(0, start), ...parts, bytes.subarray(end)]);
}
