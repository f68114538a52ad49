import { Database } from '@castellan/database';
import { CastellanError } from '@castellan/errors';
import { KeybrokerClient } from '@castellan/keybroker-client';
import { Injectable, Logger } from '@nestjs/common';
import { z } from 'zod';
import { SealedStore } from '../sealed-store.js';

const Certificate = z.object({ versions: z.array(z.string()) });

/**
 * Has the keybroker destroy what is due, and then removes the ciphertext, which nobody can open any more. Looks again until
 * all of it is gone.
 */
@Injectable()
export class CarryOutDestructions {
  readonly #logger = new Logger('destruction');

  constructor(
    private readonly database: Database,
    private readonly keybroker: KeybrokerClient,
    private readonly sealed: SealedStore,
  ) {}

  async execute(): Promise<void> {
    const { destructions } = await this.keybroker.orderedDestructions();
    for (const { state, targetId, name } of destructions)
      if (state === 'due') await this.#carryOut(targetId, name);
    const left = await this.database.client.destruction.findMany({ where: { filesRemovedAt: null } });
    if (left.length === 0) return;
    const destroyed = new Set((await this.keybroker.orderedDestructions()).destroyed);
    for (const { id, target, targetId, certificate } of left) {
      if (!destroyed.has(`${target}/${targetId}`)) continue;
      // A row may have been edited: only what the keybroker remembers as destroyed is removed.
      const { versions } = Certificate.parse(JSON.parse(certificate));
      await this.#removeFiles(
        targetId,
        versions.filter((version) => destroyed.has(`version/${version}`)),
      );
      const data = { filesRemovedAt: new Date() };
      await this.database.client.destruction.update({ where: { id }, data });
    }
  }

  /** One that something stands in the way of waits, and holds up no other. */
  async #carryOut(targetId: string, name: string): Promise<void> {
    try {
      await this.keybroker.carryOutDestruction(targetId);
    } catch (error) {
      if (!(error instanceof CastellanError) || error.kind === 'unavailable') throw error;
      this.#logger.warn({ err: error, name }, 'not destroyed yet');
    }
  }

  async #removeFiles(targetId: string, versionIds: readonly string[]): Promise<void> {
    for (const id of versionIds) await this.sealed.removeUnreferenced(`versions/${id}`, []);
    const where = { projectId: targetId, blobKey: { not: null } };
    const tables = await this.database.client.dataset.findMany({ where, select: { blobKey: true } });
    for (const { blobKey } of tables) if (blobKey !== null) await this.sealed.remove(blobKey);
  }
}
