import { UploadList, Version } from '@castellan/contracts';
import { call, send } from '../api/call.js';
import { Refusal } from '../api/refusal.js';
import type { DroppedFile } from './dropped-files.js';
import { InterruptedPublication } from './interrupted-publication.js';
import { isCut, sendFile, type Watching } from './send-file.js';

/** Files up to this many bytes are hashed here too: WebCrypto digests only what is in memory. */
const HASHED_HERE_BYTES = 256 * 2 ** 20;

/**
 * Starts a version, or goes on with one that these files were going into; sends the files one by one, finalises it. What the
 * server sealed is compared, by digest, with what was dropped. What is refused is given up, so that nothing half-sent stays
 * behind; what was cut stays, and publishing again goes on with it.
 *
 * @throws Refusal, `digest_differs` among them: the server stored other bytes than these.
 */
export async function publishVersion(
  model: string,
  files: readonly DroppedFile[],
  watching: Watching,
): Promise<Version> {
  const memory = new InterruptedPublication(model, files);
  const { id, files: stored } = (await interrupted(memory)) ?? (await start(model));
  memory.begin(id);
  const path = `/api/v1/versions/${id}`;
  try {
    const { uploads: coming } = await call(`${path}/uploads`, UploadList);
    for (const dropped of files) {
      const sha256 = await sendFile(path, dropped, { stored, coming }, watching);
      await requireSameBytes(dropped.file, sha256);
      watching.onSent(dropped.path, dropped.file.size, 0);
    }
    const version = await call(`${path}/finalize`, Version, { method: 'POST' });
    memory.end();
    return version;
  } catch (error) {
    if (!isCut(error)) {
      memory.end();
      await send(path, { method: 'DELETE' }).catch(() => undefined);
    }
    throw error;
  }
}

function start(model: string): Promise<Version> {
  return call(`/api/v1/models/${encodeURIComponent(model)}/versions`, Version, { method: 'POST' });
}

async function interrupted({ version }: InterruptedPublication): Promise<Version | undefined> {
  if (version === undefined) return undefined;
  try {
    const found = await call(`/api/v1/versions/${version}`, Version);
    return found.stage === 'uploading' ? found : undefined;
  } catch (error) {
    // Given up meanwhile.
    if (error instanceof Refusal && error.status === 404) return undefined;
    throw error;
  }
}

async function requireSameBytes(file: File, sha256: string): Promise<void> {
  if (file.size > HASHED_HERE_BYTES) return;
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await file.arrayBuffer()));
  if (Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('') === sha256) return;
  throw new Refusal(0, 'digest_differs', `${file.name}: ${sha256}`);
}
