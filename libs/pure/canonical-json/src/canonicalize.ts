import { CanonicalJsonError } from './canonical-json-error.js';
import type { JsonValue } from './json-value.js';

/** Arrays and objects within each other. Deeper values are refused, so that hostile nesting can't exhaust the stack. */
export const MAX_NESTING = 256;

/**
 * The one text of a JSON value: equal values give equal strings, so a hash or a signature over the UTF-8
 * encoding of the result covers the value and not its spelling.
 *
 * Members are sorted by UTF-16 code units, numbers written as ECMAScript does, no white space. `-0` is `0`.
 *
 * Fails with CanonicalJsonError: `number_not_finite` (NaN, ±Infinity), `string_not_unicode` (a lone surrogate, in a
 * value or a name), `value_not_json` (undefined, bigint, function, symbol, hole in an array, instance of a class),
 * `nesting_too_deep` (beyond MAX_NESTING; a cycle ends here too).
 *
 * Source: RFC 8785 (JCS). It does not protect against what was lost before: a parser that rounds big
 * integers or keeps the last of duplicate names has done so already. Send 64-bit integers as strings.
 */
export function canonicalize(value: JsonValue): string {
  return writeValue(value, []);
}

function writeValue(value: unknown, path: string[]): string {
  if (value === null) return 'null';
  switch (typeof value) {
    case 'boolean':
      return value ? 'true' : 'false';
    case 'number':
      return writeNumber(value, path);
    case 'string':
      return writeString(value, path);
    case 'object':
      if (path.length >= MAX_NESTING) {
        throw new CanonicalJsonError(
          'nesting_too_deep',
          [],
          `A value is nested more than ${MAX_NESTING} deep`,
        );
      }
      return Array.isArray(value) ? writeArray(value, path) : writeObject(value, path);
    default:
      throw new CanonicalJsonError('value_not_json', path, `JSON has no ${typeof value}`);
  }
}

function writeNumber(value: number, path: string[]): string {
  if (!Number.isFinite(value))
    throw new CanonicalJsonError('number_not_finite', path, `JSON has no ${value}`);
  return JSON.stringify(value);
}

function writeString(value: string, path: string[]): string {
  if (!value.isWellFormed()) {
    throw new CanonicalJsonError('string_not_unicode', path, 'A string has a lone surrogate');
  }
  return JSON.stringify(value);
}

function writeArray(items: readonly unknown[], path: string[]): string {
  const parts: string[] = [];
  for (let index = 0; index < items.length; index++) {
    parts.push(within(path, String(index), () => writeValue(items[index], path)));
  }
  return `[${parts.join(',')}]`;
}

function writeObject(value: object, path: string[]): string {
  if (!isPlainObject(value)) {
    throw new CanonicalJsonError('value_not_json', path, 'JSON has no class instances');
  }
  // The default sort compares UTF-16 code units, which is what RFC 8785 section 3.2.3 asks for.
  const parts = Object.keys(value)
    .sort()
    .map((name) => within(path, name, () => `${writeString(name, path)}:${writeValue(value[name], path)}`));
  return `{${parts.join(',')}}`;
}

function within(path: string[], step: string, write: () => string): string {
  path.push(step);
  const text = write();
  path.pop();
  return text;
}

/** Holds across realms, where `Object.prototype` is not one object: a plain object's prototype has no prototype. */
function isPlainObject(value: object): value is Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
