import { Injectable } from '@nestjs/common';
import type { Actor } from '@castellan/access';
import { AuditLog } from '@castellan/audit';
import { Database } from '@castellan/database';
import type { ModelRow } from '../models/model-store.js';
import { registryEvents } from '../registry-events.js';
import { type VersionRow, VersionStore } from './version-store.js';

/** Opens the next version of a model for upload. Whoever starts it is its author, and can't review it. */
@Injectable()
export class StartVersion {
  constructor(
    private readonly database: Database,
    private readonly versions: VersionStore,
    private readonly audit: AuditLog,
  ) {}

  execute(actor: Actor, model: ModelRow): Promise<VersionRow> {
    return this.database.transaction(async (tx) => {
      const version = await this.versions.start(tx, {
        modelId: model.id,
        authorId: actor.personId,
        authorName: actor.name,
      });
      await this.audit.append(tx, registryEvents.versionStarted(actor, version));
      return version;
    });
  }
}
