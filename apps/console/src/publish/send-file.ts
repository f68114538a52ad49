import { FileStored, Upload, Version } from '@castellan/contracts';
import { call, send } from '../api/call.js';
import { Refusal } from '../api/refusal.js';
import { sendBytes, upload } from '../api/upload.js';
import type { DroppedFile } from './dropped-files.js';

/** Shorter files are sent whole, and again from their first byte when they are cut. */
const WHOLE_BYTES = 8 * 2 ** 20;
/** Without a byte of progress. */
const ATTEMPTS = 12;
const LONGEST_PAUSE_MS = 10_000;
const TUS = { 'tus-resumable': '1.0.0' };

/** What is heard of a publication on its way. */
export interface Watching {
  /** So much of the file is there. `hadBytes`: of that, what this run did not send. */
  readonly onSent: (path: string, sentBytes: number, hadBytes: number) => void;
  readonly onCut: (cut: boolean) => void;
}

/** What the server has of a version already. */
export interface Known {
  readonly stored: Version['files'];
  readonly coming: readonly Upload[];
}

/** Brings one file into the version, from where it stopped where a part is there. Resolves with the server's digest. */
export async function sendFile(
  version: string,
  { path, file }: DroppedFile,
  known: Known,
  watching: Watching,
): Promise<string> {
  const there = known.stored.find((each) => each.path === path && each.sizeBytes === file.size);
  if (there !== undefined) {
    watching.onSent(path, file.size, file.size);
    return there.sha256;
  }
  if (file.size <= WHOLE_BYTES) {
    const target = `${version}/files/${path.split('/').map(encodeURIComponent).join('/')}`;
    const told = (sentBytes: number) => watching.onSent(path, sentBytes, 0);
    return (await persistently(watching, () => upload(target, file, FileStored, told))).sha256;
  }
  await sendByPieces(version, { path, file }, known, watching);
  const { files } = await call(version, Version);
  return files.find((each) => each.path === path)?.sha256 ?? '';
}

async function sendByPieces(
  version: string,
  { path, file }: DroppedFile,
  { coming }: Known,
  watching: Watching,
): Promise<void> {
  const begun = coming.find((each) => each.path === path && each.lengthBytes === file.size);
  const { id } = begun ?? (await persistently(watching, () => begin(version, path, file.size)));
  const target = `${version}/uploads/${id}`;
  let had: number | undefined;
  await persistently(watching, async (reached) => {
    const { headers } = await send(target, { method: 'HEAD', headers: TUS });
    const offset = Number(headers.get('upload-offset'));
    const hadBytes = (had ??= offset);
    reached(offset);
    watching.onSent(path, offset, hadBytes);
    if (offset === file.size) return;
    await sendBytes({
      method: 'PATCH',
      path: target,
      headers: { ...TUS, 'upload-offset': String(offset), 'content-type': 'application/offset+octet-stream' },
      body: file.slice(offset),
      onSent: (sentBytes) => watching.onSent(path, offset + sentBytes, hadBytes),
    });
  });
}

function begin(version: string, path: string, lengthBytes: number): Promise<Upload> {
  const metadata = btoa(String.fromCharCode(...new TextEncoder().encode(path)));
  const headers = { ...TUS, 'upload-length': String(lengthBytes), 'upload-metadata': `path ${metadata}` };
  return call(`${version}/uploads`, Upload, { method: 'POST', headers });
}

/** Tries again after a cut, with growing pauses or as soon as the network is back, as long as there is progress. */
async function persistently<T>(
  { onCut }: Watching,
  work: (reached: (offset: number) => void) => Promise<T>,
): Promise<T> {
  let furthest = 0;
  for (let attempt = 1; ; attempt++) {
    try {
      return await work((offset) => {
        if (offset > furthest) attempt = 1;
        furthest = Math.max(furthest, offset);
        onCut(false);
      });
    } catch (error) {
      if (!isCut(error) || attempt >= ATTEMPTS) throw error;
      onCut(true);
      await pause(Math.min(2 ** attempt * 200, LONGEST_PAUSE_MS));
    }
  }
}

/** A cut, or what one is told who comes back before the old connection is known to be dead. */
export function isCut(error: unknown): boolean {
  if (!(error instanceof Refusal)) return false;
  return error.code === 'unreachable' || error.status >= 502 || error.code === 'upload_offset_conflict';
}

function pause(atMostMs: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener('online', done);
      resolve();
    };
    const timer = setTimeout(done, atMostMs);
    addEventListener('online', done);
  });
}
