import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';
import { HttpError } from './http-error.js';

/**
 * Refuses text that nobody can keep as it was sent: with U+0000, which PostgreSQL has no place for, or with half a surrogate
 * pair, which UTF-8 hasn't. Looks through bodies, queries and path parameters, at any depth.
 */
export class StorableText implements PipeTransform {
  transform(value: unknown, { type, data }: ArgumentMetadata): unknown {
    if (type === 'custom') return value;
    const path = unstorable(value, data);
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

/** Where the first such text stands. Without recursion: what is nested too deep is for the schema to refuse. */
function unstorable(value: unknown, name = ''): string | undefined {
  const waiting: [path: string, value: unknown][] = [[name, value]];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [path, found] = next;
    if (typeof found === 'string' && !isStorable(found)) return path;
    if (found === null || typeof found !== 'object') continue;
    for (const [key, member] of Object.entries(found)) {
      if (!isStorable(key)) return path;
      waiting.push([path === '' ? key : `${path}.${key}`, member]);
    }
  }
  return undefined;
}

function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\u0000');
}
