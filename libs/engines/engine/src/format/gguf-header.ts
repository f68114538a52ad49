import { EngineError } from '../engine-error.js';

/** The strings among a GGUF file's metadata; other values are skipped. Source: `ggml/docs/gguf.md`, versions 2 and 3. */
export type GgufStrings = ReadonlyMap<string, string>;

const MAGIC_BYTES = 4;
const STRING = 8;
const ARRAY = 9;
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

/** @throws EngineError `model_unreadable` */
export function readGgufStrings(bytes: Uint8Array): GgufStrings {
  const reader = new GgufReader(bytes);
  const version = reader.uint32();
  if (version !== 2 && version !== 3) throw unreadable(`is of version ${version}`);
  reader.uint64();
  const pairs = reader.uint64();
  const strings = new Map<string, string>();
  for (let pair = 0; pair < pairs; pair += 1) {
    const key = reader.string();
    const type = reader.uint32();
    if (type === STRING) strings.set(key, reader.string());
    else reader.skip(type);
  }
  return strings;
}

class GgufReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #offset = MAGIC_BYTES;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  uint32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  uint64(): number {
    const value = this.#view.getBigUint64(this.#advance(8), true);
    if (value > BigInt(this.#bytes.length)) throw unreadable('announces more than it holds');
    return Number(value);
  }

  string(): string {
    const length = this.uint64();
    const start = this.#advance(length);
    return new TextDecoder().decode(this.#bytes.subarray(start, start + length));
  }

  skip(type: number): void {
    if (type === STRING) this.string();
    else if (type === ARRAY) this.#skipArray();
    else this.#advance(widthOf(type));
  }

  #skipArray(): void {
    const type = this.uint32();
    const count = this.uint64();
    if (type === ARRAY) throw unreadable('nests arrays');
    if (type === STRING) for (let index = 0; index < count; index += 1) this.string();
    else this.#advance(widthOf(type) * count);
  }

  #advance(length: number): number {
    const start = this.#offset;
    if (start + length > this.#bytes.length) throw unreadable('is cut short');
    this.#offset += length;
    return start;
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
