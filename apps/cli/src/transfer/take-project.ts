import { ArrivingVersion, TransferIndex, type Version } from '@castellan/contracts';
import { CastellanError } from '@castellan/errors';
import type { ApiClient } from '../client/api-client.js';
import { VersionTransferClient } from '../client/version-transfer-client.js';
import { verifyBundleFile, type Verification } from '../evidence/verify-bundle.js';
import { uploadBody } from '../publish/upload-body.js';
import type { TransferWatch } from './send-project.js';
import { differs, readJson, sha256Of, type TransferFolder } from './transfer-folder.js';

export interface Taken {
  readonly ref: string;
  /** Absent: it was here already. */
  readonly version?: Version;
  /** What its evidence says of its review where it came from. Nothing here rests on it. */
  readonly there?: Verification['decision'];
}

/**
 * Brings the versions of a courier's folder into a project whose keys came before. The index must have the SHA-256 that was told over
 * another channel; everything else has digests that it names, and each evidence bundle must hold up. What is here already is not
 * sent again.
 */
export async function takeProject(
  api: ApiClient,
  folder: TransferFolder,
  { sha256, project: name }: { readonly sha256: string; readonly project?: string },
  watch: TransferWatch,
): Promise<Taken[]> {
  const index = await readJson(TransferIndex, folder.index, sha256);
  const project = name ?? index.project;
  const client = new VersionTransferClient(api.connection);
  const taken: Taken[] = [];
  for (const { ref, versionDigest, sha256: described, evidence } of index.versions) {
    const arriving = await readJson(ArrivingVersion, folder.version(versionDigest), described);
    const there = evidence === undefined ? undefined : await readEvidence(folder, versionDigest, evidence);
    const version = await take(client, project, folder, arriving, ref, watch);
    taken.push({ ref, ...(version && { version }), ...(there && { there }) });
  }
  return taken;
}

async function readEvidence(folder: TransferFolder, versionDigest: string, sha256: string) {
  const file = folder.evidence(versionDigest);
  if ((await sha256Of(file)) !== sha256) throw differs(`${file} is not the one of the digest ${sha256}.`);
  const { ok, version, decision, faults } = await verifyBundleFile(file, { officers: [] });
  if (!ok || version?.digest !== versionDigest)
    throw differs(`${file} does not hold up: ${faults.map(({ detail }) => detail).join(' ')}`);
  return decision;
}

async function take(
  client: VersionTransferClient,
  project: string,
  folder: TransferFolder,
  arriving: ArrivingVersion,
  ref: string,
  { progress, say, signal }: TransferWatch,
): Promise<Version | undefined> {
  const { versionId, files } = arriving;
  const segments = files.flatMap((file) => file.segments);
  const totalBytes = segments.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  try {
    const { blobs } = await client.arrived(project, versionId);
    const line = progress(ref, totalBytes);
    for (const [turn, { sha256, sizeBytes }] of segments.entries()) {
      if (blobs.includes(sha256)) line.advance(sizeBytes);
      else {
        const body = uploadBody(folder.blob(versionId, turn), (bytes) => line.advance(bytes.length));
        await client.bring(project, versionId, sha256, { body, signal });
      }
    }
    line.done();
    return await client.receive(project, arriving);
  } catch (error) {
    if (!(error instanceof CastellanError) || error.code !== 'version_exists') throw error;
    say(`${ref} is here already.`);
    return undefined;
  }
}
