/** One blob, held for reading in any order; it stays the same blob whatever happens to its key. */
export interface BlobReader {
  readonly sizeBytes: number;
  /**
   * Fills `target` with what lies from `offset` on. Any number of calls may be under way.
   * Fails with `blob_range_invalid` beyond the end; `blob_missing` or `blob_store_unavailable` when it can't be read any more.
   */
  readInto(offset: number, target: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/**
 * Keeps sealed objects by key. Keys are `[a-z0-9-]` segments joined by `/`, at most 512 characters: `versions/018f-1c/0`.
 *
 * Write-once: a blob never changes under its key.
 * Atomicity: a blob is there whole and durable once `put` resolves, or not at all, whatever dies when.
 * Concurrency: any number of processes may use one store; of two puts of one key, one wins and the other fails.
 *
 * Errors every implementation must give: `blob_key_invalid`, `blob_missing`, `blob_exists`, `blob_range_invalid`,
 * `blob_store_full`, `blob_store_unavailable`. What a source throws comes out as it is.
 *
 * It knows nothing of keys or plaintext: whoever puts seals first.
 */
export abstract class BlobStore {
  /**
   * A piece that the source has given stays as it is until the next but one is asked for: the store is done with it then, or
   * has copied it.
   * Fails with `blob_exists` when the key is taken, before or after the source was read.
   */
  abstract put(key: string, source: AsyncIterable<Uint8Array>): Promise<{ readonly sizeBytes: number }>;

  /** The whole blob, in pieces. Fails with `blob_missing`, at the first piece. */
  abstract get(key: string): AsyncIterable<Uint8Array>;

  /** For reading parts of it. Fails with `blob_missing`. */
  abstract reader(key: string): Promise<BlobReader>;

  /** Exactly `lengthBytes` bytes from `offset`. Fails with `blob_missing`, or `blob_range_invalid` beyond the end. */
  abstract readAt(key: string, offset: number, lengthBytes: number): Promise<Uint8Array>;

  /** In bytes. Fails with `blob_missing`. */
  abstract size(key: string): Promise<number>;

  /** Durable once it resolves. A blob that isn't there is no failure, so that it can be repeated. */
  abstract delete(key: string): Promise<void>;

  /** All keys that start with `prefix` (any part of a key; empty for all), in no order. */
  abstract list(prefix: string): AsyncIterable<string>;
}
