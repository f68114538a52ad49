import { Injectable } from '@nestjs/common';
import { AuditLog } from '@castellan/audit';
import { Database, type Prisma, type Tx } from '@castellan/database';
import { SealedStore } from '@castellan/vault';
import { RegistryError } from '../registry-error.js';
import { registryEvents } from '../registry-events.js';

/**
 * Blobs that nothing names. A blob is written down here before its first byte is stored, and crossed out in the very
 * transaction that names it; so at every moment each blob of a version is named in exactly one place, and garbage is found
 * without guessing from the age of things.
 *
 * Sweeping and naming can't both happen: `sweep` first makes the row unusable, in a transaction of its own, and `claim`
 * needs the row usable. Whoever comes second waits for the row and is refused.
 */
@Injectable()
export class LooseBlobs {
  constructor(
    private readonly database: Database,
    private readonly sealed: SealedStore,
    private readonly audit: AuditLog,
  ) {}

  /** Before the blob is written. */
  async announce(versionId: string, blobKey: string): Promise<void> {
    await this.database.client.looseBlob.create({ data: { blobKey, versionId } });
  }

  /** In the transaction that names the blob. @throws blob_swept when it took so long that the collector was first */
  async claim(tx: Tx, blobKey: string): Promise<void> {
    const { count } = await tx.looseBlob.deleteMany({ where: { blobKey, sweptAt: null } });
    if (count === 1) return;
    throw new RegistryError('blob_swept', {
      kind: 'conflict',
      publicDetail: 'What was sent was cleared away before it was recorded. Send it again.',
    });
  }

  /** Loose from now, for somebody who still needs them. False when one of them was swept, or is not here. */
  async keep(blobKeys: readonly string[]): Promise<boolean> {
    const where = { blobKey: { in: [...blobKeys] }, sweptAt: null };
    const data = { since: new Date(), markedAt: null };
    const { count } = await this.database.client.looseBlob.updateMany({ where, data });
    return count === blobKeys.length;
  }

  /** In the transaction that unnames blobs. */
  async letGo(tx: Tx, versionId: string, blobKeys: readonly string[]): Promise<void> {
    const markedAt = new Date();
    await tx.looseBlob.createMany({ data: blobKeys.map((blobKey) => ({ blobKey, versionId, markedAt })) });
  }

  /**
   * Removes a blob by whoever wrote it, once it is certain that nothing names it nor will. A collector may have swept it
   * before its last byte was stored: then there is no row any more, and still a blob.
   */
  async discard(blobKey: string): Promise<void> {
    await this.sealed.remove(blobKey);
    await this.database.client.looseBlob.deleteMany({ where: { blobKey } });
  }

  /**
   * As `sweep`, of what nobody gave up and so nothing on the record accounts for: its removal is an event of its own, in the
   * transaction that decides what goes.
   */
  sweepForgotten(where: Prisma.LooseBlobWhereInput): Promise<number> {
    return this.sweep(where, (tx, blobKeys) => this.audit.append(tx, registryEvents.blobsSwept(blobKeys)));
  }

  /** Removes those of these blobs that are loose and that nothing names; the others stay. Can be repeated. */
  async sweep(
    where: Prisma.LooseBlobWhereInput,
    alongside?: (tx: Tx, blobKeys: readonly string[]) => Promise<unknown>,
  ): Promise<number> {
    const { client } = this.database;
    const loose = await client.looseBlob.findMany({ where: { AND: [where, { sweptAt: null }] } });
    const blobKeys = loose.map(({ blobKey }) => blobKey);
    await this.database.transaction(async (tx) => {
      const doomed = await tx.$queryRaw<{ blobKey: string }[]>`
        UPDATE "LooseBlob" b SET "sweptAt" = now() WHERE b."blobKey" = ANY(${blobKeys}) AND b."sweptAt" IS NULL
           AND NOT EXISTS (SELECT FROM "VersionFile" f WHERE f."blobKey" = b."blobKey")
           AND NOT EXISTS (SELECT FROM "FileSegment" s WHERE s."blobKey" = b."blobKey")
        RETURNING b."blobKey"`;
      if (doomed.length > 0)
        await alongside?.(
          tx,
          doomed.map(({ blobKey }) => blobKey),
        );
    });
    const swept = await client.looseBlob.findMany({ where: { AND: [where, { sweptAt: { not: null } }] } });
    for (const { blobKey } of swept) {
      await this.sealed.remove(blobKey);
      await client.looseBlob.deleteMany({ where: { blobKey } });
    }
    return swept.length;
  }

  /** Takes note that these look like garbage; they are swept when the waiting time is over. */
  async mark(where: Prisma.LooseBlobWhereInput, markedAt: Date): Promise<number> {
    const unmarked = { AND: [where, { markedAt: null }] };
    return (await this.database.client.looseBlob.updateMany({ where: unmarked, data: { markedAt } })).count;
  }

  /**
   * Writes down a blob of the store that nothing names. False when something does. One that is being recorded at this
   * moment may be written down all the same: `sweep` looks again.
   */
  async adopt(blobKey: string): Promise<boolean> {
    const versionId = blobKey.split('/')[1] ?? '';
    const added = await this.database.client.$executeRaw`
      INSERT INTO "LooseBlob" ("blobKey", "versionId") SELECT ${blobKey}, ${versionId}
       WHERE NOT EXISTS (SELECT FROM "VersionFile" f WHERE f."blobKey" = ${blobKey})
         AND NOT EXISTS (SELECT FROM "FileSegment" s WHERE s."blobKey" = ${blobKey})
          ON CONFLICT DO NOTHING`;
    return added > 0;
  }
}
