import { type Actor, requireAbility } from '@castellan/access';
import { AuditLog } from '@castellan/audit';
import { Database, type Tx } from '@castellan/database';
import { JobQueue } from '@castellan/queue';
import { Injectable } from '@nestjs/common';
import { VaultError } from '../vault-error.js';
import { vaultEvents } from '../vault-events.js';
import { rewrapQueue } from './rewrap-queue.js';
import { RotationStore, type RotationRow } from './rotation-store.js';

/**
 * Stops the last rotation of a project, or takes it up again. What was re-wrapped stays so, the new version stays current,
 * and older versions stay as long as data keys rest on them.
 */
@Injectable()
export class SteerRotation {
  constructor(
    private readonly database: Database,
    private readonly rotations: RotationStore,
    private readonly audit: AuditLog,
    private readonly queue: JobQueue,
  ) {}

  /** @throws `project_unknown`, `not_permitted`, `rotation_not_running` */
  cancel(actor: Actor, project: string): Promise<RotationRow> {
    return this.#steer(actor, project, async (tx, { id }) => {
      const end = { state: 'cancelled', finishedAt: new Date() };
      const cancelled = await this.rotations.change(tx, id, ['running'], end);
      if (cancelled === undefined) throw notRunning(project);
      await this.audit.append(tx, vaultEvents.rotationCancelled(actor, cancelled));
      return cancelled;
    });
  }

  /**
   * For a rotation that was cancelled, left keys behind, or was done before an upload that had begun earlier ended.
   * @throws `project_unknown`, `not_permitted`, `rotation_not_stopped`
   */
  async resume(actor: Actor, project: string): Promise<RotationRow> {
    const resumed = await this.#steer(actor, project, async (tx, { id }) => {
      const again = {
        state: 'running',
        finishedAt: null,
        totalKeys: null,
        remainingKeys: null,
        unopenedKeys: 0,
      };
      const rotation = await this.rotations.change(tx, id, ['cancelled', 'incomplete', 'done'], again);
      if (rotation === undefined) throw notStopped(project);
      await this.audit.append(tx, vaultEvents.rotationResumed(actor, rotation));
      return rotation;
    });
    await this.queue.enqueue(rewrapQueue, { rotationId: resumed.id }, { once: resumed.id });
    return resumed;
  }

  async #steer(
    actor: Actor,
    projectName: string,
    change: (tx: Tx, rotation: RotationRow) => Promise<RotationRow>,
  ): Promise<RotationRow> {
    const { id, organizationId } = await this.rotations.project(actor.organizationId, projectName);
    requireAbility(actor, 'cancel', 'KeyRotation', { organizationId, projectId: id });
    return this.database.transaction(async (tx) => {
      await this.rotations.lockProject(tx, id);
      const rotation = await this.rotations.latest(id, tx);
      if (rotation === null) throw notRunning(projectName);
      return change(tx, rotation);
    });
  }
}

function notRunning(project: string): VaultError {
  return new VaultError('rotation_not_running', {
    kind: 'conflict',
    publicDetail: `Nothing is being re-wrapped in "${project}".`,
  });
}

function notStopped(project: string): VaultError {
  return new VaultError('rotation_not_stopped', {
    kind: 'conflict',
    publicDetail: `The last rotation of "${project}" is running, or was refused; there is nothing to take up.`,
  });
}
