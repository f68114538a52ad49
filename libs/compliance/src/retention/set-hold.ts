import { Injectable } from '@nestjs/common';
import { type Actor, requireAbility, visible } from '@castellan/access';
import { AuditLog } from '@castellan/audit';
import type { CreateLegalHold } from '@castellan/contracts';
import { Database } from '@castellan/database';
import { ComplianceError } from '../compliance-error.js';
import { type HoldRow, HoldStore } from './hold-store.js';
import { retentionEvents } from './retention-events.js';

/** Sets a hold. When it is there, no payload that it fits is removed any more, whatever was announced before. */
@Injectable()
export class SetHold {
  constructor(
    private readonly database: Database,
    private readonly holds: HoldStore,
    private readonly audit: AuditLog,
  ) {}

  /** @throws `project_unknown` */
  async execute(actor: Actor, request: CreateLegalHold): Promise<HoldRow> {
    const { organizationId, personId: setById, name: setBy } = actor;
    requireAbility(actor, 'create', 'LegalHold', { organizationId });
    const { reason, resource, actor: actorId, project, from, to } = request;
    const projectId = project === undefined ? undefined : await this.#project(actor, project);
    return this.database.transaction(async (tx) => {
      await this.holds.takeTurn(tx);
      const row = await this.holds.create(tx, {
        organizationId,
        reason,
        resourceId: resource ?? null,
        actorId: actorId ?? null,
        projectId: projectId ?? null,
        from: from ?? null,
        to: to ?? null,
        setById,
        setBy,
      });
      await this.audit.append(tx, retentionEvents.holdSet(actor, row));
      return row;
    });
  }

  async #project(actor: Actor, name: string): Promise<string> {
    const where = { AND: [visible(actor, 'Project'), { name }] };
    const found = await this.database.client.project.findFirst({ where, select: { id: true } });
    if (found !== null) return found.id;
    throw new ComplianceError('project_unknown', {
      kind: 'not_found',
      publicDetail: `There is no project "${name}".`,
    });
  }
}
