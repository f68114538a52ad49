import { actorOf, type Actor } from '@castellan/access';
import { Database } from '@castellan/database';
import { Injectable } from '@nestjs/common';
import { ModelStore } from '../models/model-store.js';
import { RegistryError } from '../registry-error.js';
import { FinalizeVersion } from './finalize-version.js';
import { StartVersion } from './start-version.js';
import { StoreFile } from './store-file.js';

/**
 * Publishes files that a job has made as the next version of a model: started, sealed, finalised and scanned like an
 * upload. Whether the actor may was decided when the job was asked for.
 */
@Injectable()
export class PublishFiles {
  constructor(
    private readonly database: Database,
    private readonly models: ModelStore,
    private readonly start: StartVersion,
    private readonly store: StoreFile,
    private readonly finalize: FinalizeVersion,
  ) {}

  /** `personId` becomes the author. @throws model_unknown, what storing and finalising throw */
  async execute(
    personId: string,
    modelName: string,
    files: ReadonlyMap<string, Uint8Array>,
  ): Promise<{ id: string; ref: string }> {
    const actor = await this.authorOf(personId);
    const { organizationId } = actor;
    const model = await this.models.visibleByNameOrId({ organizationId }, modelName);
    if (model === null)
      throw new RegistryError('model_unknown', {
        kind: 'not_found',
        publicDetail: `There is no model ${JSON.stringify(modelName)} any more.`,
      });
    const version = await this.start.execute(actor, model);
    for (const [path, bytes] of files)
      await this.store.execute(actor, version, path, { body: oneChunk(bytes), lengthBytes: bytes.length });
    const { id, number } = await this.finalize.execute(actor, version);
    return { id, ref: `${model.name}@${number}` };
  }

  /** The person, with no ability: nothing is decided by it here. */
  private async authorOf(personId: string): Promise<Actor> {
    const person = await this.database.client.person.findUniqueOrThrow({
      where: { id: personId },
      include: { organization: true },
    });
    const { name, organizationId, organization } = person;
    const identity = { personId, name, organizationId, organizationName: organization.name };
    return actorOf({ ...identity, roles: [], credentialId: '', deployments: [] }, []);
  }
}

async function* oneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
