import { personActor, type Actor } from '@castellan/access';
import { type AuditEvent, defineEvents, details, type EventActor } from '@castellan/audit';
import type { DatasetClassification } from '@castellan/contracts';
import type { DatasetRow } from '../dataset/dataset-store.js';
import type { PipelineProgress } from '../pipeline/pipeline-progress.js';
import type { WorkSummary } from './task-work.js';
import type { TaskRow } from './task-store.js';

const catalogue = defineEvents({
  'dataset.task-requested': {
    meaning: 'Work on a protected table was asked for.',
    details: details<{ task: string; kind: string; request: string }>(),
  },
  'dataset.task-started': {
    meaning: 'Work on a protected table that had waited for signatures was begun.',
    details: details<{ task: string; kind: string; request: string }>(),
  },
  'dataset.task-cancelled': {
    meaning: 'Work on a protected table was cancelled.',
    details: details<{ task: string; kind: string }>(),
  },
  'dataset.task-failed': {
    meaning: 'Work on a protected table ended without a result.',
    details: details<{ task: string; kind: string; failure: string }>(),
  },
  'dataset.classified': {
    meaning: 'The columns of a protected table were looked through for personal data.',
    details: details<{ task: string; columns: number; kinds: string[]; result: string }>(),
  },
  'dataset.outliers-found': {
    meaning:
      'The records of a protected table were searched for those unlike all others, for its steward alone.',
    details: details<{ task: string; request: string; clusters: number; result: string }>(),
  },
  'dataset.masked': {
    meaning: 'A masked copy of a protected table was made: its gates held and its request was signed.',
    details: details<{
      task: string;
      request: string;
      table: string;
      result: string;
      rows: number;
      suppressedRows: number;
      k: number;
    }>(),
  },
  'dataset.reidentified': {
    meaning:
      'Values of a masked copy were led back to what they had been, for one person, on two signatures.',
    details: details<{ task: string; request: string; copy: string; column: string; asked: number }>(),
  },
  'dataset.pipeline-step': {
    meaning: 'A step of a signed pipeline was begun, on behalf of whoever asked for the pipeline.',
    details: details<{ task: string; request: string; position: number; step: string; output: string }>(),
  },
  'dataset.pipeline-done': {
    meaning: 'All steps of a signed pipeline are done.',
    details: details<{ task: string; request: string; outputs: string[] }>(),
  },
  'dataset.classification-confirmed': {
    meaning: 'A steward said which personal data each column holds.',
    details: details<{ columns: { name: string; kinds: string[] }[] }>(),
  },
  'dataset.result-opened': {
    meaning: 'The key of a sealed result was asked for, to be sealed to the key of whoever asked.',
    details: details<{ task: string; kind: string; result: string; recipient: string }>(),
  },
});

export const taskEventMeanings = catalogue.meanings;

const jobs: EventActor = { kind: 'process', name: 'jobs' };

const about = ({ id, organizationId, sha256 }: Pick<DatasetRow, 'id' | 'organizationId' | 'sha256'>) => ({
  organizationId,
  resource: { kind: 'dataset', id, ...(sha256 === null ? {} : { digest: sha256 }) },
});

const requested = ({ id, kind, digest }: TaskRow) => ({ task: id, kind, request: digest });

/** Events about work on tables. Counts and kinds; nothing of a table. */
export const taskEvents = {
  requested: (actor: Actor, task: TaskRow): AuditEvent =>
    catalogue.event('dataset.task-requested', {
      actor: personActor(actor),
      ...about(task.dataset),
      decision: 'allow',
      details: requested(task),
    }),

  started: (actor: Actor, task: TaskRow): AuditEvent =>
    catalogue.event('dataset.task-started', {
      actor: personActor(actor),
      ...about(task.dataset),
      decision: 'allow',
      details: requested(task),
    }),

  cancelled: (actor: Actor, task: TaskRow): AuditEvent =>
    catalogue.event('dataset.task-cancelled', {
      actor: personActor(actor),
      ...about(task.dataset),
      decision: 'allow',
      details: { task: task.id, kind: task.kind },
    }),

  failed: (task: TaskRow, failure: string): AuditEvent =>
    catalogue.event('dataset.task-failed', {
      actor: jobs,
      ...about(task.dataset),
      decision: 'deny',
      reason: failure,
      details: { task: task.id, kind: task.kind, failure },
    }),

  done: (task: TaskRow, summary: WorkSummary): AuditEvent => {
    const fields = { actor: jobs, ...about(task.dataset), decision: 'allow' } as const;
    const { id, digest, resultSha256 } = task;
    const result = resultSha256 ?? '';
    if (summary.kind === 'mask') {
      const { rows, suppressedRows, k } = summary;
      const table = task.dataset.sha256 ?? '';
      const lineage = { task: id, request: digest, table, result };
      return catalogue.event('dataset.masked', {
        ...fields,
        details: { ...lineage, rows, suppressedRows, k },
      });
    }
    if (summary.kind === 'outliers')
      return catalogue.event('dataset.outliers-found', {
        ...fields,
        details: { task: id, request: digest, clusters: summary.clusters, result },
      });
    if (summary.kind === 'reidentify') {
      const { copy, column, asked } = summary;
      return catalogue.event('dataset.reidentified', {
        ...fields,
        details: { task: id, request: digest, copy, column, asked },
      });
    }
    const kinds = new Set(summary.columns.flatMap((column) => column.kinds.map(({ kind }) => kind)));
    return catalogue.event('dataset.classified', {
      ...fields,
      details: {
        task: id,
        columns: summary.columns.length,
        kinds: [...kinds].toSorted(),
        result,
      },
    });
  },

  pipelineStep: (task: TaskRow, position: number, { step, id = '' }: PipelineProgress): AuditEvent =>
    catalogue.event('dataset.pipeline-step', {
      actor: jobs,
      ...about(task.dataset),
      decision: 'allow',
      details: { task: task.id, request: task.digest, position, step, output: id },
    }),

  pipelineDone: (task: TaskRow, steps: readonly PipelineProgress[]): AuditEvent =>
    catalogue.event('dataset.pipeline-done', {
      actor: jobs,
      ...about(task.dataset),
      decision: 'allow',
      details: { task: task.id, request: task.digest, outputs: steps.map(({ id = '' }) => id) },
    }),

  classificationConfirmed: (
    actor: Actor,
    dataset: DatasetRow,
    columns: DatasetClassification['columns'],
  ): AuditEvent =>
    catalogue.event('dataset.classification-confirmed', {
      actor: personActor(actor),
      ...about(dataset),
      decision: 'allow',
      details: { columns: columns.map(({ name, kinds }) => ({ name, kinds: [...kinds] })) },
    }),

  resultOpened: (actor: Actor, task: TaskRow, recipient: string): AuditEvent =>
    catalogue.event('dataset.result-opened', {
      actor: personActor(actor),
      ...about(task.dataset),
      decision: 'allow',
      details: { task: task.id, kind: task.kind, result: task.resultSha256 ?? '', recipient },
    }),
};
