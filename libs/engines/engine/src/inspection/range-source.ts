import { type MessagePort } from 'node:worker_threads';
import { ByteSource, SourcePart } from '../format/byte-source.js';
import { ASKED, dataOf, GIVEN, RANGE_BYTES, type RangeWanted, stateOf } from './range-message.js';

/** A graph's nodes, its tensors' headers and a directory are read side by side: each has its window. */
const WINDOWS = 8;

interface HeldRange {
  readonly bytes: Uint8Array;
  file: number;
  start: number;
  usedAt: number;
}

/** The scan's side of the shared memory: asks, waits, and keeps the last windows, which `wipe` overwrites. */
export class Ranges {
  readonly #port: MessagePort;
  readonly #shared: SharedArrayBuffer;
  readonly #windows: HeldRange[] = [];
  #turn = 0;

  constructor(port: MessagePort, shared: SharedArrayBuffer) {
    this.#port = port;
    this.#shared = shared;
  }

  /** Fills `target` with what lies in the file from `offset` on. Throws when the file can't be read. */
  copy(file: number, fileBytes: number, offset: number, target: Uint8Array): void {
    for (let filled = 0; filled < target.length;) {
      const at = offset + filled;
      const start = at - (at % RANGE_BYTES);
      const { bytes } = this.#window(file, start, Math.min(RANGE_BYTES, fileBytes - start));
      const part = bytes.subarray(at - start, at - start + target.length - filled);
      target.set(part, filled);
      filled += part.length;
    }
  }

  wipe(): void {
    for (const { bytes } of this.#windows) bytes.fill(0);
    this.#windows.length = 0;
  }

  #window(file: number, start: number, length: number): HeldRange {
    this.#turn += 1;
    const window =
      this.#windows.find((candidate) => candidate.file === file && candidate.start === start) ??
      this.#fetched(file, start, length);
    window.usedAt = this.#turn;
    return window;
  }

  #fetched(file: number, start: number, length: number): HeldRange {
    this.#ask({ file, offset: start, length });
    const window = this.#free();
    window.bytes.set(dataOf(this.#shared).subarray(0, length));
    window.file = file;
    window.start = start;
    return window;
  }

  #free(): HeldRange {
    if (this.#windows.length === WINDOWS)
      return this.#windows.reduce((oldest, window) => (window.usedAt < oldest.usedAt ? window : oldest));
    const fresh = { bytes: new Uint8Array(RANGE_BYTES), file: -1, start: 0, usedAt: 0 };
    this.#windows.push(fresh);
    return fresh;
  }

  #ask(wanted: RangeWanted): void {
    const state = stateOf(this.#shared);
    Atomics.store(state, 0, ASKED);
    this.#port.postMessage(wanted);
    Atomics.wait(state, 0, ASKED);
    if (Atomics.load(state, 0) !== GIVEN) throw new Error('the file could not be read');
  }
}

/** One of the version's files, seen from the scan's thread. What is read is a copy. */
export class RangeSource extends ByteSource {
  constructor(
    private readonly ranges: Ranges,
    private readonly file: number,
    readonly size: number,
  ) {
    super();
  }

  read(offset: number, length: number): Uint8Array {
    if (offset < 0 || length < 0 || offset + length > this.size) throw new RangeError('beyond the end');
    const bytes = new Uint8Array(length);
    this.ranges.copy(this.file, this.size, offset, bytes);
    return bytes;
  }

  slice(offset: number, length: number): ByteSource {
    return new SourcePart(this, offset, length);
  }
}
