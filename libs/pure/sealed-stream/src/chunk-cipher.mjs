/**
 * One chunk under its stream's key: SPEC.md, "Chunks". In place, in memory of the caller's (shared memory too), so that
 * threads can work on one stream. Plain JavaScript, because a thread starts from a file, whatever compiles the rest.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const TAG_BYTES = 16;
/**
 * What Node gives out is fresh memory, which would come back with the next collection of garbage only. Each slice is let go of at
 * once, so that the next lies in the same memory, still in the processor's cache.
 *
 * Below 64 KiB, from where on a process that was told to keep little takes memory from the system. No multiple of 4096: where the
 * slices and the block lie alike within a page, the processor takes reads from one for reads of what it just wrote to the other,
 * and AES takes twice as long.
 */
const SLICE_BYTES = 59_968;

/** `block`: the plaintext, and after it room for the tag. It holds the sealed chunk then. */
export function sealChunkInPlace({ key, baseNonce }, index, block) {
  const plainBytes = block.byteLength - TAG_BYTES;
  const cipher = createCipheriv(ALGORITHM, key, nonceOf(baseNonce, index), { authTagLength: TAG_BYTES });
  transform(cipher, block, plainBytes);
  block.set(cipher.getAuthTag(), plainBytes);
}

/** `block`: a sealed chunk, at least a tag. True: it begins with the plaintext now. False: it is not genuine, and wiped. */
export function openChunkInPlace({ key, baseNonce }, index, block) {
  const plainBytes = block.byteLength - TAG_BYTES;
  // Without authTagLength, Node takes tags of 4 bytes.
  const decipher = createDecipheriv(ALGORITHM, key, nonceOf(baseNonce, index), { authTagLength: TAG_BYTES });
  decipher.setAuthTag(block.slice(plainBytes));
  try {
    transform(decipher, block, plainBytes);
    return true;
  } catch {
    block.fill(0);
    return false;
  }
}

function transform(cipher, block, plainBytes) {
  for (let at = 0; at < plainBytes; at += SLICE_BYTES) {
    const slice = cipher.update(block.subarray(at, Math.min(at + SLICE_BYTES, plainBytes)));
    copyInto(block, at, slice);
    letGo(slice);
  }
  // GCM keeps nothing back for the end.
  cipher.final();
}

/** `target.set(source, at)`, which V8 does word by word where `target` is shared memory; a part of a Buffer it copies as one. */
export function copyInto(target, at, source) {
  const last = source.byteLength - 1;
  if (last < 0) return;
  source.copy(target, at, 0, last);
  target[at + last] = source[last];
}

function letGo(slice) {
  slice.fill(0);
  const { buffer, byteLength } = slice;
  if (buffer.byteLength === byteLength) buffer.transfer(0);
}

function nonceOf(baseNonce, index) {
  if (!(index < 2 ** 32)) throw new RangeError('a chunk has a number of 32 bits');
  const nonce = new Uint8Array(baseNonce);
  const last = new DataView(nonce.buffer, nonce.byteLength - 4);
  last.setUint32(0, last.getUint32(0) ^ index);
  return nonce;
}
