import { Injectable } from '@nestjs/common';
import type { ProtectedTable } from '../declaration/protected-table.js';
import type { OpenedTable } from '../measurement/dataset-keys.js';
import { AllowedSources } from './allowed-sources.js';

/**
 * Goes from what is sealed to what is read: a table that is sealed here is that itself; for an object elsewhere it is the
 * object, fetched into memory; a table in a database is looked at, and read where it is.
 */
@Injectable()
export class OpenSource {
  constructor(private readonly allowed: AllowedSources) {}

  /**
   * What it returns takes the place of `opened`, which is disposed of when this fails.
   * @throws source_not_allowed, source_changed, source_refused, source_unavailable
   */
  async execute(opened: OpenedTable, table: ProtectedTable): Promise<OpenedTable> {
    try {
      return await this.rowsOf(opened, table);
    } catch (error) {
      opened.dispose();
      throw error;
    }
  }

  // The clients are loaded with the first such table.
  private async rowsOf(opened: OpenedTable, table: ProtectedTable): Promise<OpenedTable> {
    switch (table.source?.kind) {
      case undefined:
        return opened;
      case 'postgresql': {
        const { checkReferenced } = await import('./postgres-table.js');
        await checkReferenced(opened.bytes, table);
        return opened;
      }
      case 's3': {
        this.allowed.require(table.source);
        const { openPinned } = await import('./s3-table.js');
        const bytes = await openPinned(opened.bytes, table.source);
        opened.dispose();
        return { bytes, dispose: () => void bytes.fill(0) };
      }
    }
  }
}
