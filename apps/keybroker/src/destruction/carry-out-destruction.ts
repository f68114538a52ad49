import type { AuditEvent, Clock } from '@castellan/audit';
import { canonicalize } from '@castellan/canonical-json';
import type { CarryOutResponse } from '@castellan/contracts';
import type { Database, Tx } from '@castellan/database';
import type { Peer } from '@castellan/http';
import { cmsSign, type CmsSigner } from '@castellan/pki';
import { dataKeyContext } from '@castellan/vault';
import { actorOf, keybrokerEvents } from '../keybroker-events.js';
import { KeybrokerError } from '../keybroker-error.js';
import type { KeyMemory } from '../keys/key-memory.js';
import type { PersonKeys } from '../keys/person-keys.js';
import type { ProveRecorded } from '../release/prove-recorded.js';
import { findScope, requireUnused, type DestructionScope } from './destruction-target.js';
import type { Ordered, OrderedDestructions } from './ordered-destructions.js';

/**
 * Destroys the keys of what two people ordered, when its time has come. The order of steps is the promise: judge, look
 * that nothing serves it, record and prove the record, erase the rows and certify, remember it as destroyed for good. Died
 * between two steps, it is asked for again: what is remembered stays destroyed, whatever a restored database says.
 */
export class CarryOutDestruction {
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly database: Database,
    private readonly ordered: OrderedDestructions,
    private readonly memory: KeyMemory,
    private readonly people: PersonKeys,
    private readonly journal: ProveRecorded,
    private readonly signer: CmsSigner,
    private readonly clock: Clock,
  ) {}

  /** @throws KeybrokerError `destruction_not_due`, `destruction_target_unknown`, `destruction_blocked` */
  carryOut(targetId: string, peer: Peer): Promise<CarryOutResponse> {
    const done = this.#turn.then(() => this.#carryOut(targetId, peer));
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async #carryOut(targetId: string, peer: Peer): Promise<CarryOutResponse> {
    const due = this.ordered
      .all()
      .find(({ order, decision }) => order.targetId === targetId && decision.state === 'due');
    if (due === undefined) throw notDue();
    const { order, subjectSha256 } = due;
    const scope = await findScope(this.database, order, subjectSha256);
    await requireUnused(this.database, order, scope);
    await this.journal.record(destroyedEvent(due, scope, peer));
    await this.#eraseRows(due, scope);
    if (order.target === 'person') await this.people.forget(order.targetId);
    else await this.memory.shred(order.target, order.targetId, scope.versionIds);
    return { destroyed: true };
  }

  async #eraseRows({ order, subjectName, subjectSha256, decision }: Ordered, scope: DestructionScope) {
    const destroyedAt = this.clock.now();
    await this.database.transaction(async (tx) => {
      const dataKeys =
        order.target === 'person' ? [] : await eraseDataKeys(tx, order.target, scope, destroyedAt);
      if (order.target === 'person') await erasePersonKey(tx, order.targetId, destroyedAt);
      const certificate = canonicalize({
        format: 'castellan.destruction-certificate/v1',
        target: order.target,
        targetId: order.targetId,
        name: subjectName,
        subject: { sha256: subjectSha256 },
        organization: order.organization,
        project: order.project,
        orders: decision.orders.map(({ digest, person }) => ({ digest, person })),
        reason: order.reason,
        versions: [...scope.versionIds].sort(),
        dataKeys: [...dataKeys].sort(),
        destroyedAt: destroyedAt.toISOString(),
      });
      const signature = cmsSign(Buffer.from(certificate), this.signer, destroyedAt);
      const { organizationId } = scope;
      const { target, targetId } = order;
      const row = { organizationId, target, targetId, name: subjectName, certificate, signature };
      await tx.destruction.upsert({ where: { targetId }, create: row, update: {} });
      await tx.version.updateMany({
        where: { id: { in: [...scope.versionIds] } },
        data: { stage: 'destroyed' },
      });
    });
  }
}

/** The ids of the data keys that were wiped, and for a project its key-encryption keys with them. */
async function eraseDataKeys(
  tx: Tx,
  target: string,
  { projectId: project, versionIds }: DestructionScope,
  destroyedAt: Date,
): Promise<string[]> {
  const ofProject = { kek: { is: { projectId: project } } };
  const contexts = versionIds.map((id) => dataKeyContext({ kind: 'version', id, project }));
  const where = { ...(target === 'project' ? ofProject : { context: { in: contexts } }), destroyedAt: null };
  const rows = await tx.dataKey.findMany({ where, select: { id: true } });
  const ids = rows.map(({ id }) => id);
  const wiped = { wrapped: Buffer.alloc(0), destroyedAt };
  await tx.dataKey.updateMany({ where: { id: { in: ids } }, data: wiped });
  if (target === 'project') {
    const data = { sealedPrivate: Buffer.alloc(0), retiredAt: destroyedAt };
    await tx.keyEncryptionKey.updateMany({ where: { projectId: project }, data });
  }
  return ids;
}

/** There is none for somebody of whom nothing was ever recorded. */
async function erasePersonKey(tx: Tx, personId: string, erasedAt: Date): Promise<void> {
  const data = { sealedPrivate: Buffer.alloc(0), erasedAt };
  await tx.personKey.updateMany({ where: { personId }, data });
}

function destroyedEvent(
  { order, decision, subjectName, subjectSha256 }: Ordered,
  scope: DestructionScope,
  peer: Peer,
): AuditEvent {
  const { target, targetId: id, reason } = order;
  return keybrokerEvents.event('keys.destroyed', {
    actor: actorOf(peer),
    decision: 'allow',
    reason,
    organizationId: scope.organizationId,
    resource: { kind: target, id, digest: subjectSha256 },
    details: {
      name: subjectName,
      versions: scope.versionIds.length,
      orders: decision.orders.map(({ digest }) => digest),
      people: decision.orders.map(({ person }) => person),
    },
  });
}

function notDue(): KeybrokerError {
  return new KeybrokerError({
    code: 'destruction_not_due',
    kind: 'conflict',
    publicDetail: 'It takes two orders that count, and the time of waiting after the second.',
  });
}
