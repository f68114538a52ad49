import { createSecretKey } from 'node:crypto';
import fc from 'fast-check';
import { CHUNK_BYTES, open, seal, SealedReader, SealedStreamError } from '../index.js';
import { chunkOffset, HEADER_BYTES, TAG_BYTES } from '../layout.js';
import { edited, type Edit } from './edits.js';
import { collect, entryPoints, inMemory, inPieces, plaintextOf } from './objects.js';

const key = createSecretKey(Buffer.alloc(32, 0x42));
const context = Buffer.from('fuzz');
const MAX_CHUNKS = 3;

/** Lengths where chunks begin and end, and between. */
const length = fc
  .tuple(fc.nat(MAX_CHUNKS - 1), fc.oneof(fc.constantFrom(-1, 0, 1), fc.nat(CHUNK_BYTES - 1), fc.nat(300)))
  .map(([chunks, more]) => Math.max(0, chunks * CHUNK_BYTES + more));

/** Where faults hide: the header, and just before and after each border. */
const place = fc.oneof(
  fc.nat(HEADER_BYTES + 40),
  fc.nat(chunkOffset(MAX_CHUNKS)),
  fc
    .tuple(fc.nat(MAX_CHUNKS), fc.integer({ min: -TAG_BYTES - 2, max: TAG_BYTES + 2 }))
    .map(([chunk, by]) => Math.max(0, chunkOffset(chunk) + by)),
);
const span = fc
  .tuple(place, fc.oneof(fc.nat(40), place))
  .map(([start, more]): [number, number] => [start, start + more]);
const chunk = fc.nat(MAX_CHUNKS);

const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.tuple(place, fc.nat(7)).map(([at, bit]) => ({ flipBit: at * 8 + bit })),
  place.map((cutTo) => ({ cutTo })),
  fc
    .uint8Array({ minLength: 1, maxLength: 40 })
    .map((more) => ({ append: Buffer.from(more).toString('hex') })),
  span.map((dropBytes) => ({ dropBytes })),
  span.map((zero) => ({ zero })),
  chunk.map((dropChunk) => ({ dropChunk })),
  chunk.map((repeatChunk) => ({ repeatChunk })),
  fc.tuple(chunk, chunk).map((swapChunks) => ({ swapChunks })),
  fc.tuple(chunk, chunk).map(([overwriteChunk, withChunk]) => ({ overwriteChunk, withChunk })),
  fc
    .uint8Array({ minLength: HEADER_BYTES, maxLength: HEADER_BYTES })
    .map((takeHeaderOf) => ({ takeHeaderOf })),
);

/**
 * Whatever is done to a sealed object: it opens to what was sealed, or not at all; what a reader was given before the
 * refusal was genuine and in its place; and every refusal looks alike. For `fc.assert`, with any number of runs.
 */
export const neverOpensToAnythingElse = fc.asyncProperty(
  length,
  fc.array(edit, { minLength: 1, maxLength: 4 }),
  fc.array(fc.integer({ min: 1, max: 2 * CHUNK_BYTES }), { minLength: 1, maxLength: 3 }),
  span,
  async (bytes, edits, pieceSizes, range) => {
    const plaintext = plaintextOf(bytes);
    const sealed = await collect(seal(key, context, inPieces(plaintext, ...pieceSizes, CHUNK_BYTES)));
    const given = edited(sealed, edits);
    const unchanged = given.equals(sealed);
    for (const openWhole of Object.values(entryPoints)) {
      const opened = await orRefused(openWhole(key, context, given));
      require(unchanged === (opened !== undefined), 'it opens exactly when nothing was changed');
      require(opened?.equals(plaintext) ?? true, 'it opens to what was sealed');
    }
    await requireGenuinePieces(given, plaintext, pieceSizes);
    await requireGenuineRange(given, plaintext, range);
  },
);

async function requireGenuinePieces(given: Buffer, plaintext: Buffer, pieceSizes: number[]): Promise<void> {
  let at = 0;
  const reading = async () => {
    for await (const piece of open(key, context, inPieces(given, ...pieceSizes, CHUNK_BYTES))) {
      require(piece.equals(plaintext.subarray(at, at + piece.length)), 'a piece is genuine and in its place');
      at += piece.length;
    }
  };
  await orRefused(reading());
}

async function requireGenuineRange(
  given: Buffer,
  plaintext: Buffer,
  [start, end]: [number, number],
): Promise<void> {
  const reader = await orRefused(SealedReader.open(key, context, inMemory(given)));
  if (reader === undefined) return;
  require(reader.sizeBytes === plaintext.length, 'a size that is stated is genuine');
  const [from, to] = [Math.min(start, plaintext.length), Math.min(end, plaintext.length)];
  const read = await orRefused(reader.read(from, to - from));
  require(read?.equals(plaintext.subarray(from, to)) ?? true, 'a range is genuine');
}

async function orRefused<Value>(opening: Promise<Value>): Promise<Value | undefined> {
  try {
    return await opening;
  } catch (error) {
    if (error instanceof SealedStreamError && error.code === 'unsealing_failed' && error.meta === undefined)
      return undefined;
    throw error;
  }
}

function require(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(`not so: ${what}`);
}
