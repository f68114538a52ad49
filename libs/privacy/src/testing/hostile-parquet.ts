/** Thrift's compact protocol, as much of it as a Parquet index has: for files that no writer would make. */
type Field = readonly [id: number, value: Value];
type Value =
  | { readonly int: bigint; readonly wide: boolean }
  | { readonly text: string }
  | { readonly list: readonly Value[] }
  | { readonly fields: readonly Field[] };

export const int = (value: number): Value => ({ int: BigInt(value), wide: false });
export const long = (value: number | bigint): Value => ({ int: BigInt(value), wide: true });
export const text = (value: string): Value => ({ text: value });
export const list = (...values: readonly Value[]): Value => ({ list: values });
export const struct = (...fields: readonly Field[]): Value => ({ fields });

/** The bytes of a Parquet file with this index (`FileMetaData`), and `data` before it. */
export function parquetFile(index: Value, data: Uint8Array = new Uint8Array()): Buffer {
  const footer = encode(index);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(footer.length);
  return Buffer.concat([Buffer.from('PAR1'), data, footer, length, Buffer.from('PAR1')]);
}

export function encode(value: Value): Buffer {
  if ('int' in value) return varint(value.int >= 0n ? value.int * 2n : -value.int * 2n - 1n);
  if ('text' in value)
    return Buffer.concat([varint(BigInt(Buffer.byteLength(value.text))), Buffer.from(value.text)]);
  if ('list' in value) {
    const type = value.list[0] === undefined ? 12 : typeOf(value.list[0]);
    const head = Buffer.concat([Buffer.of(0xf0 | type), varint(BigInt(value.list.length))]);
    return Buffer.concat([head, ...value.list.map(encode)]);
  }
  let last = 0;
  const parts = value.fields.map(([id, member]) => {
    const head = Buffer.of(((id - last) << 4) | typeOf(member));
    last = id;
    return Buffer.concat([head, encode(member)]);
  });
  return Buffer.concat([...parts, Buffer.of(0)]);
}

function typeOf(value: Value): number {
  if ('int' in value) return value.wide ? 6 : 5;
  if ('text' in value) return 8;
  return 'list' in value ? 9 : 12;
}

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Buffer.from(bytes);
}
