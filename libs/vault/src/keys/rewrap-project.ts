import { AuditLog } from '@castellan/audit';
import { Database } from '@castellan/database';
import { CastellanError } from '@castellan/errors';
import { KeybrokerClient } from '@castellan/keybroker-client';
import { Injectable } from '@nestjs/common';
import { vaultEvents } from '../vault-events.js';
import { RotationStore, type RotationRow } from './rotation-store.js';

/** Data keys a call: a quarter of a second of the keybroker's threads. */
const BATCH = 500;

/**
 * Has the keybroker re-wrap a project's data keys, batch by batch, and says how far it is. Dies at any point and goes on:
 * what counts is which key each row rests on, and a batch is one transaction there. Stops when the rotation is cancelled.
 */
@Injectable()
export class RewrapProject {
  constructor(
    private readonly database: Database,
    private readonly rotations: RotationStore,
    private readonly keybroker: KeybrokerClient,
    private readonly audit: AuditLog,
  ) {}

  async execute(rotationId: string, signal: AbortSignal): Promise<void> {
    const rotation = await this.rotations.byId(rotationId);
    if (rotation?.state !== 'running' || !(await this.#isRotated(rotation))) return;
    const { projectId } = rotation;
    let after: string | undefined;
    let unopenedKeys = 0;
    do {
      signal.throwIfAborted();
      const where = after === undefined ? {} : { after };
      const batch = await this.keybroker.rewrap({ projectId, limit: BATCH, ...where });
      unopenedKeys += batch.unopened;
      const totalKeys = rotation.totalKeys ?? batch.remaining + batch.rewrapped;
      if (!(await this.#progress(rotation, { totalKeys, remainingKeys: batch.remaining, unopenedKeys })))
        return;
      rotation.totalKeys = totalKeys;
      after = batch.after;
    } while (after !== undefined);
    await this.#finish(rotation.id, unopenedKeys === 0 ? 'done' : 'incomplete');
  }

  /** Whether the newer version is there, made now if need be. A refusal ends the rotation. */
  async #isRotated({ id, projectId, fromVersion }: RotationRow): Promise<boolean> {
    try {
      await this.keybroker.rotateKek(projectId, fromVersion);
      return true;
    } catch (error) {
      if (!(error instanceof CastellanError) || error.kind === 'unavailable') throw error;
      if (error.code === 'kek_version_stale' && Number(error.meta?.['version']) > fromVersion) return true;
      await this.#fail(id, error);
      return false;
    }
  }

  /** False when the rotation is not running any more. */
  async #progress(
    { id }: RotationRow,
    data: { totalKeys: number; remainingKeys: number; unopenedKeys: number },
  ): Promise<boolean> {
    return (await this.rotations.change(this.database.client, id, ['running'], data)) !== undefined;
  }

  async #finish(id: string, state: 'done' | 'incomplete'): Promise<void> {
    await this.database.transaction(async (tx) => {
      const end = { state, finishedAt: new Date() };
      const finished = await this.rotations.change(tx, id, ['running'], end);
      if (finished !== undefined) await this.audit.append(tx, vaultEvents.rotationFinished('jobs', finished));
    });
  }

  async #fail(id: string, { code, publicDetail }: CastellanError): Promise<void> {
    await this.database.transaction(async (tx) => {
      const end = { state: 'failed', failure: publicDetail, finishedAt: new Date() };
      const failed = await this.rotations.change(tx, id, ['running'], end);
      if (failed !== undefined) await this.audit.append(tx, vaultEvents.rotationFailed('jobs', failed, code));
    });
  }
}
