import { openedEvent, OpenedLog, type RecordedEvent } from '@castellan/audit';
import { BudgetShare, type Denial, type DenialList } from '@castellan/contracts';
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import type { DatasetRow } from '../dataset/dataset-store.js';
import { coarse } from './show-budget.js';

const SHOWN = 100;

const Refused = z.object({
  question: z.string(),
  epsilon: z.string().optional(),
  rho: z.string().optional(),
  delta: z.string().optional(),
  /** Absent in events from before there were others. */
  share: BudgetShare.default({ kind: 'dataset' }),
  remaining: z.string(),
  remainingDelta: z.string().optional(),
});

/** What a dataset's budget did not hold. The audit log has it already, so there is no second list to keep. */
@Injectable()
export class ShowDenials {
  constructor(@Inject(OpenedLog) private readonly audit: Pick<OpenedLog, 'recordsAbout'>) {}

  /** The newest first. */
  async execute({ id }: DatasetRow): Promise<DenialList> {
    const records = await this.audit.recordsAbout([id], { action: 'privacy.refused', limit: SHOWN });
    return { denials: records.flatMap((record) => denialOf(openedEvent(record))) };
  }
}

function denialOf(event: RecordedEvent | undefined): Denial[] {
  const details = Refused.safeParse(event?.details);
  if (event === undefined || !details.success) return [];
  const person = event.actor.name ?? event.actor.id ?? '';
  const { share } = details.data;
  const named = share.kind === 'person' && share.name === event.actor.id ? { ...share, name: person } : share;
  return [{ at: coarse(new Date(event.time)), person, ...details.data, share: named }];
}
