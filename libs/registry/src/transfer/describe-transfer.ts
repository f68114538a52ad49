import { type Actor, requireAbility } from '@castellan/access';
import { AuditLog } from '@castellan/audit';
import type { VersionTransfer } from '@castellan/contracts';
import { Database } from '@castellan/database';
import { SealedStore } from '@castellan/vault';
import { Injectable } from '@nestjs/common';
import { registryEvents } from '../registry-events.js';
import { RegistryError } from '../registry-error.js';
import type { VersionRow } from '../versions/version-store.js';

/** What another platform needs of a finalised version beside its sealed bytes; without the project's keys it opens nothing. */
@Injectable()
export class DescribeTransfer {
  constructor(
    private readonly database: Database,
    private readonly sealed: SealedStore,
    private readonly audit: AuditLog,
  ) {}

  /** @throws version_not_finalized, not_permitted; `blob_missing` of the object store */
  async execute(actor: Actor, version: VersionRow): Promise<VersionTransfer> {
    const { manifest, digest: versionDigest } = version;
    requireAbility(actor, 'send', 'Version', version);
    if (manifest === null || versionDigest === null) throw notFinalized(version);
    const files = await Promise.all(
      version.files.map(async (file) => ({ path: file.path, segments: await this.#segments(file) })),
    );
    const ids = files.flatMap(({ segments }) => segments.map(({ dataKeyId }) => dataKeyId));
    const rows = await this.database.client.dataKey.findMany({ where: { id: { in: ids } } });
    const dataKeys = rows.map(({ id, kekId, context, wrapped }) => ({
      id,
      kekId,
      context,
      wrapped: Buffer.from(wrapped).toString('base64'),
    }));
    await this.audit.appendDurably(registryEvents.versionSent(actor, version));
    const { id: versionId } = version;
    const { projectId } = version.model;
    const format = 'castellan.version-transfer/v1';
    return { format, versionId, projectId, manifest, versionDigest, files, dataKeys };
  }

  /** The sealed bytes of the n-th blob, counted as `execute` lists them. @throws version_unknown */
  blob(actor: Actor, version: VersionRow, turn: number): AsyncIterable<Uint8Array> {
    requireAbility(actor, 'send', 'Version', version);
    const blob = version.files.flatMap(segmentsOf)[turn];
    if (blob === undefined) throw noBlob(version, turn);
    return this.sealed.read(blob.blobKey);
  }

  #segments(file: VersionRow['files'][number]) {
    return Promise.all(
      segmentsOf(file).map(async ({ startBytes, blobKey, dataKeyId }) => ({
        startBytes,
        sizeBytes: await this.sealed.size(blobKey),
        dataKeyId,
      })),
    );
  }
}

function segmentsOf({ blobKey, dataKeyId, further }: VersionRow['files'][number]) {
  const more = further.map((segment) => ({ ...segment, startBytes: Number(segment.startBytes) }));
  return [{ startBytes: 0, blobKey, dataKeyId }, ...more.sort((a, b) => a.startBytes - b.startBytes)];
}

function notFinalized({ model, number }: VersionRow): RegistryError {
  return new RegistryError('version_not_finalized', {
    kind: 'conflict',
    publicDetail: `${model.name}@${number} is still being uploaded; it can travel once it is finalised.`,
  });
}

function noBlob({ model, number }: VersionRow, turn: number): RegistryError {
  return new RegistryError('version_unknown', {
    kind: 'not_found',
    publicDetail: `${model.name}@${number} has no sealed blob ${turn}.`,
  });
}
