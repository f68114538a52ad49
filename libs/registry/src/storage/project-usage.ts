import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '@castellan/database';
import { RegistryError } from '../registry-error.js';
import { StorageTerms } from './storage-terms.js';

export interface Usage {
  /** Of all files of all versions of the project. */
  readonly storedBytes: number;
  /** Declared lengths of uploads that go on. Abandoned ones aren't counted. */
  readonly uploadingBytes: number;
  /** Absent: no limit. */
  readonly limitBytes?: number;
}

/**
 * What a project's versions take, and whether more may come in. An upload is counted with its whole length from its
 * beginning, so that a long one isn't refused at its end.
 */
@Injectable()
export class ProjectUsage {
  constructor(
    private readonly database: Database,
    private readonly terms: StorageTerms,
  ) {}

  async show(projectId: string, tx: Reading = this.database.client): Promise<Usage> {
    const quota = await tx.projectQuota.findUnique({ where: { projectId } });
    const version = { model: { projectId } };
    const { _sum: files } = await tx.versionFile.aggregate({ where: { version }, _sum: { sizeBytes: true } });
    const touchedAt = { gte: this.terms.uploadsAbandonedBefore(new Date()) };
    const live = { version, finishedAt: null, touchedAt };
    const { _sum: uploads } = await tx.upload.aggregate({ where: live, _sum: { lengthBytes: true } });
    return {
      storedBytes: Number(files.sizeBytes ?? 0),
      uploadingBytes: Number(uploads.lengthBytes ?? 0),
      ...(quota === null ? {} : { limitBytes: Number(quota.limitBytes) }),
    };
  }

  /**
   * Holds back every other admission to the project until the transaction ends. Resolves with the room there is.
   * @throws quota_exceeded
   */
  async admit(tx: Tx, project: { id: string; name: string }, askedBytes: number): Promise<number> {
    const limited = await tx.$queryRaw<
      unknown[]
    >`SELECT 1 FROM "ProjectQuota" WHERE "projectId" = ${project.id} FOR UPDATE`;
    if (limited.length === 0) return Infinity;
    const usage = await this.show(project.id, tx);
    const room = (usage.limitBytes ?? Infinity) - usage.storedBytes - usage.uploadingBytes;
    if (askedBytes > room) throw quotaExceeded(project.name, usage, askedBytes);
    return room;
  }

  async limit(tx: Tx, projectId: string, limitBytes: number | null, setById: string): Promise<void> {
    if (limitBytes === null) await tx.projectQuota.deleteMany({ where: { projectId } });
    else {
      const terms = { limitBytes, setById, setAt: new Date() };
      await tx.projectQuota.upsert({ where: { projectId }, create: { projectId, ...terms }, update: terms });
    }
  }
}

type Reading = Pick<Tx, 'projectQuota' | 'versionFile' | 'upload'>;

function quotaExceeded(project: string, usage: Usage, askedBytes: number): RegistryError {
  const usedBytes = usage.storedBytes + usage.uploadingBytes;
  const { limitBytes = Infinity } = usage;
  return new RegistryError('quota_exceeded', {
    kind: 'exhausted',
    publicDetail:
      `The project "${project}" may hold ${bytes(limitBytes)} and holds ${bytes(usedBytes)}; ` +
      `this needs ${bytes(askedBytes)}. An administrator can raise the quota.`,
    meta: { usedBytes, limitBytes, askedBytes },
  });
}

function bytes(count: number): string {
  return `${count.toLocaleString('en')} bytes`;
}
