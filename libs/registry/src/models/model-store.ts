import { Injectable } from '@nestjs/common';
import { Database, type Prisma, type Tx } from '@castellan/database';
import { isRowId } from '../row-id.js';

const withProject = {
  include: { project: true, versions: { orderBy: { number: 'desc' }, take: 1 } },
} as const satisfies Prisma.ModelDefaultArgs;

export type ModelRow = Prisma.ModelGetPayload<typeof withProject>;

/** Models as rows. Reads take what the actor may see (`visible`), so that nothing is filtered afterwards. */
@Injectable()
export class ModelStore {
  constructor(private readonly database: Database) {}

  /** @throws a unique violation when the organisation has a model of this name */
  create(tx: Tx, data: { organizationId: string; projectId: string; name: string; description: string }) {
    return tx.model.create({ data, ...withProject });
  }

  async existsByName(tx: Tx, organizationId: string, name: string): Promise<boolean> {
    return (await tx.model.count({ where: { organizationId, name } })) > 0;
  }

  projectByName(tx: Tx, organizationId: string, name: string): Promise<{ id: string } | null> {
    return tx.project.findUnique({
      where: { organizationId_name: { organizationId, name } },
      select: { id: true },
    });
  }

  visible(visible: Prisma.ModelWhereInput): Promise<ModelRow[]> {
    return this.database.client.model.findMany({ where: visible, orderBy: { name: 'asc' }, ...withProject });
  }

  visibleByNameOrId(visible: Prisma.ModelWhereInput, ref: string): Promise<ModelRow | null> {
    const named = isRowId(ref) ? { id: ref } : { name: ref };
    return this.database.client.model.findFirst({ where: { AND: [visible, named] }, ...withProject });
  }
}
