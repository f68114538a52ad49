import { ByteSource, SourcePart } from '../format/byte-source.js';

/** A file of any length that is zeros but for what is said to lie in it, and counts what is read of it. */
export class SparseSource extends ByteSource {
  longestRead = 0;
  readBytes = 0;

  constructor(
    readonly size: number,
    private readonly written: Readonly<Record<number, Uint8Array>>,
  ) {
    super();
  }

  read(offset: number, length: number): Uint8Array {
    if (offset < 0 || length < 0 || offset + length > this.size) throw new RangeError('beyond the end');
    this.longestRead = Math.max(this.longestRead, length);
    this.readBytes += length;
    const bytes = new Uint8Array(length);
    for (const [at, part] of Object.entries(this.written)) {
      const from = Math.max(0, offset - Number(at));
      const seen = part.subarray(from, Math.max(from, offset + length - Number(at)));
      if (seen.length > 0) bytes.set(seen, Number(at) + from - offset);
    }
    return bytes;
  }

  slice(offset: number, length: number): ByteSource {
    return new SourcePart(this, offset, length);
  }
}
