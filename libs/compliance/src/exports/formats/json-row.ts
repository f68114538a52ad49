import type { LeafToWrite } from './row-format.js';

/**
 * `leaf` is the exact text: SHA-256 of a zero byte and its UTF-8 is `leafHash`. One that has expired has none, and says so.
 * `personal` is what is sealed in it, opened.
 */
export function jsonRow({ record, tree }: LeafToWrite): string {
  const { index, leafHash, event, expired, time, action, personal } = record;
  const place = { index, leafHash, checkpoint: tree };
  const text = expired === true ? { expired, time, action } : { leaf: event, ...(personal && { personal }) };
  return `${JSON.stringify({ ...place, ...text })}\n`;
}
