import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CastellanError } from '@castellan/errors';
import type { Version } from '@castellan/contracts';
import type { ApiClient } from '../client/api-client.js';
import type { Progress } from '../terminal/progress.js';
import { UsageError } from '../usage-error.js';
import { uploadBody } from './upload-body.js';

/** A file on this machine, under the path that it will have in the version. */
export interface LocalFile {
  readonly file: string;
  readonly path: string;
  readonly sizeBytes: number;
}

export interface Publication {
  readonly model: string;
  readonly project: string;
  readonly files: readonly LocalFile[];
  readonly progress: (label: string, totalBytes: number) => Progress;
  readonly say: (text: string) => void;
}

const ATTEMPTS = 5;
const POLL_MS = 200;

/** @throws UsageError naming the file that isn't there, or two files of one name. */
export async function localFiles(files: readonly string[]): Promise<LocalFile[]> {
  const found = await Promise.all(files.map(describeFile));
  const paths = new Set(found.map(({ path }) => path));
  if (paths.size === found.length) return found;
  throw new UsageError('Two of the files have the same name; a version holds each path once.');
}

/**
 * Makes a version of the model (and the model, where it is new), streams the files in, and finalises it. A file whose
 * upload is cut is sent again from its first byte. When a file can't be sent the unfinished version is taken back.
 * Resolves with the version in quarantine; {@link scanned} waits for the verdict.
 */
export async function publishVersion(api: ApiClient, publication: Publication): Promise<Version> {
  await ensureModel(api, publication);
  const { id, model, number } = await api.createVersion(publication.model);
  publication.say(`${model}@${number}`);
  try {
    for (const file of publication.files) await sendFile(api, id, file, publication);
    return await api.finalize(id);
  } catch (error) {
    await api.deleteVersion(id).catch(() => undefined);
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

async function ensureModel(api: ApiClient, { model, project }: Publication): Promise<void> {
  try {
    await api.createModel({ project, name: model });
  } catch (error) {
    if (!(error instanceof CastellanError) || error.kind !== 'conflict') throw error;
    const existing = await api.model(model);
    if (existing.project === project) return;
    throw new UsageError(`The model ${model} belongs to the project ${existing.project}, not ${project}.`);
  }
}

async function sendFile(
  api: ApiClient,
  id: string,
  local: LocalFile,
  publication: Publication,
): Promise<void> {
  const progress = publication.progress(local.path, local.sizeBytes);
  for (let attempt = 1; ; attempt++) {
    try {
      await api.putFile(id, local.path, { body: uploadBody(local.file, progress) });
      progress.done();
      return;
    } catch (error) {
      if (!isCut(error) || attempt === ATTEMPTS) throw error;
      publication.say(
        `${local.path}: ${error.publicDetail} Sending it again (${attempt + 1} of ${ATTEMPTS}).`,
      );
      progress.restart();
      await sleep(2 ** attempt * 100);
    }
  }
}

function isCut(error: unknown): error is CastellanError {
  return error instanceof CastellanError && error.kind === 'unavailable';
}

async function describeFile(file: string): Promise<LocalFile> {
  try {
    const found = await stat(file);
    if (found.isFile()) return { file, path: basename(file), sizeBytes: found.size };
  } catch (cause) {
    throw new UsageError(`${file} can't be read.`, cause);
  }
  throw new UsageError(`${file} is not a file.`);
}
