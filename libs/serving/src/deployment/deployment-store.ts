import { Injectable } from '@nestjs/common';
import { Database, isUniqueViolation, type Prisma, type Tx } from '@castellan/database';
import { ServingError } from '../serving-error.js';

const whole = {
  include: { project: true, status: true, version: { include: { model: true } } },
} as const satisfies Prisma.DeploymentDefaultArgs;

export type DeploymentRow = Prisma.DeploymentGetPayload<typeof whole>;

/** Deployments as rows: what people asked for. What became of it is the gateway's to write (`DeploymentPlan`). */
@Injectable()
export class DeploymentStore {
  constructor(private readonly database: Database) {}

  /** Locks the name's row, if there is one, until the transaction ends. */
  async lockByName(tx: Tx, name: string): Promise<DeploymentRow | null> {
    await tx.$queryRaw`SELECT id FROM "Deployment" WHERE name = ${name} FOR UPDATE`;
    return tx.deployment.findUnique({ where: { name }, ...whole });
  }

  /** @throws deployment_exists when somebody took the name meanwhile */
  async create(
    tx: Tx,
    data: {
      readonly organizationId: string;
      readonly projectId: string;
      readonly name: string;
      readonly versionId: string;
      readonly createdById: string;
    },
  ): Promise<DeploymentRow> {
    try {
      return await tx.deployment.create({ data: { ...data, desired: 'running' }, ...whole });
    } catch (error) {
      if (isUniqueViolation(error)) throw deploymentExists(data.name);
      throw error;
    }
  }

  /** Starts a stopped deployment with another version. What was last seen of it goes: that was of the old one. */
  async restart(
    tx: Tx,
    id: string,
    data: { readonly projectId: string; readonly versionId: string; readonly createdById: string },
  ): Promise<DeploymentRow> {
    await tx.deploymentStatus.deleteMany({ where: { deploymentId: id } });
    return tx.deployment.update({ where: { id }, data: { ...data, desired: 'running' }, ...whole });
  }

  stop(tx: Tx, id: string): Promise<DeploymentRow> {
    return tx.deployment.update({ where: { id }, data: { desired: 'stopped' }, ...whole });
  }

  visible(visible: Prisma.DeploymentWhereInput): Promise<DeploymentRow[]> {
    return this.database.client.deployment.findMany({ where: visible, orderBy: { name: 'asc' }, ...whole });
  }

  visibleByName(visible: Prisma.DeploymentWhereInput, name: string): Promise<DeploymentRow | null> {
    return this.database.client.deployment.findFirst({ where: { AND: [visible, { name }] }, ...whole });
  }
}

export function deploymentExists(name: string): ServingError {
  return new ServingError('deployment_exists', {
    kind: 'conflict',
    publicDetail: `A deployment "${name}" is running already; stop it first, or choose another name.`,
  });
}
