import { type Actor, requireAbility } from '@castellan/access';
import { AuditLog } from '@castellan/audit';
import { BlobStoreError } from '@castellan/blob-store';
import type { ArrivingVersion, Manifest } from '@castellan/contracts';
import { Database, type Tx } from '@castellan/database';
import { SealedStore } from '@castellan/vault';
import { Injectable } from '@nestjs/common';
import { registryEvents } from '../registry-events.js';
import { RegistryError } from '../registry-error.js';
import { ScanRequests } from '../scan/scan-requests.js';
import type { ProjectRow } from '../storage/find-project.js';
import { VersionStorage } from '../storage/version-storage.js';
import { sealManifest } from '../versions/manifest.js';
import type { VersionRow } from '../versions/version-store.js';
import { ArrivingRows } from './arriving-rows.js';
import { type ArrivingFile, readArrival } from './read-arrival.js';
import { arrivingBlobKey, versionExists } from './receive-blob.js';

/**
 * Records a version that came from another platform, once all its sealed blobs are here. It goes into quarantine like any other: the
 * scan opens it with the keys that came for its project and compares every digest, and nothing that was signed elsewhere counts:
 * it is reviewed here, by people whom this platform knows.
 *
 * In a project of another name its manifest is made anew, with that name and the digest that it had (`origin`).
 */
@Injectable()
export class ReceiveVersion {
  constructor(
    private readonly database: Database,
    private readonly sealed: SealedStore,
    private readonly storage: VersionStorage,
    private readonly rows: ArrivingRows,
    private readonly audit: AuditLog,
    private readonly scans: ScanRequests,
  ) {}

  /**
   * @throws transfer_inconsistent, transfer_incomplete, transfer_of_other_project, version_exists, model_exists, quota_exceeded,
   *   blob_swept, not_permitted
   */
  async execute(actor: Actor, project: ProjectRow, arriving: ArrivingVersion): Promise<VersionRow> {
    const { id: projectId, organizationId } = project;
    requireAbility(actor, 'receive', 'Model', { organizationId, projectId });
    const { manifest, files } = readArrival(arriving);
    if (arriving.projectId !== projectId || manifest.organization !== actor.organizationName)
      throw ofOther(project, manifest);
    await this.#requireBlobs(arriving.versionId, files);
    const received = await this.database.transaction((tx) =>
      this.#record(tx, actor, project, { arriving, manifest, files }),
    );
    await this.scans.request(received.id);
    return received;
  }

  async #record(
    tx: Tx,
    actor: Actor,
    project: ProjectRow,
    { arriving, manifest, files }: { arriving: ArrivingVersion; manifest: Manifest; files: ArrivingFile[] },
  ): Promise<VersionRow> {
    const { versionId } = arriving;
    const bytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    await this.storage.usage.admit(tx, project, bytes);
    await this.rows.requireKeys(tx, project, arriving.dataKeys);
    const model = await this.rows.model(tx, actor, project, manifest.model);
    if (await this.rows.isTaken(tx, versionId, model.id, manifest.number)) throw versionExists();
    for (const blobKey of blobsOf(versionId, files)) await this.storage.loose.claim(tx, blobKey);
    const sealed =
      project.name === manifest.project ? asItWas(arriving) : renamed(arriving, manifest, project);
    const row = { manifest: sealed.text, digest: sealed.digest, authorName: manifest.author };
    const created = { id: versionId, modelId: model.id, number: manifest.number, authorId: actor.personId };
    const version = await this.rows.version(
      tx,
      { ...row, ...created, createdAt: new Date(manifest.createdAt) },
      files,
      arriving.dataKeys,
    );
    const came = { project: manifest.project, versionDigest: arriving.versionDigest };
    await this.audit.append(tx, registryEvents.versionReceived(actor, version, came));
    return version;
  }

  async #requireBlobs(versionId: string, files: readonly ArrivingFile[]): Promise<void> {
    for (const { path, segments } of files)
      for (const { sha256, sizeBytes } of segments) {
        const found = await this.sealed.size(arrivingBlobKey(versionId, sha256)).catch(missing);
        if (found !== sizeBytes) throw incomplete(path);
      }
  }
}

function blobsOf(versionId: string, files: readonly ArrivingFile[]): string[] {
  return files.flatMap(({ segments }) => segments.map(({ sha256 }) => arrivingBlobKey(versionId, sha256)));
}

function asItWas({ manifest: text, versionDigest: digest }: ArrivingVersion) {
  return { text, digest };
}

function renamed({ versionDigest: origin }: ArrivingVersion, manifest: Manifest, { name }: ProjectRow) {
  return sealManifest({ ...manifest, project: name, origin, createdAt: new Date(manifest.createdAt) });
}

function missing(error: unknown): undefined {
  if (error instanceof BlobStoreError && error.code === 'blob_missing') return undefined;
  throw error;
}

function incomplete(path: string): RegistryError {
  return new RegistryError('transfer_incomplete', {
    kind: 'conflict',
    publicDetail: `Not all of ${JSON.stringify(path)} has arrived. Send what is missing, and this again.`,
  });
}

function ofOther({ name }: ProjectRow, manifest: Manifest): RegistryError {
  return new RegistryError('transfer_of_other_project', {
    kind: 'conflict',
    publicDetail:
      `The version is of ${manifest.organization}/${manifest.project}, and not of the project whose keys came as "${name}". ` +
      'Take in that project’s keys first, with "castellan keys import".',
  });
}
