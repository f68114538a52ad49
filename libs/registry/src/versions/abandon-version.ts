import { Injectable } from '@nestjs/common';
import type { Actor } from '@castellan/access';
import { AuditLog } from '@castellan/audit';
import { Database } from '@castellan/database';
import { DataKeys, SealedStore } from '@castellan/vault';
import { registryEvents } from '../registry-events.js';
import { OpenUploads } from './open-uploads.js';
import { type VersionRow, VersionStore } from './version-store.js';

/** Gives up a version that was never finalised: its row, its keys and every byte stored for it go. */
@Injectable()
export class AbandonVersion {
  constructor(
    private readonly database: Database,
    private readonly versions: VersionStore,
    private readonly uploads: OpenUploads,
    private readonly dataKeys: DataKeys,
    private readonly sealed: SealedStore,
    private readonly audit: AuditLog,
  ) {}

  async execute(actor: Actor, { id }: VersionRow): Promise<void> {
    await this.database.transaction(async (tx) => {
      const version = await this.versions.lockUploading(tx, id);
      await this.versions.abandon(tx, id);
      await this.dataKeys.destroy(
        tx,
        version.files.map(({ dataKeyId }) => dataKeyId),
      );
      await this.audit.append(tx, registryEvents.versionAbandoned(actor, version));
    });
    this.uploads.forget(id);
    await this.sealed.removeUnreferenced(`versions/${id}`, []);
  }
}
