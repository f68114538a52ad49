import { AuditLog } from '@castellan/audit';
import type { CreateProject as CreateProjectRequest } from '@castellan/contracts';
import { Database, isUniqueViolation } from '@castellan/database';
import { Injectable } from '@nestjs/common';
import { accessEvents } from '../access-events.js';
import { AccessError } from '../access-error.js';
import { requireAbility } from '../ability/ability.js';
import type { Actor } from '../actor.js';
import { ProjectStore, type ProjectRow } from './project-store.js';

/** Opens a project: what models, datasets and policies belong to. */
@Injectable()
export class CreateProject {
  constructor(
    private readonly database: Database,
    private readonly projects: ProjectStore,
    private readonly audit: AuditLog,
  ) {}

  /** @throws `not_permitted`, `project_exists` */
  async execute(actor: Actor, { name }: CreateProjectRequest): Promise<ProjectRow> {
    const { organizationId } = actor;
    requireAbility(actor, 'create', 'Project', { organizationId });
    try {
      return await this.database.transaction(async (tx) => {
        const project = await this.projects.create(tx, organizationId, name);
        await this.audit.append(tx, accessEvents.projectCreated(actor, project));
        return project;
      });
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      throw new AccessError({
        code: 'project_exists',
        kind: 'conflict',
        publicDetail: `Your organisation has a project "${name}" already.`,
      });
    }
  }
}
