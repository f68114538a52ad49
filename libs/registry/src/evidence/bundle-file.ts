import { createHash } from 'node:crypto';
import { pack } from 'tar-stream';

/** One file of a bundle, with a path of plain characters. */
export interface BundleFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

export function textFile(path: string, text: string): BundleFile {
  return { path, bytes: new TextEncoder().encode(text) };
}

/** In sha256sum's own format, sorted by path, so that `sha256sum -c` reads it. */
export function sha256Sums(files: readonly BundleFile[]): string {
  return files
    .map(({ path, bytes }) => `${createHash('sha256').update(bytes).digest('hex')}  ${path}\n`)
    .sort((a, b) => (a.slice(66) < b.slice(66) ? -1 : 1))
    .join('');
}

/** A POSIX tar of the files under one folder, all with the same time and mode. */
export async function tarOf(folder: string, files: readonly BundleFile[], mtime: Date): Promise<Buffer> {
  const tar = pack();
  for (const { path, bytes } of files) {
    const mode = path.endsWith('.sh') ? 0o755 : 0o644;
    tar.entry({ name: `${folder}/${path}`, mtime, mode }, Buffer.from(bytes));
  }
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks);
}
