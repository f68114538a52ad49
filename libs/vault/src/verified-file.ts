import type { BlobReader, BlobStore } from '@castellan/blob-store';
import { plainSize, SealedReader, SealedStreamError } from '@castellan/sealed-stream';
import { sealedFileContext } from './sealed-file-context.js';
import {
  type ExpectedFile,
  fileDiffers,
  type FileToUnseal,
  type OpenedSegment,
  verifySegments,
} from './unseal-file.js';

interface SegmentInHand {
  readonly segment: OpenedSegment;
  readonly blob: BlobReader;
  readonly reader: SealedReader;
}

/**
 * A sealed file whose digests were verified, open for reading anywhere, as often as wanted, in constant memory.
 *
 * What `read` gives is what was verified. Each chunk is opened under the key of the very stream that was read to its end: a
 * sealed stream has a random salt of its own, so that no other object, also none sealed by us under the same data key and
 * path, has a chunk that is genuine under that key; and a chunk's nonce is its place, so that none can stand for another.
 * An object exchanged in between therefore doesn't open.
 */
export class VerifiedFile {
  #inHand: SegmentInHand | undefined;

  private constructor(
    private readonly store: BlobStore,
    readonly path: string,
    private readonly segments: readonly OpenedSegment[],
    readonly sizeBytes: number,
  ) {}

  /** Reads all of it once. Fails as `unsealPieces` does. */
  static async open(file: FileToUnseal & { readonly expected: ExpectedFile }): Promise<VerifiedFile> {
    const segments = await verifySegments(file);
    return new VerifiedFile(file.store, file.path, segments, file.expected.sizeBytes);
  }

  /**
   * Plaintext in memory of its own, which the caller wipes. One call at a time.
   * Fails with SealedStreamError `range_invalid` beyond the end and `unsealing_failed`, with VaultError `file_differs`, or as
   * the object store does.
   */
  async read(offset: number, lengthBytes: number): Promise<Buffer> {
    const end = offset + lengthBytes;
    if (offset < 0 || lengthBytes < 0 || end > this.sizeBytes) throw new SealedStreamError('range_invalid');
    const plaintext = Buffer.allocUnsafeSlow(lengthBytes);
    for (const segment of this.segments) {
      const from = Math.max(offset, segment.startBytes);
      const to = Math.min(end, segment.startBytes + segment.sizeBytes);
      if (from >= to) continue;
      const reader = await this.reader(segment);
      const part = await reader.read(from - segment.startBytes, to - from);
      part.copy(plaintext, from - offset);
      part.fill(0);
    }
    return plaintext;
  }

  async close(): Promise<void> {
    const inHand = this.#inHand;
    this.#inHand = undefined;
    await inHand?.blob.close();
  }

  private async reader(segment: OpenedSegment): Promise<SealedReader> {
    if (this.#inHand?.segment === segment) return this.#inHand.reader;
    await this.close();
    const blob = await this.store.reader(segment.blobKey);
    try {
      if (plainSize(blob.sizeBytes) !== segment.sizeBytes) throw fileDiffers(this);
      const context = sealedFileContext(segment.dataKeyId, this.path, segment.startBytes);
      const reader = await SealedReader.open(segment.key, context, underItsHeader(segment, blob));
      this.#inHand = { segment, blob, reader };
      return reader;
    } catch (error) {
      await blob.close();
      throw error;
    }
  }
}

/** The object, but for its header: that is the one of the stream that was verified, whatever lies there now. */
function underItsHeader(
  { header }: OpenedSegment,
  blob: BlobReader,
): Pick<BlobReader, 'sizeBytes' | 'readInto'> {
  return {
    sizeBytes: blob.sizeBytes,
    readInto: async (offset, target) => {
      if (offset === 0) target.set(header);
      else await blob.readInto(offset, target);
    },
  };
}
