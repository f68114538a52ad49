import { type Actor, requireAbility } from '@castellan/access';
import { BlobStoreError } from '@castellan/blob-store';
import { Id, Sha256 } from '@castellan/contracts';
import { Database } from '@castellan/database';
import { SealedStore } from '@castellan/vault';
import { Injectable } from '@nestjs/common';
import type { ProjectRow } from '../storage/find-project.js';
import { RegistryError } from '../registry-error.js';
import { VersionStorage } from '../storage/version-storage.js';

export interface ArrivingBlob {
  readonly versionId: string;
  readonly sha256: string;
  /** As the request declares it. */
  readonly lengthBytes: number;
  readonly body: AsyncIterable<Uint8Array>;
}

/**
 * Sealed bytes of a version that arrives from another platform, blob by blob, under names of their own digest; until the version is
 * recorded nothing names them, and they are collected like an upload that nobody goes on with.
 */
@Injectable()
export class ReceiveBlob {
  constructor(
    private readonly database: Database,
    private readonly sealed: SealedStore,
    private readonly storage: VersionStorage,
  ) {}

  /** The digests of what is there already. @throws version_exists, not_permitted */
  async arrived(actor: Actor, project: ProjectRow, versionId: string): Promise<string[]> {
    this.#require(actor, project);
    await this.#requireNew(versionId);
    const where = { versionId, sweptAt: null };
    const loose = await this.database.client.looseBlob.findMany({ where });
    const found = await Promise.all(loose.map(({ blobKey }) => this.#isThere(blobKey)));
    return loose.filter((_, turn) => found[turn]).map(({ blobKey }) => blobKey.split('/')[2] ?? '');
  }

  /** One that is there already stays. @throws transfer_inconsistent, version_exists, quota_exceeded, transfer_differs, not_permitted */
  async execute(actor: Actor, project: ProjectRow, blob: ArrivingBlob): Promise<void> {
    this.#require(actor, project);
    const { versionId, sha256, lengthBytes, body } = blob;
    requireNames(versionId, sha256);
    await this.#requireNew(versionId);
    await this.database.transaction((tx) => this.storage.usage.admit(tx, project, lengthBytes));
    const blobKey = arrivingBlobKey(versionId, sha256);
    await this.database.client.looseBlob.createMany({ data: [{ blobKey, versionId }], skipDuplicates: true });
    try {
      await this.sealed.receive(blobKey, sha256, body);
    } catch (error) {
      if (!(error instanceof BlobStoreError && error.code === 'blob_exists')) throw error;
    }
  }

  #require(actor: Actor, { id: projectId, organizationId }: ProjectRow): void {
    requireAbility(actor, 'receive', 'Model', { organizationId, projectId });
  }

  async #requireNew(id: string): Promise<void> {
    if ((await this.database.client.version.count({ where: { id } })) > 0) throw versionExists();
  }

  async #isThere(blobKey: string): Promise<boolean> {
    try {
      return (await this.sealed.size(blobKey)) > 0;
    } catch (error) {
      if (error instanceof BlobStoreError && error.code === 'blob_missing') return false;
      throw error;
    }
  }
}

/** They become a name in the store. */
function requireNames(versionId: string, sha256: string): void {
  if (Id.safeParse(versionId).success && Sha256.safeParse(sha256).success) return;
  throw new RegistryError('transfer_inconsistent', {
    kind: 'invalid',
    publicDetail: 'A sealed blob arrives under the id of its version and its own SHA-256.',
  });
}

export function arrivingBlobKey(versionId: string, sha256: string): string {
  return `versions/${versionId}/${sha256}`;
}

export function versionExists(): RegistryError {
  return new RegistryError('version_exists', {
    kind: 'conflict',
    publicDetail: 'This version is here already.',
  });
}
