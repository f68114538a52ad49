import { Injectable } from '@nestjs/common';
import { type Actor, requireAbility } from '@castellan/access';
import { AuditLog } from '@castellan/audit';
import { Database } from '@castellan/database';
import { registryEvents } from '../registry-events.js';
import { ProjectUsage, type Usage } from './project-usage.js';
import type { ProjectRow } from './find-project.js';

/** Limits how much the versions of a project may take, or lifts the limit. What is stored already stays, whatever it takes. */
@Injectable()
export class SetQuota {
  constructor(
    private readonly database: Database,
    private readonly usage: ProjectUsage,
    private readonly audit: AuditLog,
  ) {}

  /** @throws not_permitted */
  async execute(actor: Actor, project: ProjectRow, limitBytes: number | null): Promise<Usage> {
    const { id: projectId, organizationId } = project;
    requireAbility(actor, 'limit', 'Model', { organizationId, projectId });
    await this.database.transaction(async (tx) => {
      await this.usage.limit(tx, projectId, limitBytes, actor.personId);
      await this.audit.append(tx, registryEvents.quotaSet(actor, project, limitBytes));
    });
    return this.usage.show(projectId);
  }
}
