import type { LeafToWrite } from './row-format.js';

/** `leaf` is the exact text: SHA-256 of a zero byte and its UTF-8 is `leafHash`. */
export function jsonRow({ record, tree }: LeafToWrite): string {
  const { index, leafHash, event } = record;
  return `${JSON.stringify({ index, leafHash, checkpoint: tree, leaf: event })}\n`;
}
