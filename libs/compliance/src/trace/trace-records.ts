import { Injectable } from '@nestjs/common';
import { type Actor, visible } from '@castellan/access';
import { Database, type Prisma } from '@castellan/database';

const wholeVersion = {
  include: {
    model: true,
    files: { orderBy: { path: 'asc' } },
    scanReports: { orderBy: { createdAt: 'desc' }, take: 1 },
    deployments: true,
  },
} as const satisfies Prisma.VersionDefaultArgs;

export type TracedVersion = Prisma.VersionGetPayload<typeof wholeVersion>;

const tracedDataset = { id: true, name: true, declarationDigest: true, sha256: true } as const;

export type TracedDataset = Prisma.DatasetGetPayload<{ select: typeof tracedDataset }>;

/** What the contexts' tables say of things that a trace passes through. Read only, and only what the actor may see. */
@Injectable()
export class TraceRecords {
  constructor(private readonly database: Database) {}

  /** By `model@number`, id or digest. */
  version(actor: Actor, ref: string): Promise<TracedVersion | null> {
    const [model = '', number = ''] = ref.split('@');
    const named = /^\d{1,9}$/.test(number)
      ? { model: { is: { name: model } }, number: Number(number) }
      : { OR: [{ id: ref }, { digest: ref }] };
    const where = { AND: [visible(actor, 'Version'), named] };
    return this.database.client.version.findFirst({ where, ...wholeVersion });
  }

  /** Approvals and rejections of a version, as the signed documents that were recorded. */
  decisions(
    { organizationId }: Actor,
    versionDigest: string,
  ): Promise<{ digest: string; envelope: string }[]> {
    return this.database.client.trustDocument.findMany({
      where: { organizationId, kind: 'approval', subject: versionDigest },
      orderBy: { createdAt: 'asc' },
      select: { digest: true, envelope: true },
    });
  }

  async personName({ organizationId }: Actor, id: string): Promise<string | undefined> {
    const where = { id, organizationId };
    return (await this.database.client.person.findFirst({ where, select: { name: true } }))?.name;
  }

  deployment(actor: Actor, name: string): Promise<{ id: string; name: string; versionId: string } | null> {
    return this.database.client.deployment.findFirst({
      where: { AND: [visible(actor, 'Deployment'), { name }] },
      select: { id: true, name: true, versionId: true },
    });
  }

  /** By id or name. */
  dataset(actor: Actor, ref: string): Promise<TracedDataset | null> {
    return this.database.client.dataset.findFirst({
      where: { AND: [visible(actor, 'Dataset'), { OR: [{ id: ref }, { name: ref }] }] },
      select: tracedDataset,
    });
  }

  /** Those that were sealed with exactly these bytes. */
  datasetsHolding(actor: Actor, sha256: string): Promise<TracedDataset[]> {
    return this.database.client.dataset.findMany({
      where: { AND: [visible(actor, 'Dataset'), { sha256 }] },
      orderBy: { createdAt: 'asc' },
      select: tracedDataset,
    });
  }
}
