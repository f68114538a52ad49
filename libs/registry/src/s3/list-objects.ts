import type { VersionRow } from '../versions/version-store.js';
import type { ObjectQuery } from './s3-address.js';
import { type Elements, etagOf, xmlOf } from './s3-xml.js';

interface Listed {
  readonly key: string;
  readonly file: VersionRow['files'][number];
}

/** The files of a version as ListObjectsV2 tells them: all at once, whatever `max-keys` says. */
export function objectList(bucket: string, folder: string, query: ObjectQuery, version: VersionRow): string {
  const { prefix = '', delimiter = '' } = query;
  const keys = version.files
    .map((file) => ({ key: folder + file.path, file }))
    .filter(({ key }) => key.startsWith(prefix));
  const objects = keys.filter(({ key }) => foldedAt(key, prefix, delimiter) === undefined);
  const folders = new Set(keys.flatMap(({ key }) => foldedAt(key, prefix, delimiter) ?? []));
  const coded = query['encoding-type'] === 'url' ? urlCoded : (text: string) => text;
  const listed: Elements = [
    ['Name', bucket],
    ['Prefix', coded(prefix)],
    ...(delimiter === '' ? [] : [['Delimiter', coded(delimiter)] as const]),
    ...(query['encoding-type'] === 'url' ? [['EncodingType', 'url'] as const] : []),
    ['KeyCount', objects.length + folders.size],
    ['MaxKeys', Math.max(1000, keys.length)],
    ['IsTruncated', false],
    ...objects.map(({ key, file }) => ['Contents', contents(coded(key), file, version)] as const),
    ...[...folders].map((each) => ['CommonPrefixes', [['Prefix', coded(each)]]] as const),
  ];
  return xmlOf('ListBucketResult', listed);
}

function contents(key: string, file: Listed['file'], { activeAt, finalizedAt }: VersionRow): Elements {
  return [
    ['Key', key],
    ['LastModified', (finalizedAt ?? activeAt).toISOString()],
    ['ETag', etagOf(file)],
    ['Size', Number(file.sizeBytes)],
    ['StorageClass', 'STANDARD'],
  ];
}

/** The folder that stands for this key, where the listing is told by folders. */
function foldedAt(key: string, prefix: string, delimiter: string): string | undefined {
  if (delimiter === '') return undefined;
  const end = key.indexOf(delimiter, prefix.length);
  return end < 0 ? undefined : key.slice(0, end + delimiter.length);
}

function urlCoded(text: string): string {
  return encodeURIComponent(text).replaceAll('%2F', '/');
}
