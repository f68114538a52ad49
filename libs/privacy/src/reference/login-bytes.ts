import { tableMalformed } from '../declaration/table-malformed.js';

const LARGEST_LOGIN_BYTES = 4_096;

/** @throws table_malformed for what is longer than any login: a table, by mistake */
export async function readLoginBytes(source: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of source) {
    size += chunk.length;
    if (size > LARGEST_LOGIN_BYTES) throw tableMalformed('A login is not as long as that.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
