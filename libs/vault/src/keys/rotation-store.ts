import { Database, type Prisma, type Tx } from '@castellan/database';
import { Injectable } from '@nestjs/common';
import { VaultError } from '../vault-error.js';

export type RotationRow = Prisma.KeyRotationGetPayload<object>;
export type ProjectRow = Prisma.ProjectGetPayload<object>;

export interface KeyVersionRow {
  readonly version: number;
  readonly createdAt: Date;
  readonly retiredAt: Date | null;
  readonly dataKeys: number;
}

/** Rotations, and what people may see of keys. */
@Injectable()
export class RotationStore {
  constructor(private readonly database: Database) {}

  /** @throws VaultError `project_unknown` */
  async project(organizationId: string, name: string): Promise<ProjectRow> {
    const where = { organizationId_name: { organizationId, name } };
    const project = await this.database.client.project.findUnique({ where });
    if (project !== null) return project;
    throw new VaultError('project_unknown', {
      kind: 'not_found',
      publicDetail: `Your organisation has no project "${name}".`,
    });
  }

  /** Newest first. */
  async keyVersions(projectId: string): Promise<KeyVersionRow[]> {
    const rows = await this.database.client.keyEncryptionKey.findMany({
      where: { projectId },
      orderBy: { version: 'desc' },
      select: {
        version: true,
        createdAt: true,
        retiredAt: true,
        _count: { select: { dataKeys: { where: { destroyedAt: null } } } },
      },
    });
    return rows.map(({ _count, ...row }) => ({ ...row, dataKeys: _count.dataKeys }));
  }

  /** Locks the project against other rotations until the transaction ends. */
  async lockProject(tx: Tx, projectId: string): Promise<void> {
    await tx.$queryRaw`SELECT id FROM "Project" WHERE id = ${projectId} FOR UPDATE`;
  }

  latest(projectId: string, tx: Pick<Tx, 'keyRotation'> = this.database.client): Promise<RotationRow | null> {
    return tx.keyRotation.findFirst({ where: { projectId }, orderBy: { createdAt: 'desc' } });
  }

  start(
    tx: Tx,
    data: { organizationId: string; projectId: string; fromVersion: number; requestedBy: string },
  ): Promise<RotationRow> {
    return tx.keyRotation.create({ data: { ...data, state: 'running' } });
  }

  /** Changes a rotation that is in one of these states; undefined when it is not. */
  async change(
    tx: Pick<Tx, 'keyRotation'>,
    id: string,
    from: readonly string[],
    data: Prisma.KeyRotationUpdateInput,
  ): Promise<RotationRow | undefined> {
    const where = { id, state: { in: [...from] } };
    const [row] = await tx.keyRotation.updateManyAndReturn({ where, data });
    return row;
  }

  byId(id: string): Promise<RotationRow | null> {
    return this.database.client.keyRotation.findUnique({ where: { id } });
  }

  running(): Promise<{ id: string }[]> {
    return this.database.client.keyRotation.findMany({ where: { state: 'running' }, select: { id: true } });
  }

  /** Keys that are retired, but whose private half a process that died did not erase. */
  unfinishedRetirements(): Promise<{ projectId: string; version: number }[]> {
    return this.database.client.keyEncryptionKey.findMany({
      where: { retiredAt: { not: null }, NOT: { sealedPrivate: Buffer.alloc(0) } },
      select: { projectId: true, version: true },
    });
  }
}
