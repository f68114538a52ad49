import type { Pipeline, PipelineStep } from '@castellan/contracts';
import { offeredQuestion } from '../asking/prepare-question.js';
import { readDocument } from '../dataset/dataset-document.js';
import type { DatasetRow } from '../dataset/dataset-store.js';
import { showDataset } from '../dataset/show-dataset.js';
import { deltaChargeOf } from '../ledger/atto-delta.js';
import { chargeIn } from '../ledger/accounting.js';
import { planMasking } from '../masking/masking-plan.js';
import { PrivacyError } from '../privacy-error.js';
import { prepareSynthesis } from '../synthesis/prepare-synthesis.js';
import { readRequest } from '../task/task-request.js';
import type { TaskStore } from '../task/task-store.js';
import { prepareTraining } from '../training/prepare-training.js';

/**
 * Says no to a pipeline that can't go through, before anybody signs for nothing: every step is prepared as it will be, from
 * public parameters alone.
 * @throws pipeline_refused, and what each step's own request throws
 */
export async function checkPipeline(
  tasks: TaskStore,
  dataset: DatasetRow,
  pipeline: Pipeline,
): Promise<void> {
  const next = (await lastVersion(tasks, dataset, pipeline.name)) + 1;
  if (pipeline.version !== next)
    throw refused(
      `The next version of the pipeline "${pipeline.name}" is ${next}, and not ${pipeline.version}.`,
    );
  for (const [position, step] of pipeline.steps.entries()) await checkStep(dataset, step, position);
}

async function lastVersion(tasks: TaskStore, dataset: DatasetRow, name: string): Promise<number> {
  const texts = await tasks.requestsOf(dataset.id, 'pipeline');
  const versions = texts.flatMap((text) => {
    const body = readRequest(text)?.body;
    return body?.kind === 'pipeline' && body.name === name ? [body.version] : [];
  });
  return Math.max(0, ...versions);
}

async function checkStep(dataset: DatasetRow, step: PipelineStep, position: number): Promise<void> {
  const { table } = readDocument(dataset);
  switch (step.step) {
    case 'classify':
      return;
    case 'mask':
      if (table.source !== undefined)
        throw refused(`Step ${position + 1} masks a table that may change while it is read.`);
      planMasking(table, showDataset(dataset).classification, { ...step, kind: 'mask' });
      return;
    case 'measure':
      await offeredQuestion(dataset, step.sql, step);
      return;
    case 'synthesize':
      prepareSynthesis(dataset, step, chargeIn(table.accounting, step));
      return;
    case 'train': {
      // Whether the base may be trained on is judged when the step begins: approvals may come and go until then.
      const { step: _, epsilon, delta, base, ...rest } = step;
      const wanted = { ...rest, ...(base && { base: { id: '', digest: '', ref: base } }) };
      prepareTraining(dataset, wanted, {
        costPico: chargeIn(table.accounting, { epsilon }),
        costAtto: deltaChargeOf(delta),
      });
    }
  }
}

function refused(publicDetail: string): PrivacyError {
  return new PrivacyError('pipeline_refused', { kind: 'invalid', publicDetail });
}
