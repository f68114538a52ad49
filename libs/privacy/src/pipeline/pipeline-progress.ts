import type { TaskSummary } from '@castellan/contracts';

export type PipelineSummary = Extract<TaskSummary, { kind: 'pipeline' }>;

/** Where one step is, and which task or ledger entry it became. */
export type PipelineProgress = PipelineSummary['steps'][number];
