import { EngineError } from '../engine-error.js';
import { type ByteSource, Cursor, whole } from './byte-source.js';

const MAGIC_BYTES = 4;
const STRING = 8;
const ARRAY = 9;
/** Chat templates are the longest texts that a model has: some kilobytes. */
const LONGEST_STRING_BYTES = 16 * 1024 * 1024;
/** Width in bytes of each scalar value type. */
const WIDTH = new Map([
  [0, 1],
  [1, 1],
  [2, 2],
  [3, 2],
  [4, 4],
  [5, 4],
  [6, 4],
  [7, 1],
  [10, 8],
  [11, 8],
  [12, 8],
]);

/**
 * The strings among a GGUF file's metadata, one after another; other values are passed over.
 * Source: `ggml/docs/gguf.md`, versions 2 and 3.
 * @throws EngineError `model_unreadable`, `model_too_large`
 */
export function* ggufStrings(source: ByteSource): Generator<readonly [key: string, value: string]> {
  const reader = new GgufReader(source);
  const version = reader.uint32();
  if (version !== 2 && version !== 3) throw unreadable(`is of version ${version}`);
  reader.uint64();
  const pairs = reader.uint64();
  for (let pair = 0; pair < pairs; pair += 1) {
    const key = reader.string();
    const type = reader.uint32();
    if (type === STRING) yield [key, reader.string()];
    else reader.skip(type);
  }
}

class GgufReader {
  readonly #sizeBytes: number;
  readonly #cursor: Cursor;

  constructor(source: ByteSource) {
    this.#sizeBytes = source.size;
    this.#cursor = new Cursor(source, Math.min(MAGIC_BYTES, source.size));
  }

  uint32(): number {
    return this.#view(4).getUint32(0, true);
  }

  uint64(): number {
    const value = this.#view(8).getBigUint64(0, true);
    if (value > BigInt(this.#sizeBytes)) throw unreadable('announces more than it holds');
    return Number(value);
  }

  string(): string {
    return new TextDecoder().decode(whole(this.#pass(this.uint64()), LONGEST_STRING_BYTES, 'A text'));
  }

  skip(type: number): void {
    if (type === STRING) this.#pass(this.uint64());
    else if (type === ARRAY) this.#skipArray();
    else this.#pass(widthOf(type));
  }

  #skipArray(): void {
    const type = this.uint32();
    const count = this.uint64();
    if (type === ARRAY) throw unreadable('nests arrays');
    if (type === STRING) for (let index = 0; index < count; index += 1) this.skip(STRING);
    else this.#pass(widthOf(type) * count);
  }

  #view(width: 4 | 8): DataView {
    const bytes = this.#cursor.take(width);
    if (bytes === undefined) throw unreadable('is cut short');
    return new DataView(bytes.buffer, bytes.byteOffset, width);
  }

  #pass(length: number): ByteSource {
    const passed = this.#cursor.part(length);
    if (passed === undefined) throw unreadable('is cut short');
    return passed;
  }
}

function widthOf(type: number): number {
  const width = WIDTH.get(type);
  if (width === undefined) throw unreadable(`has a value of type ${type}`);
  return width;
}

function unreadable(detail: string): EngineError {
  return new EngineError('model_unreadable', `The GGUF file ${detail}.`);
}
