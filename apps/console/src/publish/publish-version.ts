import { FileStored, Version } from '@castellan/contracts';
import { call, send } from '../api/call.js';
import { Refusal } from '../api/refusal.js';
import { upload } from '../api/upload.js';

/** A file that somebody dropped, under the path that it will have in the version. */
export interface DroppedFile {
  readonly path: string;
  readonly file: File;
}

/** Files up to this many bytes are hashed here too: WebCrypto digests only what is in memory. */
const HASHED_HERE_BYTES = 256 * 2 ** 20;

/**
 * Starts a version, sends the files one by one, finalises it. What the server sealed is compared, by digest, with what was
 * dropped. If anything fails the unfinished version is given up, so that nothing half-sent stays behind.
 *
 * @throws Refusal, `digest_differs` among them: the server stored other bytes than these.
 */
export async function publishVersion(
  model: string,
  files: readonly DroppedFile[],
  onSent: (path: string, sentBytes: number) => void,
): Promise<Version> {
  const started = await call(`/api/v1/models/${encodeURIComponent(model)}/versions`, Version, {
    method: 'POST',
  });
  const path = `/api/v1/versions/${started.id}`;
  try {
    for (const { path: name, file } of files) {
      const target = `${path}/files/${name.split('/').map(encodeURIComponent).join('/')}`;
      const stored = await upload(target, file, FileStored, (sentBytes) => onSent(name, sentBytes));
      await requireSameBytes(file, stored.sha256);
      onSent(name, file.size);
    }
    return await call(`${path}/finalize`, Version, { method: 'POST' });
  } catch (error) {
    await send(path, { method: 'DELETE' }).catch(() => undefined);
    throw error;
  }
}

async function requireSameBytes(file: File, sha256: string): Promise<void> {
  if (file.size > HASHED_HERE_BYTES) return;
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await file.arrayBuffer()));
  if (Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('') === sha256) return;
  throw new Refusal(0, 'digest_differs', `${file.name}: ${sha256}`);
}
