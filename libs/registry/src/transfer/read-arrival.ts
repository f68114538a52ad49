import { readManifest, TrustError } from '@castellan/approval-policy';
import {
  type ArrivingSegment,
  type ArrivingVersion,
  Manifest,
  type ManifestFile,
} from '@castellan/contracts';
import { plainSize, SealedStreamError } from '@castellan/sealed-stream';
import { dataKeyContext } from '@castellan/vault';
import { RegistryError } from '../registry-error.js';

export interface ArrivingFile extends ManifestFile {
  readonly segments: readonly ArrivingSegment[];
}

/**
 * Holds what arrives together: the manifest has the version's digest, its files are those that are described, each in segments that
 * follow one another and have the file's length, and each data key says that it is of this version in this project. That a key
 * opens, and that the content is the manifest's, is found by the scan.
 * @throws transfer_inconsistent
 */
export function readArrival(arriving: ArrivingVersion): { manifest: Manifest; files: ArrivingFile[] } {
  const manifest = manifestOf(arriving);
  const described = new Map(arriving.files.map(({ path, segments }) => [path, segments]));
  if (described.size !== arriving.files.length || described.size !== manifest.files.length)
    throw inconsistent('Its files are not those of its manifest.');
  const files = manifest.files.map((file) => ({ ...file, segments: described.get(file.path) ?? [] }));
  for (const { path, sizeBytes, segments } of files)
    if (lengthOf(segments) !== sizeBytes)
      throw inconsistent(`The parts of ${JSON.stringify(path)} don't make up the file.`);
  requireOwnKeys(arriving);
  return { manifest, files };
}

function manifestOf({ manifest, versionDigest }: ArrivingVersion): Manifest {
  try {
    readManifest(manifest, versionDigest);
  } catch (cause) {
    if (cause instanceof TrustError) throw inconsistent(cause.publicDetail, cause);
    throw cause;
  }
  const read = Manifest.safeParse(JSON.parse(manifest));
  if (!read.success) throw inconsistent('Its manifest is none.', read.error);
  return read.data;
}

/** Of the plaintext, where each segment begins at the end of the one before it; else -1. */
function lengthOf(segments: readonly ArrivingSegment[]): number {
  try {
    let end = 0;
    for (const { startBytes, sizeBytes } of segments) {
      if (startBytes !== end) return -1;
      end += plainSize(sizeBytes);
    }
    return segments.length === 0 ? -1 : end;
  } catch (error) {
    if (error instanceof SealedStreamError) return -1;
    throw error;
  }
}

function requireOwnKeys({ versionId: id, projectId: project, files, dataKeys }: ArrivingVersion): void {
  const context = dataKeyContext({ kind: 'version', id, project });
  const own = new Set(dataKeys.filter((key) => key.context === context).map((key) => key.id));
  const used = files.flatMap(({ segments }) => segments.map(({ dataKeyId }) => dataKeyId));
  if (own.size !== dataKeys.length || used.some((dataKeyId) => !own.has(dataKeyId)))
    throw inconsistent('Its data keys are not those of this version in this project.');
}

function inconsistent(reason: string, cause?: unknown): RegistryError {
  return new RegistryError('transfer_inconsistent', {
    kind: 'invalid',
    publicDetail: `The version that arrives does not hold together. ${reason}`,
    cause,
  });
}
