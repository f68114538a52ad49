import type { PartedUpload } from './parted-uploads.js';
import type { NamedPart } from './complete-parted-upload.js';
import { partListMalformed } from './s3-refusals.js';

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';
const MOST_PARTS = 10_000;

type Value = string | number | boolean;
/** In order; a name may come again. */
export type Elements = readonly (readonly [name: string, content: Value | Elements])[];

/** An answer as S3 gives it. */
export function xmlOf(root: string, content: Elements): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="${NAMESPACE}">${inner(content)}</${root}>`;
}

/** Errors have no namespace. */
export function xmlError(content: Elements): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${inner(content)}</Error>`;
}

function inner(content: Elements): string {
  return content
    .map(([name, value]) => `<${name}>${typeof value === 'object' ? inner(value) : escaped(value)}</${name}>`)
    .join('');
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escaped(value: Value): string {
  return String(value).replaceAll(/[&<>"]/g, (sign) => ENTITIES[sign] ?? '');
}

/** What CompleteMultipartUpload names. @throws part_list_malformed */
export function namedParts(xml: string): NamedPart[] {
  const parts = [...xml.matchAll(/<Part>(.*?)<\/Part>/gs)].map(([, part = '']) => {
    const [, number] = /<PartNumber>\s*(\d{1,5})\s*<\/PartNumber>/.exec(part) ?? [];
    const [, etag] =
      /<ETag>\s*(?:"|&quot;|&#34;)?([0-9a-f]{64})(?:"|&quot;|&#34;)?\s*<\/ETag>/.exec(part) ?? [];
    if (number === undefined) throw partListMalformed();
    return { number: Number(number), etag: etag ?? '' };
  });
  if (parts.length === 0 || parts.length > MOST_PARTS) throw partListMalformed();
  return parts;
}

/** In quotation marks, as HTTP has entity tags. */
export function etagOf({ sha256 }: { readonly sha256: string }): string {
  return `"${sha256}"`;
}

export function partList(bucket: string, key: string, { id, parts }: PartedUpload): string {
  const rising = [...parts.values()].toSorted((a, b) => a.number - b.number);
  return xmlOf('ListPartsResult', [
    ['Bucket', bucket],
    ['Key', key],
    ['UploadId', id],
    ['MaxParts', MOST_PARTS],
    ['IsTruncated', false],
    ...rising.map(
      (part) =>
        [
          'Part',
          [
            ['PartNumber', part.number],
            ['LastModified', part.storedAt.toISOString()],
            ['ETag', etagOf(part)],
            ['Size', part.sizeBytes],
          ],
        ] as const,
    ),
  ]);
}

/** Multipart uploads that go on within a version. */
export function uploadList(bucket: string, folder: string, uploads: readonly PartedUpload[]): string {
  return xmlOf('ListMultipartUploadsResult', [
    ['Bucket', bucket],
    ['Prefix', folder],
    ['IsTruncated', false],
    ...uploads.map(
      ({ id, path, startedAt }) =>
        [
          'Upload',
          [
            ['Key', folder + path],
            ['UploadId', id],
            ['Initiated', startedAt.toISOString()],
          ],
        ] as const,
    ),
  ]);
}
