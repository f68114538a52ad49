/**
 * Cuts a stream of pieces of any size into the sizes asked for. It gathers them in one piece of memory, again and again: fresh
 * memory for each would cost more than the copying.
 */
export class ByteReader {
  private readonly pieces: AsyncIterator<Uint8Array>;
  private left: Uint8Array = new Uint8Array(0);
  private gathered: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.pieces = source[Symbol.asyncIterator]();
  }

  /** The next `lengthBytes` bytes; fewer only where the source ends. Good until the next call. */
  async take(lengthBytes: number): Promise<Uint8Array> {
    if (this.left.byteLength === 0) this.left = await this.nextPiece();
    if (this.left.byteLength >= lengthBytes) return this.takeLeft(lengthBytes);

    if (this.gathered.byteLength < lengthBytes) this.gathered = Buffer.allocUnsafeSlow(lengthBytes);
    const taken = this.gathered;
    let filled = 0;
    while (filled < lengthBytes && this.left.byteLength > 0) {
      const part = this.takeLeft(lengthBytes - filled);
      taken.set(part, filled);
      filled += part.byteLength;
      if (this.left.byteLength === 0) this.left = await this.nextPiece();
    }
    return taken.subarray(0, filled);
  }

  /** Lets go of a source that was not read to its end, and wipes what was gathered. */
  async close(): Promise<void> {
    this.gathered.fill(0);
    await this.pieces.return?.();
  }

  private takeLeft(lengthBytes: number): Uint8Array {
    const part = this.left.subarray(0, lengthBytes);
    this.left = this.left.subarray(lengthBytes);
    return part;
  }

  /** Skips empty pieces, so that empty means the end. */
  private async nextPiece(): Promise<Uint8Array> {
    for (;;) {
      const piece = await this.pieces.next();
      if (piece.done) return new Uint8Array(0);
      if (piece.value.byteLength > 0) return piece.value;
    }
  }
}
