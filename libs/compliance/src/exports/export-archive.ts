import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pack, type Pack } from 'tar-stream';
import { ComplianceError } from '../compliance-error.js';

/** What stands in an archive beside the rows. */
export interface ArchiveTexts {
  readonly manifest: string;
  readonly checkpoint: string;
  readonly caPem: string;
}

export interface SignedArchive extends ArchiveTexts {
  readonly sums: string;
  readonly signature: string;
}

export interface ArchiveRows {
  readonly file: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly pages: AsyncIterable<{ readonly text: string }>;
}

const readme = `An export of a Castellan audit log.

  openssl cms -verify -binary -inform PEM -in SHA256SUMS.cms -content SHA256SUMS -CAfile ca.pem -purpose any -out /dev/null
  sha256sum -c SHA256SUMS

The first says that the platform signed this list of digests (compare ca.pem with the certificate you were given), the
second that the files are those. Every row names its leaf: its index, its RFC 6962 hash, and the signed tree it is part of.
`;

/** In sha256sum's own format, sorted by path. */
export function archiveSums(
  rows: { readonly file: string; readonly sha256: string },
  texts: ArchiveTexts,
): string {
  const files = textFiles(texts).map(({ name, text }): [string, string] => [name, sha256(text)]);
  return [...files, [rows.file, rows.sha256] as const]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, digest]) => `${digest}  ${name}\n`)
    .join('');
}

/**
 * The archive as a POSIX tar, made while it is read. It breaks off, and is then no tar, when the rows are not the signed
 * ones any more.
 */
export function exportArchive(
  folder: string,
  rows: ArchiveRows,
  signed: SignedArchive,
  mtime: Date,
): Readable {
  const tar = pack();
  void fill(tar, folder, rows, signed, mtime).catch((error: unknown) =>
    tar.destroy(error instanceof Error ? error : new Error('the export broke off', { cause: error })),
  );
  return Readable.from(tar);
}

async function fill(
  tar: Pack,
  folder: string,
  rows: ArchiveRows,
  signed: SignedArchive,
  mtime: Date,
): Promise<void> {
  const beside = [
    ...textFiles(signed),
    { name: 'SHA256SUMS', text: signed.sums },
    { name: 'SHA256SUMS.cms', text: signed.signature },
  ];
  for (const { name, text } of beside) tar.entry({ name: `${folder}/${name}`, mtime }, text);
  const entry = tar.entry({ name: `${folder}/${rows.file}`, mtime, size: rows.sizeBytes });
  await pipeline(Readable.from(checked(rows)), entry);
  tar.finalize();
}

async function* checked({ pages, sha256: signed, sizeBytes }: ArchiveRows): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  let left = sizeBytes;
  for await (const { text } of pages) {
    const bytes = Buffer.from(text);
    hash.update(bytes);
    left -= bytes.length;
    if (left < 0) throw changed();
    if (bytes.length > 0) yield bytes;
  }
  if (hash.digest('hex') !== signed) throw changed();
}

function textFiles({ manifest, checkpoint, caPem }: ArchiveTexts): { name: string; text: string }[] {
  return [
    { name: 'README.txt', text: readme },
    { name: 'manifest.json', text: manifest },
    { name: 'checkpoint.txt', text: checkpoint },
    { name: 'ca.pem', text: caPem },
  ];
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function changed(): ComplianceError {
  return new ComplianceError('export_changed', {
    kind: 'conflict',
    publicDetail: 'The rows of this export can no longer be made as they were signed; ask for a new export.',
  });
}
