import { z } from 'zod';
import { Delta, Id, lossLimit, Name, Sha256, Timestamp } from './primitives.js';
import { SynthesisRequest } from './synthesis.js';
import { TrainingRequest } from './training.js';

/** Kinds of personal data that recognisers find by form, and two (names, addresses) that they find by word and context. */
export const personalDataKinds = [
  'cn_identity_card',
  'cn_mobile',
  'bank_card',
  'cn_plate',
  'cn_passport',
  'cn_social_credit_code',
  'cn_name',
  'cn_address',
  'email',
  'ip_address',
  'iban',
] as const;
export const PersonalDataKind = z.enum(personalDataKinds).meta({ id: 'PersonalDataKind' });
export type PersonalDataKind = z.infer<typeof PersonalDataKind>;

/**
 * What is done with a protected table on somebody's request. Each but `budget`, `lower` and `pipeline`, which read no row themselves,
 * is a purpose for which its key is released.
 */
export const DataRequestKind = z.enum([
  'classify',
  'outliers',
  'mask',
  'budget',
  'lower',
  'reidentify',
  'pipeline',
]);
export type DataRequestKind = z.infer<typeof DataRequestKind>;

/**
 * What every request says, whatever it asks for (castellan.data-request/v1, canonical JSON). Its SHA-256 is what people
 * sign, and what the sealed result is bound to. The keybroker reads these members and no others.
 */
export const DataRequestHead = z.object({
  format: z.literal('castellan.data-request/v1'),
  kind: DataRequestKind,
  organization: Name,
  project: Name,
  dataset: Name,
  datasetId: Id,
  /** SHA-256 of the dataset's document, and of its table: new data need a new request. */
  declaration: Sha256,
  table: Sha256,
  /** Of a table that stays elsewhere: which data the request is about. */
  dataVersion: z.number().int().min(1).optional(),
  requester: Name,
  createdAt: Timestamp,
  nonce: z.uuid(),
});
export type DataRequestHead = z.infer<typeof DataRequestHead>;

/** What becomes of one column's values. `token` and `encrypt` take their keys from the dataset's own: tables still join. */
export const ColumnMask = z.discriminatedUnion('operator', [
  z.object({ operator: z.literal('keep') }),
  z.object({ operator: z.literal('drop') }),
  z.object({ operator: z.literal('redact') }),
  z.object({ operator: z.literal('replace'), value: z.string().max(200) }),
  z.object({ operator: z.literal('mask'), first: z.number().int().min(0), last: z.number().int().min(0) }),
  z.object({ operator: z.literal('generalise_number'), width: z.number().int().min(1) }),
  z.object({ operator: z.literal('generalise_date'), to: z.enum(['year', 'month']) }),
  z.object({ operator: z.literal('generalise_category'), wider: z.record(z.string(), z.string()) }),
  z.object({ operator: z.literal('shift_date'), mostDays: z.number().int().min(1).max(36_500) }),
  z.object({ operator: z.literal('token') }),
  z.object({ operator: z.literal('encrypt'), alphabet: z.enum(['digits', 'letters_and_digits']) }),
]);
export type ColumnMask = z.infer<typeof ColumnMask>;

/** What somebody could know of a person from elsewhere, what should not be learnt, or neither. */
export const ColumnRole = z.enum(['quasi_identifier', 'sensitive', 'other']);
export type ColumnRole = z.infer<typeof ColumnRole>;

export const MaskingRequest = z.object({
  kind: z.literal('mask'),
  purpose: z.string().min(1).max(500),
  columns: z
    .array(z.object({ name: z.string().min(1).max(128), mask: ColumnMask, role: ColumnRole.optional() }))
    .min(1)
    .max(500),
  /** What must hold in every class of rows that are alike in their quasi-identifiers; else nothing is released. */
  gates: z.object({
    /** Different privacy units. */
    k: z.number().int().min(2).max(100_000),
    /** Different values of each sensitive column. */
    l: z.number().int().min(2).max(1_000).optional(),
    /** Distance of each sensitive column's values from those of the whole table, 0 to 1. */
    t: z.number().gt(0).max(1).optional(),
    /** The share of rows that may be left out so that the gates hold. */
    suppressAtMost: z.number().min(0).max(0.5).default(0),
  }),
});
export type MaskingRequest = z.infer<typeof MaskingRequest>;

/** Whose limit: the dataset's own, or what one person or one project may spend of it. */
export const BudgetShare = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('dataset') }),
  z.object({ kind: z.literal('person'), name: Name }),
  z.object({ kind: z.literal('project'), name: Name }),
]);
export type BudgetShare = z.infer<typeof BudgetShare>;

/** Asks for a limit to be raised to these totals. What has been spent stays spent: nothing is ever set back to zero. */
export const BudgetRaise = z.object({
  kind: z.literal('budget'),
  purpose: z.string().min(1).max(500),
  share: BudgetShare,
  /** One of the two: that in which the dataset is accounted for. */
  ...lossLimit,
  /** Absent: as it is. */
  deltaLimit: Delta.optional(),
  /**
   * How often a limit of the dataset had been lowered when this was asked for; absent: never. Written by the server: what was
   * signed before a lowering raises nothing after it.
   */
  lowerings: z.number().int().min(0).optional(),
});
export type BudgetRaise = z.infer<typeof BudgetRaise>;

/** Lowers a limit to these totals, at once. Takes no signature; what has been spent stays spent. */
export const BudgetLowering = BudgetRaise.omit({ lowerings: true }).extend({ kind: z.literal('lower') });
export type BudgetLowering = z.infer<typeof BudgetLowering>;

/** Asks what a few tokens or encrypted values of a masked copy were before they were masked. */
export const Reidentification = z.object({
  kind: z.literal('reidentify'),
  purpose: z.string().min(1).max(500),
  /** SHA-256 of the request for the copy that they are from. */
  copy: Sha256,
  column: z.string().min(1).max(128),
  /** A few, each of which the two who sign can look at. */
  values: z.array(z.string().min(1).max(200)).min(1).max(20),
});
export type Reidentification = z.infer<typeof Reidentification>;

/** One step of a pipeline: what could be asked for by itself, in the same words. */
export const PipelineStep = z.discriminatedUnion('step', [
  z.object({ step: z.literal('classify') }),
  MaskingRequest.omit({ kind: true }).extend({ step: z.literal('mask') }),
  z.object({
    step: z.literal('measure'),
    sql: z.string().min(1).max(20_000),
    epsilon: z.string().min(1).max(40).optional(),
    rho: z.string().min(1).max(40).optional(),
    delta: z.string().min(1).max(40).optional(),
  }),
  z.object({ ...SynthesisRequest.shape, step: z.literal('synthesize') }),
  z.object({ ...TrainingRequest.shape, step: z.literal('train') }),
]);
export type PipelineStep = z.infer<typeof PipelineStep>;

/** Asks for several steps on one table, one after the other; a pipeline is signed as a whole, before its first step. */
export const Pipeline = z.object({
  kind: z.literal('pipeline'),
  name: Name,
  /** One more than that of the last of this name. */
  version: z.number().int().min(1),
  purpose: z.string().min(1).max(500),
  steps: z.array(PipelineStep).min(1).max(20),
});
export type Pipeline = z.infer<typeof Pipeline>;

/** Asks which records are unlike all others: their places and the columns that make them so, for the dataset's steward alone. */
export const OutlierRequest = z.object({
  kind: z.literal('outliers'),
  /** Into how many groups usual records fall, at most. */
  clusters: z.number().int().min(1).max(20).default(8),
});
export type OutlierRequest = z.infer<typeof OutlierRequest>;

/** The body of a request: what it asks for. */
export const DataRequestBody = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('classify') }),
  OutlierRequest,
  MaskingRequest,
  BudgetRaise,
  BudgetLowering,
  Reidentification,
  Pipeline,
]);
export type DataRequestBody = z.infer<typeof DataRequestBody>;

// POST|GET /api/v1/datasets/{id}/tasks ; GET …/tasks/{task} ; POST …/tasks/{task}/start|cancel|key ; GET …/tasks/{task}/result
export const StartTask = z.object({ request: DataRequestBody }).meta({ id: 'StartTask' });
export type StartTask = z.infer<typeof StartTask>;

export const taskStates = ['waiting', 'queued', 'running', 'done', 'refused', 'failed', 'cancelled'] as const;
export const TaskState = z.enum(taskStates);
export type TaskState = z.infer<typeof TaskState>;

/** A kind that a column seems to hold. Confidence in tenths: finer figures would tell about rows. */
export const ColumnKind = z.object({
  kind: PersonalDataKind,
  confidence: z.number().min(0).max(1),
  /** Whether the column's name says so too. */
  named: z.boolean(),
});
export type ColumnKind = z.infer<typeof ColumnKind>;

/** What may be shown of a finished task. Never a value of the table: those are in the sealed result. */
export const TaskSummary = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('classify'),
    columns: z.array(z.object({ name: z.string(), kinds: z.array(ColumnKind) })),
  }),
  z.object({
    kind: z.literal('mask'),
    rows: z.number().int(),
    suppressedRows: z.number().int(),
    classes: z.number().int(),
    /** What the released rows attain: the smallest of all classes, and the greatest distance. */
    k: z.number().int(),
    l: z.number().int().optional(),
    t: z.number().optional(),
  }),
  z.object({ kind: z.literal('budget') }),
  z.object({ kind: z.literal('lower') }),
  /** How many clusters were asked for; what was found, the number of rows included, is in the sealed result. */
  z.object({ kind: z.literal('outliers'), clusters: z.number().int() }),
  z.object({
    kind: z.literal('reidentify'),
    copy: Sha256,
    column: z.string(),
    /** How many values; how many were found is in the sealed result. */
    asked: z.number().int(),
  }),
  z.object({
    kind: z.literal('pipeline'),
    /** In the order of the document: where each step is, and what came of it. */
    steps: z.array(
      z.object({
        step: z.enum(['classify', 'mask', 'measure', 'synthesize', 'train']),
        state: z.enum(['open', 'running', 'waiting', 'done']),
        /** The task, or the ledger's entry, that the step became. */
        id: Id.optional(),
      }),
    ),
  }),
]);
export type TaskSummary = z.infer<typeof TaskSummary>;

export const DatasetTask = z
  .object({
    id: Id,
    dataset: Name,
    kind: DataRequestKind,
    /** The canonical text, and its SHA-256. */
    request: z.string(),
    digest: Sha256,
    requestedBy: z.string(),
    state: TaskState,
    /** In hundredths. */
    progress: z.number().int().min(0).max(100),
    failure: z.object({ code: z.string(), detail: z.string() }).optional(),
    summary: TaskSummary.optional(),
    resultBytes: z.number().int().optional(),
    createdAt: Timestamp,
    finishedAt: Timestamp.optional(),
  })
  .meta({ id: 'DatasetTask' });
export type DatasetTask = z.infer<typeof DatasetTask>;
export const DatasetTaskList = z.object({ tasks: z.array(DatasetTask) }).meta({ id: 'DatasetTaskList' });
export type DatasetTaskList = z.infer<typeof DatasetTaskList>;

/** Asks for a result's key, sealed (HPKE) to an X25519 key of the asker's that was made for this. */
export const OpenResult = z.object({ publicKey: z.base64() }).meta({ id: 'OpenResult' });
export type OpenResult = z.infer<typeof OpenResult>;
/** How to open the ciphertext that `GET …/result` answers. `aad` is what the key was sealed with, as text. */
export const ResultKey = z
  .object({
    dataKeyId: z.string(),
    enc: z.base64(),
    ciphertext: z.base64(),
    aad: z.string(),
    path: z.string(),
    sizeBytes: z.number().int(),
    sha256: Sha256,
  })
  .meta({ id: 'ResultKey' });
export type ResultKey = z.infer<typeof ResultKey>;

/** The sealed result of a classification: masked samples, and exact counts. For the eyes of the steward alone. */
export const ClassificationEvidence = z.object({
  format: z.literal('castellan.classification/v1'),
  rows: z.number().int(),
  columns: z.array(
    z.object({
      name: z.string(),
      findings: z.array(
        z.object({
          kind: PersonalDataKind,
          confidence: z.number(),
          whole: z.number().int(),
          within: z.number().int(),
          of: z.number().int(),
          named: z.boolean(),
          evidence: z.array(z.string()),
        }),
      ),
    }),
  ),
});
export type ClassificationEvidence = z.infer<typeof ClassificationEvidence>;

/** The sealed result of a search for outliers: places of records and the columns that make them unusual, no values. */
export const OutlierReport = z.object({
  format: z.literal('castellan.outliers/v1'),
  rows: z.number().int(),
  /** How many of them said what is usual. */
  sampled: z.number().int(),
  clusters: z.array(z.object({ share: z.number() })),
  /** Rows by score; the bar without an end has all beyond. */
  histogram: z.array(z.object({ upTo: z.number().optional(), count: z.number().int() })),
  /** A few usual records on the plane of the first two principal components. */
  usual: z.array(z.object({ x: z.number(), y: z.number(), cluster: z.number().int() })),
  /** The furthest first. */
  outliers: z.array(
    z.object({
      /** Which record of the table, from 1; a heading is none. */
      row: z.number().int(),
      /** Distance from the nearest cluster, in that cluster's median distance. */
      score: z.number(),
      cluster: z.number().int(),
      x: z.number(),
      y: z.number(),
      /** What makes most of the distance. */
      columns: z.array(z.object({ name: z.string(), share: z.number() })),
    }),
  ),
});
export type OutlierReport = z.infer<typeof OutlierReport>;

/** The sealed result of a re-identification, for whoever asked for it. */
export const ReidentifiedValues = z.object({
  format: z.literal('castellan.reidentification/v1'),
  column: z.string(),
  /** Null: no row of the table has it. */
  values: z.array(z.object({ value: z.string(), original: z.string().nullable() })),
});
export type ReidentifiedValues = z.infer<typeof ReidentifiedValues>;

// PUT /api/v1/datasets/{id}/classification : the steward's word, column by column; no kinds means "not personal data"
export const ConfirmClassification = z
  .object({
    columns: z
      .array(z.object({ name: z.string().min(1).max(128), kinds: z.array(PersonalDataKind).max(8) }))
      .min(1)
      .max(500),
  })
  .meta({ id: 'ConfirmClassification' });
export type ConfirmClassification = z.infer<typeof ConfirmClassification>;
export const DatasetClassification = z.object({
  columns: z.array(z.object({ name: z.string(), kinds: z.array(PersonalDataKind) })),
  confirmedBy: z.string(),
  confirmedAt: Timestamp,
});
export type DatasetClassification = z.infer<typeof DatasetClassification>;
