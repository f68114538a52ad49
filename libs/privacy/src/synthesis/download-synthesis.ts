import type { Actor } from '@castellan/access';
import { AuditLog } from '@castellan/audit';
import { Injectable } from '@nestjs/common';
import type { DatasetRow } from '../dataset/dataset-store.js';
import { privacyEvents } from '../privacy-events.js';
import type { RunRow } from '../runs/run-store.js';
import { MadeSynthesis } from './made-synthesis.js';

/** Hands a synthetic table out; who took it is in the log before it leaves. */
@Injectable()
export class DownloadSynthesis {
  constructor(private readonly audit: AuditLog) {}

  /** @throws synthesis_not_made */
  async execute(actor: Actor, dataset: DatasetRow, run: RunRow, rows?: number): Promise<string> {
    const made = new MadeSynthesis(dataset, run);
    const wanted = rows ?? made.rows;
    await this.audit.appendDurably(privacyEvents.syntheticTableTaken(actor, dataset, run.entryId, wanted));
    return made.table(wanted);
  }
}
