import { type MessagePort } from 'node:worker_threads';

/** What a scan's thread is started with: the files' names and sizes, and the way to their content. */
export interface InspectionTask {
  readonly files: readonly (readonly [path: string, sizeBytes: number])[];
  readonly port: MessagePort;
  readonly shared: SharedArrayBuffer;
}

/** A part of a file that a scan's thread wants: at most RANGE_BYTES, which then lie in the shared memory. */
export interface RangeWanted {
  /** The file's place in the list that the scan was started with. */
  readonly file: number;
  readonly offset: number;
  readonly length: number;
}

export const RANGE_BYTES = 1024 * 1024;

/** What the first four bytes of the shared memory say of the data that begins at the eighth. */
export const ASKED = 0;
export const GIVEN = 1;
export const FAILED = 2;
const DATA_AT = 8;

export function sharedRange(): SharedArrayBuffer {
  return new SharedArrayBuffer(DATA_AT + RANGE_BYTES);
}

export function stateOf(shared: SharedArrayBuffer): Int32Array<SharedArrayBuffer> {
  return new Int32Array(shared, 0, 1);
}

export function dataOf(shared: SharedArrayBuffer): Buffer<SharedArrayBuffer> {
  return Buffer.from(shared, DATA_AT, RANGE_BYTES);
}
