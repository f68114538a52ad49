import { type Actor, requireAbility } from '@castellan/access';
import { AuditLog } from '@castellan/audit';
import { Database } from '@castellan/database';
import { CastellanError } from '@castellan/errors';
import { KeybrokerClient } from '@castellan/keybroker-client';
import { JobQueue } from '@castellan/queue';
import { Injectable } from '@nestjs/common';
import { VaultError } from '../vault-error.js';
import { vaultEvents } from '../vault-events.js';
import { rewrapQueue } from './rewrap-queue.js';
import { RotationStore, type RotationRow } from './rotation-store.js';

/**
 * Gives a project the next version of its key. When this resolves, new data goes under it; a job re-wraps what rests on
 * older ones. First the request is recorded, then the keybroker is asked: should this process die in between, the job asks.
 */
@Injectable()
export class RotateProjectKey {
  constructor(
    private readonly database: Database,
    private readonly rotations: RotationStore,
    private readonly keybroker: KeybrokerClient,
    private readonly audit: AuditLog,
    private readonly queue: JobQueue,
  ) {}

  /** @throws `project_unknown`, `not_permitted`, `rotation_running`; of the keybroker `kek_version_stale` */
  async execute(actor: Actor, projectName: string, fromVersion: number): Promise<RotationRow> {
    const project = await this.rotations.project(actor.organizationId, projectName);
    const { id: projectId, organizationId } = project;
    requireAbility(actor, 'start', 'KeyRotation', { organizationId, projectId });
    const rotation = await this.database.transaction(async (tx) => {
      await this.rotations.lockProject(tx, projectId);
      if ((await this.rotations.latest(projectId, tx))?.state === 'running') throw running(projectName);
      const terms = { organizationId, projectId, fromVersion, requestedBy: actor.name };
      const started = await this.rotations.start(tx, terms);
      await this.audit.append(tx, vaultEvents.rotationRequested(actor, projectName, started));
      return started;
    });
    try {
      await this.keybroker.rotateKek(projectId, fromVersion);
    } catch (error) {
      // An answer that did not come may have been a yes: the job will find out.
      if (error instanceof CastellanError && error.kind !== 'unavailable')
        await this.#refused(rotation, error);
      throw error;
    }
    await this.queue.enqueue(rewrapQueue, { rotationId: rotation.id }, { once: rotation.id });
    return rotation;
  }

  async #refused(rotation: RotationRow, { code, publicDetail }: CastellanError): Promise<void> {
    await this.database.transaction(async (tx) => {
      const end = { state: 'failed', failure: publicDetail, finishedAt: new Date() };
      await this.rotations.change(tx, rotation.id, ['running'], end);
      await this.audit.append(tx, vaultEvents.rotationFailed('api', rotation, code));
    });
  }
}

function running(project: string): VaultError {
  return new VaultError('rotation_running', {
    kind: 'conflict',
    publicDetail: `The keys of "${project}" are being re-wrapped already. Wait for it, or cancel it first.`,
  });
}
