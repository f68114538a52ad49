/** Cuts a stream of pieces of any size into the sizes asked for. */
export class ByteReader {
  private readonly pieces: AsyncIterator<Uint8Array>;
  private left: Uint8Array = new Uint8Array(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.pieces = source[Symbol.asyncIterator]();
  }

  /** The next `lengthBytes` bytes; fewer only where the source ends. May be a view of the source's own memory. */
  async take(lengthBytes: number): Promise<Uint8Array> {
    if (this.left.byteLength === 0) this.left = await this.nextPiece();
    if (this.left.byteLength >= lengthBytes) return this.takeLeft(lengthBytes);

    const taken = Buffer.allocUnsafe(lengthBytes);
    let filled = 0;
    while (filled < lengthBytes && this.left.byteLength > 0) {
      const part = this.takeLeft(lengthBytes - filled);
      taken.set(part, filled);
      filled += part.byteLength;
      if (this.left.byteLength === 0) this.left = await this.nextPiece();
    }
    return taken.subarray(0, filled);
  }

  /** Lets go of a source that was not read to its end. */
  async close(): Promise<void> {
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
