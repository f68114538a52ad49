import { Database, type Prisma, type Tx } from '@castellan/database';
import { Injectable } from '@nestjs/common';
import { AccessError } from '../access-error.js';

export type ProjectRow = Prisma.ProjectGetPayload<object>;

@Injectable()
export class ProjectStore {
  constructor(private readonly database: Database) {}

  /** @throws a unique violation when the organisation has a project of this name */
  create(tx: Tx, organizationId: string, name: string): Promise<ProjectRow> {
    return tx.project.create({ data: { organizationId, name } });
  }

  /** @throws `project_unknown` */
  async byName(tx: Tx, organizationId: string, name: string): Promise<ProjectRow> {
    const project = await tx.project.findUnique({ where: { organizationId_name: { organizationId, name } } });
    if (project !== null) return project;
    throw new AccessError({
      code: 'project_unknown',
      kind: 'not_found',
      publicDetail: `Your organisation has no project "${name}".`,
    });
  }

  visible(visible: Prisma.ProjectWhereInput): Promise<ProjectRow[]> {
    return this.database.client.project.findMany({ where: visible, orderBy: { name: 'asc' } });
  }
}
