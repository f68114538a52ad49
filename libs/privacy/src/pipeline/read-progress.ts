import { type Pipeline, TaskSummary } from '@castellan/contracts';
import type { PipelineProgress } from './pipeline-progress.js';

/** What was written down of the steps, if it is of these steps; else that all are still to be begun. */
export function readProgress(summary: unknown, steps: Pipeline['steps']): PipelineProgress[] {
  const written = TaskSummary.safeParse(summary);
  if (
    written.success &&
    written.data.kind === 'pipeline' &&
    written.data.steps.length === steps.length &&
    written.data.steps.every(({ step }, at) => step === steps[at]?.step)
  )
    return written.data.steps;
  return steps.map(({ step }) => ({ step, state: 'open' }));
}
