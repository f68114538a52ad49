import { EngineError } from '../engine-error.js';

/** How much of a file a parser has in hand at once, unless it says otherwise. */
const WINDOW_BYTES = 64 * 1024;

/** Bytes that can be read anywhere, wherever they lie. They never change: reading twice gives the same. */
export abstract class ByteSource {
  abstract readonly size: number;

  /** `length` bytes from `offset`, both inside the source. Looked at, never written to. */
  abstract read(offset: number, length: number): Uint8Array;

  /** A part of it as a source of its own. */
  abstract slice(offset: number, length: number): ByteSource;
}

class MemorySource extends ByteSource {
  constructor(private readonly bytes: Uint8Array) {
    super();
  }

  get size(): number {
    return this.bytes.length;
  }

  read(offset: number, length: number): Uint8Array {
    return this.bytes.subarray(offset, offset + length);
  }

  slice(offset: number, length: number): ByteSource {
    return new MemorySource(this.read(offset, length));
  }
}

/** A part of a source that does not lie in memory. */
export class SourcePart extends ByteSource {
  constructor(
    private readonly whole: ByteSource,
    private readonly start: number,
    readonly size: number,
  ) {
    super();
  }

  read(offset: number, length: number): Uint8Array {
    return this.whole.read(this.start + offset, length);
  }

  slice(offset: number, length: number): ByteSource {
    return new SourcePart(this.whole, this.start + offset, length);
  }
}

export function asSource(bytes: Uint8Array | ByteSource): ByteSource {
  return bytes instanceof ByteSource ? bytes : new MemorySource(bytes);
}

/** The first bytes, as many as there are. */
export function head(source: ByteSource, length: number): Uint8Array {
  return source.read(0, Math.min(length, source.size));
}

/**
 * All of it, for a parser that can do no other.
 * @throws EngineError `model_too_large` beyond `mostBytes`
 */
export function whole(source: ByteSource, mostBytes: number, what = 'The file'): Uint8Array {
  if (source.size <= mostBytes) return source.read(0, source.size);
  const detail = `${what} has ${source.size} bytes; at most ${mostBytes} can be looked into.`;
  throw new EngineError('model_too_large', detail);
}

/** Pieces of it in order, each beginning with the last `overlap` bytes of the one before. */
export function* pieces(source: ByteSource, pieceBytes: number, overlap = 0): Generator<Uint8Array> {
  for (let at = 0; at < source.size; at += pieceBytes) {
    const start = Math.max(0, at - overlap);
    yield source.read(start, Math.min(at + pieceBytes, source.size) - start);
  }
}

/** A place in a source that moves on as it is read, with a window of the bytes around it in hand. */
export class Cursor {
  readonly #source: ByteSource;
  #window: Uint8Array = new Uint8Array();
  #windowStart = 0;
  #offset: number;

  constructor(source: ByteSource, offset = 0) {
    this.#source = source;
    this.#offset = offset;
  }

  get offset(): number {
    return this.#offset;
  }

  get remaining(): number {
    return this.#source.size - this.#offset;
  }

  /** The next byte; undefined at the end. */
  byte(): number | undefined {
    if (!this.#inWindow(1)) this.#fill();
    const byte = this.#window[this.#offset - this.#windowStart];
    if (byte !== undefined) this.#offset += 1;
    return byte;
  }

  /** Passes over `length` bytes and gives the first of them, at most `mostBytes`; undefined, and no step, when they are not there. */
  take(length: number, mostBytes = WINDOW_BYTES): Uint8Array | undefined {
    const given = Math.min(length, mostBytes);
    if (length > this.remaining) return undefined;
    const bytes = this.#given(given);
    this.#offset += length;
    return bytes;
  }

  /** The bytes passed over as a source, unread. */
  part(length: number): ByteSource | undefined {
    if (length > this.remaining) return undefined;
    this.#offset += length;
    return this.#source.slice(this.#offset - length, length);
  }

  /** Passes over the next line feed; false, at the end, when there is none. */
  passLine(): boolean {
    while (this.remaining > 0) {
      if (!this.#inWindow(1)) this.#fill();
      const at = this.#window.indexOf(0x0a, this.#offset - this.#windowStart);
      this.#offset = this.#windowStart + (at < 0 ? this.#window.length : at + 1);
      if (at >= 0) return true;
    }
    return false;
  }

  #given(length: number): Uint8Array {
    if (length > WINDOW_BYTES) return this.#source.read(this.#offset, length);
    if (!this.#inWindow(length)) this.#fill();
    const start = this.#offset - this.#windowStart;
    return this.#window.subarray(start, start + length);
  }

  #inWindow(length: number): boolean {
    const start = this.#offset - this.#windowStart;
    return start >= 0 && start + length <= this.#window.length;
  }

  #fill(): void {
    this.#windowStart = this.#offset;
    this.#window = this.#source.read(this.#offset, Math.min(WINDOW_BYTES, this.remaining));
  }
}
