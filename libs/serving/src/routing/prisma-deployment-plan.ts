import { Injectable } from '@nestjs/common';
import { ModelSignature, Phase } from '@castellan/contracts';
import { Database, isForeignKeyViolation, Prisma } from '@castellan/database';
import { DeploymentPlan, type PlannedDeployment, type RecordedStatus } from './deployment-plan.js';
import { parseSignature } from './parse-signature.js';

const planned = {
  include: { status: true, version: { select: { number: true, model: { select: { name: true } } } } },
} as const satisfies Prisma.DeploymentDefaultArgs;

type PlannedRow = Prisma.DeploymentGetPayload<typeof planned>;

@Injectable()
export class PrismaDeploymentPlan extends DeploymentPlan {
  constructor(private readonly database: Database) {
    super();
  }

  async running(): Promise<PlannedDeployment[]> {
    const rows = await this.database.client.deployment.findMany({
      where: { desired: 'running' },
      orderBy: { name: 'asc' },
      ...planned,
    });
    return rows.map(plannedDeployment);
  }

  async record(deploymentId: string, status: RecordedStatus): Promise<void> {
    const { phase, reason = null, message = null, versionDigest = null, signature } = status;
    const stored = {
      phase,
      reason,
      message,
      versionDigest,
      signature: signature === undefined ? Prisma.DbNull : ModelSignature.parse(signature),
    };
    try {
      await this.database.client.deploymentStatus.upsert({
        where: { deploymentId },
        create: { deploymentId, ...stored },
        update: stored,
      });
    } catch (error) {
      if (!isForeignKeyViolation(error)) throw error;
    }
  }

  async recordStopped(): Promise<void> {
    await this.database.client.deploymentStatus.updateMany({
      where: { phase: { not: 'stopped' }, deployment: { is: { desired: 'stopped' } } },
      data: { phase: 'stopped', reason: null, message: null },
    });
  }
}

function plannedDeployment({ id, status, version, ...row }: PlannedRow): PlannedDeployment {
  return {
    deploymentId: id,
    organizationId: row.organizationId,
    projectId: row.projectId,
    name: row.name,
    model: version.model.name,
    number: version.number,
    versionId: row.versionId,
    ...(status === null ? {} : { status: recordedStatus(status) }),
  };
}

function recordedStatus(status: NonNullable<PlannedRow['status']>): RecordedStatus {
  const signature = parseSignature(status.signature);
  return {
    phase: Phase.parse(status.phase),
    ...(status.reason === null ? {} : { reason: status.reason }),
    ...(status.message === null ? {} : { message: status.message }),
    ...(status.versionDigest === null ? {} : { versionDigest: status.versionDigest }),
    ...(signature === undefined ? {} : { signature }),
  };
}
