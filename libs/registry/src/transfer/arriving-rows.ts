import type { Actor } from '@castellan/access';
import type { ArrivingVersion } from '@castellan/contracts';
import { type Prisma, type Tx } from '@castellan/database';
import { Injectable } from '@nestjs/common';
import { CreateModel } from '../models/create-model.js';
import { RegistryError } from '../registry-error.js';
import type { ProjectRow } from '../storage/find-project.js';
import { type VersionRow, VersionStore } from '../versions/version-store.js';
import type { ArrivingFile } from './read-arrival.js';
import { arrivingBlobKey } from './receive-blob.js';

/** The rows of a version that arrives. */
@Injectable()
export class ArrivingRows {
  constructor(
    private readonly createModel: CreateModel,
    private readonly versions: VersionStore,
  ) {}

  /** Whether the key-encryption keys under which the data keys lie are this project's. @throws transfer_of_other_project */
  async requireKeys(tx: Tx, project: ProjectRow, dataKeys: ArrivingVersion['dataKeys']): Promise<void> {
    const ids = [...new Set(dataKeys.map(({ kekId }) => kekId))];
    const where = { id: { in: ids }, projectId: project.id };
    if ((await tx.keyEncryptionKey.count({ where })) === ids.length) return;
    throw new RegistryError('transfer_of_other_project', {
      kind: 'conflict',
      publicDetail: `The keys that this version lies under have not come for "${project.name}". Take them in first, with "castellan keys import".`,
    });
  }

  /** The model of this name in this project, made where it is new. @throws model_exists in another project */
  async model(tx: Tx, actor: Actor, project: ProjectRow, name: string): Promise<{ id: string }> {
    const where = { name, organizationId: project.organizationId, projectId: project.id };
    const known = await tx.model.findFirst({ where });
    return known ?? this.createModel.within(tx, actor, { project: project.name, name, description: '' });
  }

  /** Holds back whoever starts a version of the model until the transaction ends. */
  async isTaken(tx: Tx, id: string, modelId: string, number: number): Promise<boolean> {
    await tx.$queryRaw`SELECT id FROM "Model" WHERE id = ${modelId} FOR UPDATE`;
    return (await tx.version.count({ where: { OR: [{ id }, { modelId, number }] } })) > 0;
  }

  async version(
    tx: Tx,
    row: Omit<Prisma.VersionUncheckedCreateInput, 'stage'> & { readonly id: string },
    files: readonly ArrivingFile[],
    dataKeys: ArrivingVersion['dataKeys'],
  ): Promise<VersionRow> {
    const keys = dataKeys.map((key) => ({ ...key, wrapped: Buffer.from(key.wrapped, 'base64') }));
    await tx.dataKey.createMany({ data: keys });
    await tx.version.create({ data: { ...row, stage: 'quarantined', finalizedAt: new Date() } });
    for (const { segments, ...file } of files) {
      const [first, ...further] = segments.map(({ sha256, startBytes, dataKeyId }) => ({
        startBytes,
        dataKeyId,
        blobKey: arrivingBlobKey(row.id, sha256),
      }));
      if (first === undefined) throw new Error('a file that was read has a segment');
      const { blobKey, dataKeyId } = first;
      const placed = { ...file, versionId: row.id, blobKey, dataKeyId };
      await tx.versionFile.create({ data: { ...placed, further: { create: further } } });
    }
    return this.versions.inTransaction(tx, row.id);
  }
}
