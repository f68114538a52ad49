import { Injectable } from '@nestjs/common';
import type { AlarmQuery } from '@castellan/contracts';
import { Database, type Prisma, type Tx } from '@castellan/database';
import type { Finding } from './detector/detector.js';
import { subjectDigest } from './watch-store.js';

export type AlarmRow = Prisma.AlarmGetPayload<object>;

/** Alarms as rows. One is raised and acknowledged once, whoever tries it at the same time. */
@Injectable()
export class AlarmStore {
  constructor(private readonly database: Database) {}

  /**
   * Enters an alarm; `record` says so in the log and returns the event's id.
   * @returns false when there is one of this rule, subject and window already
   */
  async raise(
    tx: Tx,
    { organizationId, evidence, key, window }: Finding,
    record: (alarmId: string) => Promise<string>,
  ): Promise<boolean> {
    const data = {
      organizationId,
      rule: evidence.rule,
      subjectKey: subjectDigest(key),
      window: BigInt(window),
      evidence,
      eventId: '',
    };
    const [entered] = await tx.alarm.createManyAndReturn({ data: [data], skipDuplicates: true });
    if (entered === undefined) return false;
    await tx.alarm.update({ where: { id: entered.id }, data: { eventId: await record(entered.id) } });
    return true;
  }

  list(visible: Prisma.AlarmWhereInput, { state, rule, before, limit }: AlarmQuery): Promise<AlarmRow[]> {
    const conditions: Prisma.AlarmWhereInput[] = [visible];
    if (state !== undefined) conditions.push({ acknowledgedAt: state === 'open' ? null : { not: null } });
    if (rule !== undefined) conditions.push({ rule });
    if (before !== undefined) conditions.push({ id: { lt: before } });
    return this.database.client.alarm.findMany({
      where: { AND: conditions },
      orderBy: { id: 'desc' },
      take: limit + 1,
    });
  }

  find(visible: Prisma.AlarmWhereInput, id: string): Promise<AlarmRow | null> {
    return this.database.client.alarm.findFirst({ where: { AND: [visible, { id }] } });
  }

  open(visible: Prisma.AlarmWhereInput): Promise<number> {
    return this.database.client.alarm.count({ where: { AND: [visible, { acknowledgedAt: null }] } });
  }

  /** @returns false when somebody else was quicker */
  async acknowledge(tx: Tx, id: string, { by, reason }: { by: string; reason: string }): Promise<boolean> {
    const { count } = await tx.alarm.updateMany({
      where: { id, acknowledgedAt: null },
      data: { acknowledgedAt: new Date(), acknowledgedBy: by, reason },
    });
    return count === 1;
  }
}
