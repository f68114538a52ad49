import { Database, type Prisma, type Tx } from '@castellan/database';
import { Injectable } from '@nestjs/common';
import type { HoldConditions } from './holds.js';
import { PLATFORM, type Scope } from './scope.js';

export type HoldRow = Prisma.LegalHoldGetPayload<object>;

/** "hold" in ASCII: whoever sets a hold and whoever removes payloads take turns. */
const HOLD_LOCK = 0x686f_6c64n;

/** Holds as rows. One that was lifted stays, for whoever asks later. */
@Injectable()
export class HoldStore {
  constructor(private readonly database: Database) {}

  /** From here to the end of the transaction no hold is set and no payload removed by anybody else. */
  async takeTurn(tx: Tx): Promise<void> {
    await tx.$queryRaw`SELECT pg_advisory_xact_lock(${HOLD_LOCK}::bigint)::text`;
  }

  create(tx: Tx, data: Prisma.LegalHoldUncheckedCreateInput): Promise<HoldRow> {
    return tx.legalHold.create({ data });
  }

  visible(visible: Prisma.LegalHoldWhereInput): Promise<HoldRow[]> {
    return this.database.client.legalHold.findMany({ where: visible, orderBy: { setAt: 'desc' } });
  }

  visibleById(visible: Prisma.LegalHoldWhereInput, id: string): Promise<HoldRow | null> {
    return this.database.client.legalHold.findFirst({ where: { AND: [visible, { id }] } });
  }

  /** @returns whether nobody had asked before, and it was still holding */
  async askLift(
    tx: Tx,
    id: string,
    asked: { readonly liftAskedById: string; readonly liftAskedBy: string; readonly liftReason: string },
  ): Promise<boolean> {
    const { count } = await tx.legalHold.updateMany({
      where: { id, liftedAt: null, liftAskedById: null },
      data: { ...asked, liftAskedAt: new Date() },
    });
    return count === 1;
  }

  /** @returns whether it was still holding, and asked to be lifted by this person */
  async lift(
    tx: Tx,
    id: string,
    askedById: string,
    lifted: { readonly liftedById: string; readonly liftedBy: string },
  ): Promise<boolean> {
    const { count } = await tx.legalHold.updateMany({
      where: { id, liftedAt: null, liftAskedById: askedById },
      data: { ...lifted, liftedAt: new Date() },
    });
    return count === 1;
  }

  /** What holds events of this scope now. An event that belongs to no organization is kept by everybody's holds. */
  async holding(queries: Database['client'] | Tx, scope: Scope): Promise<HoldConditions[]> {
    const where = { liftedAt: null, ...(scope === PLATFORM ? {} : { organizationId: scope }) };
    const rows = await queries.legalHold.findMany({ where });
    return Promise.all(
      rows.map(async ({ resourceId, actorId, projectId, from, to }) => ({
        ...(resourceId !== null && { resource: resourceId }),
        ...(actorId !== null && { actor: actorId }),
        ...(projectId !== null && { project: await idsIn(queries, projectId) }),
        ...(from !== null && { from }),
        ...(to !== null && { to }),
      })),
    );
  }
}

/** The ids by which events name a project and what is in it. */
async function idsIn(queries: Database['client'] | Tx, projectId: string): Promise<Set<string>> {
  const select = { id: true };
  const inProject = { where: { projectId }, select };
  const found = await Promise.all([
    queries.model.findMany(inProject),
    queries.version.findMany({ where: { model: { is: { projectId } } }, select }),
    queries.deployment.findMany(inProject),
    queries.dataset.findMany(inProject),
    queries.datasetTask.findMany({ where: { dataset: { is: { projectId } } }, select }),
  ]);
  return new Set([projectId, ...found.flat().map(({ id }) => id)]);
}
