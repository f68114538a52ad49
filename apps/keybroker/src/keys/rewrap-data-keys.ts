import type { AuditLog } from '@castellan/audit';
import type { RewrapRequest, RewrapResponse } from '@castellan/contracts';
import type { Database, Tx } from '@castellan/database';
import type { Peer } from '@castellan/http';
import { readDataKeyContext, type RewrapThreads, type WrappedDataKey } from '@castellan/vault';
import { actorOf, keybrokerEvents } from '../keybroker-events.js';
import { KeybrokerError } from '../keybroker-error.js';
import type { KeyMemory } from './key-memory.js';
import { organizationOf } from './organization-of.js';
import type { ProjectKey, ProjectKeys } from './project-keys.js';

interface Row {
  readonly id: string;
  readonly kekId: string;
  readonly context: string;
  readonly wrapped: Uint8Array<ArrayBuffer>;
}

interface Rewrapped {
  readonly row: Row;
  /** Undefined: it did not open. */
  readonly wrapped: Uint8Array<ArrayBuffer> | undefined;
}

interface Batch {
  readonly rewrapped: number;
  readonly unopened: readonly string[];
  readonly organizationId: string;
}

/**
 * Moves a project's data keys to its newest key-encryption key, some at a time. A key is unwrapped under the very subject
 * that its row claims and wrapped again under the same: one that was put under another subject, or claims another
 * key-encryption key, does not open, and its row stays as it is. Rows and their event are one transaction, so a batch that
 * died is simply asked for again.
 */
export class RewrapDataKeys {
  constructor(
    private readonly database: Database,
    private readonly projectKeys: ProjectKeys,
    private readonly memory: KeyMemory,
    private readonly threads: RewrapThreads,
    private readonly audit: AuditLog,
  ) {}

  /** @throws KeybrokerError `key_unknown` for a project without keys; `key_unusable`, `key_rolled_back` */
  async rewrap({ projectId, after, limit }: RewrapRequest, peer: Peer): Promise<RewrapResponse> {
    const newest = await this.projectKeys.newest(projectId);
    if (newest === undefined) throw keyUnknown();
    const older = await this.#olderThan(newest);
    const rows = await this.#next(older, after, limit);
    const results = await this.#rewrapEach(rows, newest);
    const organizationId = await organizationOf(this.database, projectId);
    const unopened = results.filter(({ wrapped }) => wrapped === undefined).map(({ row }) => row.id);
    const remaining = await this.database.transaction(async (tx) => {
      if (rows.length > 0) {
        await store(tx, results, newest.kekId);
        const counts = { rewrapped: rows.length - unopened.length, unopened };
        await this.#record(tx, newest, { ...counts, organizationId }, peer);
      }
      return tx.dataKey.count({ where: restingOn(older) });
    });
    const last = rows.length < limit ? undefined : rows.at(-1)?.id;
    return {
      rewrapped: rows.length - unopened.length,
      unopened: unopened.length,
      remaining,
      ...(last === undefined ? {} : { after: last }),
    };
  }

  async #olderThan({ projectId, kekId }: ProjectKey): Promise<string[]> {
    const where = { projectId, id: { not: kekId } };
    const rows = await this.database.client.keyEncryptionKey.findMany({ where, select: { id: true } });
    return rows.map(({ id }) => id);
  }

  #next(older: readonly string[], after: string | undefined, take: number): Promise<Row[]> {
    return this.database.client.dataKey.findMany({
      where: { ...restingOn(older), ...(after === undefined ? {} : { id: { gt: after } }) },
      orderBy: { id: 'asc' },
      take,
      select: { id: true, kekId: true, context: true, wrapped: true },
    });
  }

  async #rewrapEach(rows: readonly Row[], newest: ProjectKey): Promise<Rewrapped[]> {
    const results: Rewrapped[] = [];
    for (const [kekId, group] of Map.groupBy(rows, ({ kekId }) => kekId)) {
      const keys = group.map((row) => this.#claimOf(row, newest.projectId));
      const claimed = keys.filter((key) => key !== undefined);
      const old = await this.#openOld(kekId, newest.projectId);
      const wrapped =
        old === undefined ? [] : await this.threads.rewrap(old.privateKey, newest.publicKey, claimed);
      const byKey = new Map(claimed.map((key, index) => [key, wrapped[index]]));
      group.forEach((row, index) => {
        const key = keys[index];
        results.push({ row, wrapped: key === undefined ? undefined : byKey.get(key) });
      });
    }
    return results;
  }

  /** What the row says the key is for, unless it speaks of another project or of something destroyed. */
  #claimOf({ context, wrapped }: Row, projectId: string): WrappedDataKey | undefined {
    const subject = readDataKeyContext(context);
    if (subject?.project !== projectId || this.memory.isShredded(subject.kind, subject.id)) return undefined;
    return { subject, wrapped };
  }

  /** Undefined for a key-encryption key that opens nothing: gone, changed, another project's or destroyed. */
  async #openOld(kekId: string, projectId: string): Promise<ProjectKey | undefined> {
    try {
      return await this.projectKeys.open(kekId, projectId);
    } catch (error) {
      if (error instanceof KeybrokerError && error.code === 'key_unusable') return undefined;
      throw error;
    }
  }

  async #record(
    tx: Tx,
    { kekId, projectId, version }: ProjectKey,
    { rewrapped, unopened, organizationId }: Batch,
    peer: Peer,
  ): Promise<void> {
    await this.audit.append(
      tx,
      keybrokerEvents.event('data-keys.rewrapped', {
        actor: actorOf(peer),
        decision: 'allow',
        organizationId,
        resource: { kind: 'kek', id: kekId },
        details: { projectId, version, rewrapped, unopened: unopened.slice(0, MAX_NAMED) },
      }),
    );
  }
}

/** So many ids of keys that did not open are named in an event; the job's count has them all. */
const MAX_NAMED = 100;

function restingOn(kekIds: readonly string[]) {
  return { kekId: { in: [...kekIds] }, destroyedAt: null };
}

/** Only rows that are still what was read: whatever changed meanwhile is for the next round. */
async function store(tx: Tx, results: readonly Rewrapped[], kekId: string): Promise<void> {
  const moved = results.filter(({ wrapped }) => wrapped !== undefined);
  const ids = moved.map(({ row }) => row.id);
  const before = moved.map(({ row }) => row.kekId);
  const wrapped = moved.map((each) => Buffer.from(each.wrapped ?? []).toString('hex'));
  await tx.$executeRaw`
    UPDATE "DataKey" AS d SET "kekId" = ${kekId}, wrapped = decode(n.wrapped, 'hex')
    FROM unnest(${ids}::text[], ${before}::text[], ${wrapped}::text[]) AS n(id, before, wrapped)
    WHERE d.id = n.id AND d."kekId" = n.before AND d."destroyedAt" IS NULL`;
}

function keyUnknown(): KeybrokerError {
  const publicDetail = 'The project has no key yet.';
  return new KeybrokerError({ code: 'key_unknown', kind: 'not_found', publicDetail });
}
