import { Injectable } from '@nestjs/common';
import type { Actor } from '@castellan/access';
import { AuditLog } from '@castellan/audit';
import { Database } from '@castellan/database';
import { DataKeys, SealedStore } from '@castellan/vault';
import { checkedSource } from '../declaration/table-format.js';
import { PrivacyError } from '../privacy-error.js';
import { privacyEvents } from '../privacy-events.js';
import { AllowedSources } from '../reference/allowed-sources.js';
import { readDocument, sealedTablePath } from './dataset-document.js';
import { type DatasetRow, DatasetStore } from './dataset-store.js';

/** A table is measured in memory. */
const LARGEST_TABLE_BYTES = 512 << 20;

/**
 * Streams the table of a declared dataset in, sealed as it arrives. It is checked to be a table of the declared columns on the
 * way, so that no question ever fails over a row. Once only: new data are a new dataset with a budget of its own. Of a table
 * that stays elsewhere the login is sealed, and may be sealed anew; of an object its identity with it, as it is then.
 */
@Injectable()
export class SealDataset {
  constructor(
    private readonly database: Database,
    private readonly datasets: DatasetStore,
    private readonly dataKeys: DataKeys,
    private readonly sealed: SealedStore,
    private readonly allowed: AllowedSources,
    private readonly audit: AuditLog,
  ) {}

  /** @throws dataset_already_sealed, source_not_allowed, source_refused, source_unavailable, table_malformed, file_too_large; nothing stays of a table that was refused */
  async execute(actor: Actor, dataset: DatasetRow, source: AsyncIterable<Uint8Array>): Promise<DatasetRow> {
    const { table, digest } = readDocument(dataset);
    const isFirst = dataset.state === 'declared';
    if (!isFirst && table.source === undefined) throw alreadySealed(dataset.name);
    if (table.source !== undefined) this.allowed.require(table.source);
    const subject = { kind: 'dataset', id: dataset.id, project: dataset.projectId } as const;
    const dataKey = await this.dataKeys.generate(subject);
    const { dataKeyId, key } = dataKey;
    const folder = `datasets/${dataset.id}`;
    const stored = await this.sealed.write({
      dataKeyId,
      key,
      path: sealedTablePath(digest),
      source: checkedSource(source, table),
      folder,
      maxBytes: LARGEST_TABLE_BYTES,
    });
    try {
      const sealed = await this.database.transaction(async (tx) => {
        await dataKey.record(tx);
        const contents = { ...stored, dataKeyId };
        const sealed = isFirst
          ? await this.datasets.seal(tx, dataset.id, contents)
          : await this.datasets.reseal(tx, dataset, contents);
        if (sealed === undefined) throw alreadySealed(dataset.name);
        await this.audit.append(tx, privacyEvents.sealed(actor, sealed, table.source));
        return sealed;
      });
      await this.sealed.removeUnreferenced(folder, [stored.blobKey]);
      return sealed;
    } catch (error) {
      // A refusal of ours means that nothing was recorded. After any other failure the table may be the sealed one, as when
      // the database dies during the commit: then it stays.
      if (error instanceof PrivacyError) await this.sealed.remove(stored.blobKey);
      throw error;
    }
  }
}

function alreadySealed(name: string): PrivacyError {
  return new PrivacyError('dataset_already_sealed', {
    kind: 'conflict',
    publicDetail: `"${name}" is sealed already. New data are a new dataset.`,
  });
}
