import { Readable } from 'node:stream';
import { createGunzip, createGzip } from 'node:zlib';
import { z } from 'zod';

const BATCH = 1_000;
const Line = z.string();

/** Rows as a compressed file of JSON lines. */
export function packRows(rows: AsyncIterable<readonly string[]>): AsyncIterable<Uint8Array> {
  return Readable.from(linesOf(rows)).compose(createGzip({ level: 1 }));
}

async function* linesOf(rows: AsyncIterable<readonly string[]>): AsyncGenerator<string> {
  for await (const batch of rows) yield batch.map((row) => `${JSON.stringify(row)}\n`).join('');
}

/** The reverse. Rejects when the file breaks off. */
export async function* unpackRows(source: AsyncIterable<Uint8Array>): AsyncGenerator<string[]> {
  const unpacked = Readable.from(source).compose(createGunzip());
  let batch: string[] = [];
  for await (const line of linesIn(unpacked)) {
    batch.push(Line.parse(JSON.parse(line)));
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

async function* linesIn(source: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const piece of source) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}
