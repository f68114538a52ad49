import { EngineError } from '../engine-error.js';

/** One field of a protobuf message, undecoded beyond its wire type. */
export type ProtobufField =
  | { readonly number: number; readonly wire: 'varint'; readonly value: bigint }
  | { readonly number: number; readonly wire: 'bytes'; readonly value: Uint8Array }
  | { readonly number: number; readonly wire: 'fixed'; readonly value: Uint8Array };

/**
 * The fields of a message, in the order in which they stand. Length-delimited values share memory with it.
 * Source: protobuf.dev "Encoding". Groups (wire types 3 and 4) are refused: no format read here has them.
 * @throws EngineError `model_unreadable`
 */
export function* protobufFields(message: Uint8Array): Generator<ProtobufField> {
  let offset = 0;

  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = message[offset];
      if (byte === undefined) throw unreadable('ends inside a number');
      offset += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw unreadable('holds a number longer than 64 bits');
  };

  const take = (length: bigint): Uint8Array => {
    if (length > BigInt(message.length - offset)) throw unreadable('ends inside a field');
    const value = message.subarray(offset, offset + Number(length));
    offset += Number(length);
    return value;
  };

  while (offset < message.length) {
    const key = varint();
    const number = Number(key >> 3n);
    if (number < 1 || number > 0x1fff_ffff) throw unreadable(`has a field number of ${number}`);
    const wireType = Number(key & 7n);
    if (wireType === 0) yield { number, wire: 'varint', value: varint() };
    else if (wireType === 1) yield { number, wire: 'fixed', value: take(8n) };
    else if (wireType === 2) yield { number, wire: 'bytes', value: take(varint()) };
    else if (wireType === 5) yield { number, wire: 'fixed', value: take(4n) };
    else throw unreadable(`has a field of wire type ${wireType}`);
  }
}

/** The length-delimited values of one field number. */
export function* messages(message: Uint8Array, number: number): Generator<Uint8Array> {
  for (const field of protobufFields(message)) {
    if (field.number === number && field.wire === 'bytes') yield field.value;
  }
}

/** The last string under a field number, as protobuf has it; empty when absent. */
export function text(message: Uint8Array, number: number): string {
  let last = '';
  for (const value of messages(message, number)) last = new TextDecoder().decode(value);
  return last;
}

/** The last integer under a field number; undefined when absent. */
export function integer(message: Uint8Array, number: number): bigint | undefined {
  let last: bigint | undefined;
  for (const field of protobufFields(message)) {
    if (field.number === number && field.wire === 'varint') last = field.value;
  }
  return last;
}

/** Whether the outermost level parses and every field there satisfies `allowed`. Never throws. */
export function isMessage(bytes: Uint8Array, allowed: (field: ProtobufField) => boolean): boolean {
  try {
    for (const field of protobufFields(bytes)) if (!allowed(field)) return false;
    return true;
  } catch {
    return false;
  }
}

function unreadable(detail: string): EngineError {
  return new EngineError('model_unreadable', `The protobuf message ${detail}.`);
}
