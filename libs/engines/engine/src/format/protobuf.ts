import { EngineError } from '../engine-error.js';
import { type ByteSource, Cursor, head } from './byte-source.js';

/** One field of a protobuf message, undecoded beyond its wire type. */
export type ProtobufField =
  | { readonly number: number; readonly wire: 'varint'; readonly value: bigint }
  | { readonly number: number; readonly wire: 'bytes' | 'fixed'; readonly value: ByteSource };

/** No name in a model is longer. Of one that is, the beginning is taken: it then matches nothing that is known. */
const LONGEST_TEXT_BYTES = 64 * 1024;

/**
 * The fields of a message, in the order in which they stand. What a field holds is passed over, not read.
 * Source: protobuf.dev "Encoding". Groups (wire types 3 and 4) are refused: no format read here has them.
 * @throws EngineError `model_unreadable`
 */
export function* protobufFields(message: ByteSource): Generator<ProtobufField> {
  const cursor = new Cursor(message);
  while (cursor.remaining > 0) {
    const key = varint(cursor);
    const number = Number(key >> 3n);
    if (number < 1 || number > 0x1fff_ffff) throw unreadable(`has a field number of ${number}`);
    const wireType = Number(key & 7n);
    if (wireType === 0) yield { number, wire: 'varint', value: varint(cursor) };
    else if (wireType === 1) yield { number, wire: 'fixed', value: part(cursor, 8) };
    else if (wireType === 2) yield { number, wire: 'bytes', value: part(cursor, Number(varint(cursor))) };
    else if (wireType === 5) yield { number, wire: 'fixed', value: part(cursor, 4) };
    else throw unreadable(`has a field of wire type ${wireType}`);
  }
}

function varint(cursor: Cursor): bigint {
  let value = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = cursor.byte();
    if (byte === undefined) throw unreadable('ends inside a number');
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return BigInt.asUintN(64, value);
  }
  throw unreadable('holds a number longer than 64 bits');
}

function part(cursor: Cursor, length: number): ByteSource {
  const value = cursor.part(length);
  if (value === undefined) throw unreadable('ends inside a field');
  return value;
}

/** The length-delimited values of one field number. */
export function* messages(message: ByteSource, number: number): Generator<ByteSource> {
  for (const field of protobufFields(message)) {
    if (field.number === number && field.wire === 'bytes') yield field.value;
  }
}

/** The last string under a field number, as protobuf has it; empty when absent. */
export function text(message: ByteSource, number: number): string {
  let last: ByteSource | undefined;
  for (const value of messages(message, number)) last = value;
  return last === undefined ? '' : new TextDecoder().decode(head(last, LONGEST_TEXT_BYTES));
}

/** The last integer under a field number; undefined when absent. */
export function integer(message: ByteSource, number: number): bigint | undefined {
  let last: bigint | undefined;
  for (const field of protobufFields(message)) {
    if (field.number === number && field.wire === 'varint') last = field.value;
  }
  return last;
}

/** Whether the outermost level parses and every field there satisfies `allowed`. Never throws for what the bytes are. */
export function isMessage(bytes: ByteSource, allowed: (field: ProtobufField) => boolean): boolean {
  try {
    for (const field of protobufFields(bytes)) if (!allowed(field)) return false;
    return true;
  } catch (error) {
    if (error instanceof EngineError) return false;
    throw error;
  }
}

function unreadable(detail: string): EngineError {
  return new EngineError('model_unreadable', `The protobuf message ${detail}.`);
}
