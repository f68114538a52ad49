import { createWriteStream } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { TransferIndex, Version, VersionTransfer } from '@castellan/contracts';
import { CastellanError } from '@castellan/errors';
import type { ApiClient } from '../client/api-client.js';
import { saveResponse } from '../client/save-response.js';
import { VersionTransferClient } from '../client/version-transfer-client.js';
import type { Progress } from '../terminal/progress.js';
import { UsageError } from '../usage-error.js';
import { sha256Of, sizeOf, type TransferFolder, writeJson } from './transfer-folder.js';

export interface TransferWatch {
  readonly progress: (label: string, totalBytes: number) => Progress;
  readonly say: (text: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Writes all finalised versions of a project into a folder: sealed, as they lie in the store, with what another platform needs beside
 * the project's keys, and the evidence that this one gives of each. What a run before has brought is not fetched again. Resolves
 * with the SHA-256 of the folder's index.
 */
export async function sendProject(
  api: ApiClient,
  project: string,
  folder: TransferFolder,
  watch: TransferWatch,
): Promise<{ index: TransferIndex; sha256: string }> {
  const versions = await versionsOf(api, project);
  if (versions.length === 0) throw new UsageError(`The project ${project} has no finalised version.`);
  const client = new VersionTransferClient(api.connection);
  const entries: TransferIndex['versions'] = [];
  let projectId = '';
  for (const version of versions) {
    const described = await client.describe(version.id);
    ({ projectId } = described);
    const arriving = { ...described, files: await fetchBlobs(client, described, version, folder, watch) };
    const { versionDigest } = described;
    const evidence = await fetchEvidence(api, version, folder.evidence(versionDigest), watch);
    const sha256 = await writeJson(folder.version(versionDigest), arriving);
    entries.push({ ref: refOf(version), versionDigest, sha256, ...(evidence !== undefined && { evidence }) });
  }
  const { organization } = await api.me();
  const index = {
    format: 'castellan.transfer/v1',
    organization,
    project,
    projectId,
    versions: entries,
  } as const;
  return { index, sha256: await writeJson(folder.index, index) };
}

async function versionsOf(api: ApiClient, project: string): Promise<Version[]> {
  const { models } = await api.models();
  const own = models.filter((model) => model.project === project);
  const lists = await Promise.all(own.map(({ name }) => api.versions(name)));
  return lists
    .flatMap(({ versions }) => versions)
    .filter(({ digest, stage }) => digest !== undefined && stage !== 'destroyed');
}

/** The files as described, each segment with the SHA-256 of what was fetched. */
async function fetchBlobs(
  client: VersionTransferClient,
  { versionId, files }: VersionTransfer,
  version: Version,
  folder: TransferFolder,
  { progress, signal }: TransferWatch,
) {
  const all = files.flatMap(({ segments }) => segments);
  const line = progress(
    refOf(version),
    all.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
  );
  let turn = 0;
  const fetched = [];
  for (const { path, segments } of files) {
    const named = [];
    for (const segment of segments) {
      const file = folder.blob(versionId, turn);
      if ((await sizeOf(file)) !== segment.sizeBytes)
        await fetchWhole(await client.sealed(versionId, turn, signal), file);
      named.push({ ...segment, sha256: await sha256Of(file) });
      line.advance(segment.sizeBytes);
      turn += 1;
    }
    fetched.push({ path, segments: named });
  }
  line.done();
  return fetched;
}

async function fetchWhole(response: Response, file: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  if (response.body === null) throw new Error('the answer has no body');
  await pipeline(Readable.fromWeb(response.body), createWriteStream(`${file}.part`));
  await rename(`${file}.part`, file);
}

/** Nothing there was signed about a version that nobody has reviewed. */
async function fetchEvidence(
  api: ApiClient,
  version: Version,
  file: string,
  { say }: TransferWatch,
): Promise<string | undefined> {
  await mkdir(dirname(file), { recursive: true });
  try {
    await saveResponse(await api.evidence(version.id), file);
    return await sha256Of(file);
  } catch (error) {
    if (!(error instanceof CastellanError) || error.kind === 'unavailable') throw error;
    say(`${refOf(version)} goes without evidence: ${error.publicDetail}`);
    return undefined;
  }
}

function refOf({ model, number }: Version): string {
  return `${model}@${number}`;
}
