import { z } from 'zod';
import { keyInvalid, partNumberInvalid } from './s3-refusals.js';

const said = z.string().max(2000).optional();

/** What may stand behind a key. Anything else (`acl`, `tagging`, …) asks for what isn't here, and is refused. */
export const ObjectQuery = z.strictObject({
  uploads: said,
  uploadId: said,
  partNumber: said,
  'x-id': said,
  'max-parts': said,
  'list-type': said,
  prefix: said,
  delimiter: said,
  'encoding-type': said,
  'max-keys': said,
  'fetch-owner': said,
});
export type ObjectQuery = z.infer<typeof ObjectQuery>;

export interface ObjectAddress {
  /** `model@number`. */
  readonly version: string;
  /** Begins every key in the version. */
  readonly folder: string;
  readonly path: string;
}

/** A key is `model/number/path`. @throws object_key_invalid */
export function objectAddress(key: string): ObjectAddress {
  const [, model, number, path] = /^([^/]+)\/(\d{1,9})\/(.*)$/s.exec(key) ?? [];
  if (model === undefined || number === undefined || path === undefined) throw keyInvalid();
  return { version: `${model}@${number}`, folder: `${model}/${number}/`, path };
}

/** From 1 to 10,000. @throws part_number_invalid */
export function partNumberOf(text: string): number {
  const number = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (number < 1 || number > 10_000) throw partNumberInvalid();
  return number;
}
