import type { AuditLog, Clock } from '@castellan/audit';
import type { Database, Tx } from '@castellan/database';
import type { Peer } from '@castellan/http';
import { actorOf, keybrokerEvents } from '../keybroker-events.js';
import { KeybrokerError } from '../keybroker-error.js';
import { organizationOf } from './organization-of.js';
import type { ProjectKeys } from './project-keys.js';

/**
 * Destroys an older key-encryption key that nothing rests on any more. First the row says so, with its event: from then on
 * nothing new comes to rest on it. Then the broker remembers it for good, so that no restored row brings it back. Then the
 * sealed private half is erased. Died between two steps, it is asked for again and goes on.
 */
export class RetireKey {
  constructor(
    private readonly database: Database,
    private readonly projectKeys: ProjectKeys,
    private readonly audit: AuditLog,
    private readonly clock: Clock,
  ) {}

  /** @throws KeybrokerError `key_unknown`, `kek_in_use` */
  async retire(projectId: string, version: number, peer: Peer): Promise<Date> {
    const newest = await this.projectKeys.newest(projectId);
    if (newest?.version === version)
      throw inUse(`Version ${version} is the project's current key. Rotate it first.`);
    const organizationId = await organizationOf(this.database, projectId);
    const { id, retiredAt } = await this.database.transaction((tx) =>
      this.#mark(tx, { projectId, version }, { peer, organizationId }),
    );
    await this.projectKeys.forget(projectId, id);
    await this.database.client.keyEncryptionKey.update({
      where: { id },
      data: { sealedPrivate: Buffer.alloc(0) },
    });
    return retiredAt;
  }

  async #mark(
    tx: Tx,
    which: { projectId: string; version: number },
    { peer, organizationId }: { peer: Peer; organizationId: string },
  ) {
    const { projectId, version } = which;
    // Whoever adds a data key holds a share of this lock until it is committed.
    await tx.$queryRaw`
      SELECT id FROM "KeyEncryptionKey" WHERE "projectId" = ${projectId} AND version = ${version} FOR UPDATE`;
    const row = await tx.keyEncryptionKey.findUnique({ where: { projectId_version: which } });
    if (row === null) throw keyUnknown(version);
    if (row.retiredAt !== null) return { id: row.id, retiredAt: row.retiredAt };
    const left = await tx.dataKey.count({ where: { kekId: row.id, destroyedAt: null } });
    if (left > 0)
      throw inUse(`${left} data keys still rest on version ${version}. Let them be re-wrapped first.`);
    const retiredAt = this.clock.now();
    await tx.keyEncryptionKey.update({ where: { id: row.id }, data: { retiredAt } });
    await this.audit.append(
      tx,
      keybrokerEvents.event('kek.retired', {
        actor: actorOf(peer),
        decision: 'allow',
        organizationId,
        resource: { kind: 'kek', id: row.id },
        details: { projectId, version },
      }),
    );
    return { id: row.id, retiredAt };
  }
}

function inUse(publicDetail: string): KeybrokerError {
  return new KeybrokerError({ code: 'kek_in_use', kind: 'conflict', publicDetail });
}

function keyUnknown(version: number): KeybrokerError {
  const publicDetail = `The project has no key of version ${version}.`;
  return new KeybrokerError({ code: 'key_unknown', kind: 'not_found', publicDetail });
}
