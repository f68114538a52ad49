import { Injectable } from '@nestjs/common';
import type { Actor } from '@castellan/access';
import { AuditLog } from '@castellan/audit';
import { Database } from '@castellan/database';
import { SealedStore } from '@castellan/vault';
import { registryEvents } from '../registry-events.js';
import { OpenUploads } from './open-uploads.js';
import { type VersionRow, VersionStore } from './version-store.js';

/** Gives up a version that was never finalised: its row and every byte stored for it go. */
@Injectable()
export class AbandonVersion {
  constructor(
    private readonly database: Database,
    private readonly versions: VersionStore,
    private readonly uploads: OpenUploads,
    private readonly sealed: SealedStore,
    private readonly audit: AuditLog,
  ) {}

  async execute(actor: Actor, { id }: VersionRow): Promise<void> {
    await this.database.transaction(async (tx) => {
      const version = await this.versions.lockUploading(tx, id);
      await this.versions.abandon(tx, id);
      await this.audit.append(tx, registryEvents.versionAbandoned(actor, version));
    });
    this.uploads.forget(id);
    await this.sealed.removeUnreferenced(`versions/${id}`, []);
  }
}
