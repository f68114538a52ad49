import { setTimeout as sleep } from 'node:timers/promises';
import { CastellanError } from '@castellan/errors';
import type { ManifestFile, Upload, Version } from '@castellan/contracts';
import type { ApiClient } from '../client/api-client.js';
import type { Progress } from '../terminal/progress.js';
import type { LocalFile } from './local-files.js';
import { RunningDigest } from './running-digest.js';
import { uploadBody } from './upload-body.js';

/** Shorter files are sent in one piece, and again from their first byte when they are cut. */
const WHOLE_BYTES = 8 * 1024 * 1024;
/** Without a byte of progress. */
const ATTEMPTS = 12;
const LONGEST_PAUSE_MS = 15_000;

export interface Sending {
  readonly api: ApiClient;
  readonly versionId: string;
  /** What the server has of the version already. */
  readonly stored: Version['files'];
  readonly coming: readonly Upload[];
  readonly say: (text: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Brings one file into the version: not at all where the server has it, from where it stopped where it has a part. The
 * server's digest is compared with the file's own.
 * @throws digest_differs; what the server refuses with; what a connection that stays cut fails with
 */
export async function sendFile(sending: Sending, local: LocalFile, progress: Progress): Promise<void> {
  const digest = new RunningDigest(local.file);
  const known = sending.stored.find(({ path }) => path === local.path);
  if (known?.sizeBytes === local.sizeBytes) {
    await digest.catchUp(local.sizeBytes);
    requireSame(local, digest, known);
    progress.skip(local.sizeBytes);
  } else {
    const send = local.sizeBytes <= WHOLE_BYTES ? sendWhole : sendByPieces;
    requireSame(local, digest, await send(sending, local, digest, progress));
  }
  progress.done();
}

async function sendWhole(
  sending: Sending,
  local: LocalFile,
  digest: RunningDigest,
  progress: Progress,
): Promise<ManifestFile | undefined> {
  const { api, versionId, signal } = sending;
  return persistently(sending, local, async () => {
    progress.restart();
    const body = uploadBody(local.file, (bytes, at) => {
      digest.add(at, bytes);
      progress.advance(bytes.length);
    });
    return api.putFile(versionId, local.path, { body, signal });
  });
}

async function sendByPieces(
  sending: Sending,
  local: LocalFile,
  digest: RunningDigest,
  progress: Progress,
): Promise<ManifestFile | undefined> {
  const { api, versionId, signal } = sending;
  const { path, sizeBytes } = local;
  const known = sending.coming.find((each) => each.path === path && each.lengthBytes === sizeBytes);
  const { id } =
    known ?? (await persistently(sending, local, () => api.createUpload(versionId, path, sizeBytes)));
  await persistently(sending, local, async (furthest) => {
    const offset = await api.uploadOffset(versionId, id);
    furthest(offset);
    progress.restart(offset);
    await digest.catchUp(offset);
    if (offset === sizeBytes) return;
    const told = (bytes: Buffer, at: number) => {
      digest.add(at, bytes);
      progress.advance(bytes.length);
    };
    await api.appendToUpload(versionId, id, offset, { body: uploadBody(local.file, told, offset), signal });
  });
  const { files } = await api.version(versionId);
  return files.find((each) => each.path === path);
}

/** Tries again after a cut, with growing pauses, as long as there is progress now and then. */
async function persistently<T>(
  { say, signal }: Sending,
  { path }: LocalFile,
  work: (furthest: (offset: number) => void) => Promise<T>,
): Promise<T> {
  let reached = 0;
  for (let attempt = 1; ; attempt++) {
    try {
      return await work((offset) => {
        if (offset > reached) attempt = 1;
        reached = Math.max(reached, offset);
      });
    } catch (error) {
      if (!isCut(error) || attempt >= ATTEMPTS || signal.aborted) throw error;
      say(`${path}: ${error.publicDetail} Trying again (${attempt + 1} of ${ATTEMPTS}).`);
      await sleep(Math.min(2 ** attempt * 100, LONGEST_PAUSE_MS), undefined, { signal });
    }
  }
}

/** A cut, or what a client is told who comes back before its old connection is known to be dead. */
function isCut(error: unknown): error is CastellanError {
  if (!(error instanceof CastellanError)) return false;
  return error.kind === 'unavailable' || error.code === 'upload_offset_conflict';
}

/** The manifest is made of what the server says: of each digest that it names. */
function requireSame({ path }: LocalFile, digest: RunningDigest, stored: ManifestFile | undefined): void {
  const sent = digest.end();
  const { sha256, sha256Tree = sent.sha256Tree } = stored ?? { sha256: 'nothing' };
  if (sent.sha256 === sha256 && sent.sha256Tree === sha256Tree) return;
  throw new CastellanError({
    code: 'digest_differs',
    kind: 'conflict',
    publicDetail:
      `The server has other bytes for ${path} (SHA-256 ${sha256}, tree ${sha256Tree}) than this file ` +
      `(${sent.sha256}, ${sent.sha256Tree}). Was it changed meanwhile? Publish again.`,
  });
}
