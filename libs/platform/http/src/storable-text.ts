import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';
import { HttpError } from './http-error.js';

/**
 * Refuses text that nobody can keep as it was sent: with U+0000, which PostgreSQL has no place for, or with half a surrogate
 * pair, which UTF-8 hasn't. Looks through bodies, queries and path parameters, at any depth.
 */
export class StorableText implements PipeTransform {
  transform(value: unknown, { type, data }: ArgumentMetadata): unknown {
    if (type === 'custom') return value;
    const path = unstorable(value, data === '*' ? 'path' : data);
    if (path === undefined) return value;
    const message = 'holds U+0000 or half a surrogate pair, which no text may';
    throw new HttpError({
      code: 'request_invalid',
      kind: 'invalid',
      publicDetail: `${path === '' ? 'The request' : path} ${message}.`,
      meta: { errors: [{ path, message }] },
    });
  }
}

/** A value on the way down, and how it was come by. */
interface Place {
  readonly value: unknown;
  readonly name: string;
  readonly above?: Place;
}

/** Where the first such text stands. Without recursion: what is nested too deep is for the schema to refuse. */
function unstorable(value: unknown, name = ''): string | undefined {
  const waiting: Place[] = [{ value, name }];
  for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
    const { value: found } = place;
    if (typeof found === 'string' && !isStorable(found)) return pathOf(place);
    if (found === null || typeof found !== 'object') continue;
    for (const [key, member] of Object.entries(found)) {
      if (!isStorable(key)) return pathOf(place);
      if (typeof member === 'string' || typeof member === 'object')
        waiting.push({ value: member, name: key, above: place });
    }
  }
  return undefined;
}

function pathOf(place: Place): string {
  const names: string[] = [];
  for (let at: Place | undefined = place; at !== undefined; at = at.above) names.push(at.name);
  return names
    .toReversed()
    .filter((name) => name !== '')
    .slice(0, 20)
    .join('.');
}

function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\u0000');
}
