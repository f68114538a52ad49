/** The datatypes of the Open Inference Protocol v2, and BF16, which its implementations add. */
export const DATATYPES = [
  'BOOL',
  'UINT8',
  'UINT16',
  'UINT32',
  'UINT64',
  'INT8',
  'INT16',
  'INT32',
  'INT64',
  'FP16',
  'BF16',
  'FP32',
  'FP64',
  'BYTES',
] as const;

export type Datatype = (typeof DATATYPES)[number];

/**
 * How each datatype lies in memory: one element of the array is one element of the tensor, row-major.
 * BOOL is 0 or 1. FP16 and BF16 are raw bit patterns. A BYTES element is any octets; as text it is UTF-8.
 */
export interface TensorData {
  readonly BOOL: Uint8Array;
  readonly UINT8: Uint8Array;
  readonly UINT16: Uint16Array;
  readonly UINT32: Uint32Array;
  readonly UINT64: BigUint64Array;
  readonly INT8: Int8Array;
  readonly INT16: Int16Array;
  readonly INT32: Int32Array;
  readonly INT64: BigInt64Array;
  readonly FP16: Uint16Array;
  readonly BF16: Uint16Array;
  readonly FP32: Float32Array;
  readonly FP64: Float64Array;
  readonly BYTES: readonly Uint8Array[];
}

export type FixedWidthDatatype = Exclude<Datatype, 'BYTES'>;

/** The typed array behind every datatype of fixed width. */
export const ARRAY_OF = {
  BOOL: Uint8Array,
  UINT8: Uint8Array,
  UINT16: Uint16Array,
  UINT32: Uint32Array,
  UINT64: BigUint64Array,
  INT8: Int8Array,
  INT16: Int16Array,
  INT32: Int32Array,
  INT64: BigInt64Array,
  FP16: Uint16Array,
  BF16: Uint16Array,
  FP32: Float32Array,
  FP64: Float64Array,
} as const satisfies Record<FixedWidthDatatype, unknown>;

export function isDatatype(value: unknown): value is Datatype {
  return DATATYPES.some((datatype) => datatype === value);
}

/** The size of one element in bytes; undefined for BYTES, whose elements differ. */
export function elementSizeBytes(datatype: Datatype): number | undefined {
  return datatype === 'BYTES' ? undefined : ARRAY_OF[datatype].BYTES_PER_ELEMENT;
}
