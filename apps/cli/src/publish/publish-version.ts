import { setTimeout as sleep } from 'node:timers/promises';
import { CastellanError } from '@castellan/errors';
import type { Version } from '@castellan/contracts';
import type { ApiClient } from '../client/api-client.js';
import type { Progress } from '../terminal/progress.js';
import { ensureModel } from './ensure-model.js';
import type { LocalFile } from './local-files.js';
import type { Publications } from './publications.js';
import { sendFile } from './send-file.js';

export interface Publication {
  readonly model: string;
  readonly project: string;
  readonly files: readonly LocalFile[];
  /** `laterBytes`: of the files that come after this one. */
  readonly progress: (label: string, totalBytes: number, laterBytes: number) => Progress;
  readonly say: (text: string) => void;
  /** Where an interrupted one is remembered. Absent: it isn't, and what was sent is taken back. */
  readonly memory?: Publications;
  readonly signal?: AbortSignal;
}

const POLL_MS = 200;

/**
 * Makes a version of the model (and the model, where it is new), streams the files in, and finalises it; or goes on with one
 * that was interrupted. What is refused for good is taken back; what was cut off, interrupted, or found no room stays, and
 * the same publication goes on with it. Resolves with the version in quarantine; {@link scanned} waits for the verdict.
 */
export async function publishVersion(api: ApiClient, publication: Publication): Promise<Version> {
  const { memory, signal = new AbortController().signal } = publication;
  await ensureModel(api, publication.model, publication.project);
  const version =
    (await interruptedVersion(api, publication)) ?? (await api.createVersion(publication.model));
  const { id, model, number } = version;
  publication.say(`${model}@${number}`);
  await memory?.begin(id);
  try {
    const { uploads: coming } = await api.uploads(id);
    const sending = { api, versionId: id, stored: version.files, coming, say: publication.say, signal };
    let laterBytes = publication.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    for (const [at, file] of publication.files.entries()) {
      laterBytes -= file.sizeBytes;
      const label =
        publication.files.length > 1 ? `${file.path} (${at + 1} of ${publication.files.length})` : file.path;
      await sendFile(sending, file, publication.progress(label, file.sizeBytes, laterBytes));
    }
    const finalised = await api.finalize(id);
    await memory?.end();
    return finalised;
  } catch (error) {
    if (memory !== undefined && canGoOn(error, signal)) {
      publication.say('What was sent is kept. The same command again goes on from there.');
    } else {
      await api.deleteVersion(id).catch(() => undefined);
      await memory?.end();
    }
    throw error;
  }
}

/** Waits until the scan has spoken: the version is then `candidate` or `rejected`. */
export async function scanned(api: ApiClient, ref: string, signal: AbortSignal): Promise<Version> {
  for (;;) {
    const version = await api.version(ref);
    if (version.stage !== 'quarantined') return version;
    await sleep(POLL_MS, undefined, { signal });
  }
}

async function interruptedVersion(
  api: ApiClient,
  { memory, say }: Publication,
): Promise<Version | undefined> {
  const id = await memory?.interrupted();
  if (id === undefined) return undefined;
  try {
    const version = await api.version(id);
    if (version.stage !== 'uploading') return undefined;
    say('Going on with what was interrupted.');
    return version;
  } catch (error) {
    // Given up meanwhile: begin again.
    if (error instanceof CastellanError && error.kind === 'not_found') return undefined;
    throw error;
  }
}

function canGoOn(error: unknown, signal: AbortSignal): boolean {
  if (signal.aborted) return true;
  return (
    error instanceof CastellanError && ['unavailable', 'exhausted', 'unauthenticated'].includes(error.kind)
  );
}
