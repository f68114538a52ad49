import type { KeyObject } from 'node:crypto';
import type { BlobReader, BlobStore } from '@castellan/blob-store';
import { DigestTree } from '@castellan/merkle-log';
import {
  CHUNK_BYTES,
  chunkOffset,
  HEADER_BYTES,
  plainSize,
  SealedStreamError,
  StreamKey,
} from '@castellan/sealed-stream';
import { type ChunkRun, ChunkRuns, RUN_PLAIN_BYTES, RUNS_AHEAD } from './chunk-run.js';
import { workOnChunks } from './chunk-threads.js';
import { sealedFileContext } from './sealed-file-context.js';
import { Sha256Stream } from './sha256-stream.js';
import { VaultError } from './vault-error.js';

/** Those that are opened ahead, and those whose digest is not taken yet. */
const RUNS = 2 * RUNS_AHEAD;

/** A blob that holds a file from some byte on, and the data key it opens with. */
export interface SegmentToUnseal {
  readonly blobKey: string;
  readonly dataKeyId: string;
  readonly key: KeyObject;
}

/** What a manifest says of a file. Of its digests each that is named is checked; the tree alone is checked by all cores. */
export type ExpectedFile = { readonly sizeBytes: number } & (
  | { readonly sha256: string; readonly sha256Tree?: string }
  | { readonly sha256?: undefined; readonly sha256Tree: string }
);

/** One core does either in the same time. */
const TREE_FROM_CORES = 2;

/** The digest by which a file is verified sooner: for a caller to whom both are one file's word. */
export function quickestDigest(
  {
    sizeBytes,
    sha256,
    sha256Tree,
  }: { readonly sizeBytes: number; readonly sha256: string; readonly sha256Tree?: string },
  cores: number,
): ExpectedFile {
  return sha256Tree === undefined || cores < TREE_FROM_CORES
    ? { sizeBytes, sha256 }
    : { sizeBytes, sha256Tree };
}

/** The blob named here is the file's beginning; for most files it is all of it. */
export interface FileToUnseal extends SegmentToUnseal {
  readonly store: BlobStore;
  readonly path: string;
  /** What follows the first blob, in order: of a file that came in by pieces. */
  readonly further?: readonly SegmentToUnseal[];
  /** From a manifest that was verified. Checked before memory is taken (size) and before anything is given out (digests). */
  readonly expected?: ExpectedFile;
}

/** A segment that was opened to its end. */
export interface OpenedSegment extends SegmentToUnseal {
  readonly startBytes: number;
  readonly sizeBytes: number;
  /** Of the sealed stream that was opened: it names the one key under which a chunk of it is genuine. */
  readonly header: Uint8Array;
}

export interface UnsealedFile {
  /** The plaintext, in memory of its own. The caller wipes it (`fill(0)`) after use. */
  readonly bytes: Buffer<ArrayBuffer>;
  /** Of `bytes`, lowercase hexadecimal. Absent where only the tree was expected. */
  readonly sha256?: string;
}

/**
 * A sealed file's plaintext, in memory only: one allocation of the file's size, and what `unsealPieces` takes.
 *
 * Fails as `unsealPieces` does. Nothing is left in memory then that this function allocated.
 */
export async function unsealFile(file: FileToUnseal): Promise<UnsealedFile> {
  const opening = await Opening.begin(file);
  const bytes = Buffer.allocUnsafeSlow(opening.sizeBytes);
  try {
    let filled = 0;
    for await (const run of opening.runs()) filled += run.copyPlaintext(bytes, filled);
    const sha256 = await opening.digest();
    return { bytes, ...(sha256 !== undefined && { sha256 }) };
  } catch (error) {
    bytes.fill(0);
    throw error;
  }
}

/**
 * A sealed file's plaintext piece by piece, in constant memory (RUNS runs of chunks): for whoever need not have all of it at
 * once. A piece stays as it is until the next is asked for, and is wiped later. Each is genuine and in its place; that the file
 * is the one `expected` names is known only when the iteration ends without an error, so nobody may act on the pieces before.
 *
 * Reading, opening and the digest go on at the same time, on other threads.
 *
 * Fails with SealedStreamError `unsealing_failed` for a wrong key, path, data key id or order of segments, and for any change
 * to a blob; with VaultError `file_differs` when it isn't the file `expected` names; with the object store's errors.
 */
export async function* unsealPieces(file: FileToUnseal): AsyncGenerator<Uint8Array, void, undefined> {
  const opening = await Opening.begin(file);
  for await (const run of opening.runs()) yield* run.plaintext;
  await opening.digest();
}

/**
 * Opens a file to its end, in constant memory, and keeps nothing of it but what its segments are and were sealed with.
 *
 * Fails as `unsealPieces` does.
 */
export async function verifySegments(
  file: FileToUnseal & { readonly expected: ExpectedFile },
): Promise<readonly OpenedSegment[]> {
  const opening = await Opening.begin(file);
  const runs = opening.runs();
  while ((await runs.next()).done !== true) continue;
  await opening.digest();
  return opening.segments;
}

/** One file that is being opened: `runs` to its end, then `digest`. */
class Opening {
  readonly #runs = new ChunkRuns(RUNS);
  readonly #hash: Sha256Stream | undefined;
  readonly #tree: DigestTree | undefined;
  readonly #hashing: Promise<void>[] = [];

  private constructor(
    private readonly file: FileToUnseal,
    readonly segments: readonly OpenedSegment[],
    readonly sizeBytes: number,
  ) {
    const { sha256, sha256Tree } = file.expected ?? {};
    this.#hash = sha256 === undefined && sha256Tree !== undefined ? undefined : new Sha256Stream();
    this.#tree = sha256Tree === undefined ? undefined : new DigestTree();
  }

  static async begin(file: FileToUnseal): Promise<Opening> {
    const given = [file, ...(file.further ?? [])];
    const sizes = await Promise.all(
      given.map(async ({ blobKey }) => plainSize(await file.store.size(blobKey))),
    );
    let startBytes = 0;
    const segments = given.map((segment, turn) => {
      const header = new Uint8Array(HEADER_BYTES);
      const sized = { ...segment, startBytes, sizeBytes: sizes[turn] ?? 0, header };
      startBytes += sized.sizeBytes;
      return sized;
    });
    if (file.expected !== undefined && file.expected.sizeBytes !== startBytes) throw fileDiffers(file);
    return new Opening(file, segments, startBytes);
  }

  /** In order; a run is good until the next is asked for. */
  async *runs(): AsyncGenerator<ChunkRun, void, undefined> {
    let complete = false;
    try {
      for (const segment of this.segments) yield* this.#runsOf(segment);
      await Promise.all(this.#hashing);
      complete = true;
    } finally {
      if (!complete) this.#hash?.discard();
      await Promise.allSettled(this.#hashing);
      this.#runs.wipe();
    }
  }

  /** Lowercase hexadecimal. Fails with `file_differs`. */
  async digest(): Promise<string | undefined> {
    const sha256 = await this.#hash?.digest();
    const { expected } = this.file;
    if (expected === undefined) return sha256;
    if (expected.sha256 !== sha256 || expected.sha256Tree !== this.#tree?.root())
      throw fileDiffers(this.file);
    return sha256;
  }

  async *#runsOf(segment: OpenedSegment): AsyncGenerator<ChunkRun, void, undefined> {
    const { blobKey, dataKeyId, key, startBytes, sizeBytes, header } = segment;
    const blob = await this.file.store.reader(blobKey);
    const underWay: Promise<OpenedRun>[] = [];
    try {
      // The store gave another size before: a blob was exchanged in between.
      if (plainSize(blob.sizeBytes) !== sizeBytes) throw fileDiffers(this.file);
      await blob.readInto(0, header);
      const context = sealedFileContext(dataKeyId, this.file.path, startBytes);
      const streamKey = StreamKey.from(header, key, context);
      for (let start = 0; start <= sizeBytes; start += RUN_PLAIN_BYTES) {
        const run = await this.#runs.take(Math.min(RUN_PLAIN_BYTES, sizeBytes - start));
        const hashed = this.#tree !== undefined;
        underWay.push(ahead(openedRun(run, start / CHUNK_BYTES, blob, streamKey, hashed)));
        if (underWay.length >= RUNS_AHEAD) yield* this.#first(underWay);
      }
      while (underWay.length > 0) yield* this.#first(underWay);
    } finally {
      await Promise.allSettled(underWay);
      await blob.close();
    }
  }

  /** The first that is under way, once it is opened. It is hashed while it is used, and used again after both. */
  async *#first(underWay: Promise<OpenedRun>[]): AsyncGenerator<ChunkRun, void, undefined> {
    const opened = await underWay.shift();
    if (opened === undefined) return;
    const { run, leaves } = opened;
    this.#tree?.add(leaves);
    const hashed = ahead(this.#hash?.add(run.plaintext) ?? Promise.resolve());
    this.#hashing.push(hashed);
    yield run;
    ahead(hashed.finally(() => this.#runs.giveBack(run)));
  }
}

interface OpenedRun {
  readonly run: ChunkRun;
  readonly leaves: readonly Uint8Array[];
}

async function openedRun(
  run: ChunkRun,
  first: number,
  blob: BlobReader,
  { chunkKey }: StreamKey,
  hashed: boolean,
): Promise<OpenedRun> {
  await blob.readInto(chunkOffset(first), run.sealed);
  const work = { task: 'open', chunkKey, first, chunks: run.chunks, hashed } as const;
  const { genuine, leaves } = await workOnChunks(work);
  if (genuine) return { run, leaves };
  throw new SealedStreamError('unsealing_failed', 'chunk');
}

/** Work that goes on by itself. Its failure counts where it is awaited, not before. */
function ahead<Value>(work: Promise<Value>): Promise<Value> {
  work.catch(() => undefined);
  return work;
}

export function fileDiffers({ path }: Pick<FileToUnseal, 'path'>): VaultError {
  return new VaultError('file_differs', {
    kind: 'internal',
    publicDetail: `The stored file ${JSON.stringify(path)} is not the one that its digest names.`,
  });
}
