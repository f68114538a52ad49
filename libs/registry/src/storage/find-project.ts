import { Injectable } from '@nestjs/common';
import { type Actor, isPermitted } from '@castellan/access';
import { Database } from '@castellan/database';
import { RegistryError } from '../registry-error.js';

export interface ProjectRow {
  readonly id: string;
  readonly name: string;
  readonly organizationId: string;
}

/** A project of the actor's organisation, whose models the actor may see. */
@Injectable()
export class FindProject {
  constructor(private readonly database: Database) {}

  /** @throws project_unknown */
  async execute(actor: Actor, name: string): Promise<ProjectRow> {
    const { organizationId } = actor;
    const project = await this.database.client.project.findUnique({
      where: { organizationId_name: { organizationId, name } },
    });
    if (project !== null && isPermitted(actor, 'read', 'Model', { organizationId, projectId: project.id }))
      return project;
    throw new RegistryError('project_unknown', {
      kind: 'not_found',
      publicDetail: `Your organisation has no project "${name}".`,
    });
  }
}
