import { z } from 'zod';
import { BudgetShare, DatasetClassification } from './data-request.js';
import { Delta, EpsilonLimit, Id, loss, lossLimit, Name, RhoLimit, Sha256, Timestamp } from './primitives.js';

/** How a column of a protected table is read and bounded. Bounds are part of the declaration, never taken from the data. */
export const DatasetColumn = z.discriminatedUnion('type', [
  z.object({ name: z.string().min(1).max(128), type: z.literal('id') }),
  z.object({
    name: z.string().min(1).max(128),
    type: z.literal('category'),
    /** The public list of values a GROUP BY may use. Values outside it are left out of answers. */
    values: z.array(z.string()).min(1).max(10_000),
  }),
  /** A category whose values are not public: a GROUP BY shows those that enough units share, which costs delta. */
  z.object({ name: z.string().min(1).max(128), type: z.literal('text') }),
  z.object({
    name: z.string().min(1).max(128),
    type: z.literal('number'),
    lower: z.number(),
    upper: z.number(),
    /** Decimal places kept in fixed point, 0 to 6. */
    decimals: z.number().int().min(0).max(6).default(0),
  }),
]);
export type DatasetColumn = z.infer<typeof DatasetColumn>;

/** A small table that everybody may know, to be joined on one of the protected columns. No two rows have the same key. */
export const PublicTable = z.object({
  name: Name,
  /** The column that ON compares. */
  key: z.string().min(1).max(128),
  /** The other columns. Their names differ from those of the protected table. */
  columns: z.array(DatasetColumn).min(1).max(20),
  /** The key, then the values of the other columns. */
  rows: z
    .array(z.array(z.union([z.string(), z.number()])).min(2))
    .min(1)
    .max(10_000),
});
export type PublicTable = z.infer<typeof PublicTable>;

const identifierText = z
  .string()
  .refine(
    (name) => name.length > 0 && new TextEncoder().encode(name).length <= 63 && !name.includes('\0'),
    'must be a name of PostgreSQL: 1 to 63 bytes',
  );

/** A table that stays where it is, in somebody's PostgreSQL. The login is no part of this: it is sealed like a table. */
export const PostgresSource = z.object({
  kind: z.literal('postgresql'),
  host: z.string().regex(/^[A-Za-z0-9_.:-]{1,253}$/, 'must be a host name or an address'),
  port: z.number().int().min(1).max(65_535).default(5432),
  database: identifierText,
  schema: identifierText.default('public'),
  table: identifierText,
  /** `verify`: the server shows a certificate for its name. `off`: nothing on the way is encrypted. */
  tls: z.enum(['verify', 'off']).default('verify'),
  /** PEM of the authority that the certificate must come from; absent: the public ones. */
  caCertificate: z.string().max(20_000).optional(),
  /** A question that takes longer is stopped by the server, and stays charged. */
  statementTimeoutSeconds: z.number().int().min(1).max(3_600).default(300),
});
export type PostgresSource = z.infer<typeof PostgresSource>;

/** What is sealed of a table that stays in PostgreSQL: a login that can read it and can't write. */
export const PostgresLogin = z.strictObject({
  user: z.string().min(1).max(63),
  password: z.string().max(1_000),
});
export type PostgresLogin = z.infer<typeof PostgresLogin>;

/** No two spellings of one object, and no step out of the bucket. */
const objectKey = z
  .string()
  .regex(/^(?!\.{1,2}(\/|$))[^\p{C}/]+(\/(?!\.{1,2}(\/|$))[^\p{C}/]+)*$/u, 'must be the key of an object')
  .refine((key) => new TextEncoder().encode(key).length <= 1_024, 'must be at most 1024 bytes');

/**
 * A table that stays where it is, as one object of somebody's S3 bucket: CSV, JSON lines or Parquet, as `format` says. The
 * access key is no part of this: it is sealed like a table, with the identity of the object as it was then.
 */
export const S3Source = z.object({
  kind: z.literal('s3'),
  bucket: z.string().regex(/^[a-z0-9](?!.*\.\.)[a-z0-9.-]{1,61}[a-z0-9]$/, 'must be the name of a bucket'),
  key: objectKey,
  region: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/, 'must be a region')
    .default('us-east-1'),
  /** Of a server that is not AWS; absent: AWS in that region. */
  endpoint: z
    .string()
    .regex(/^https?:\/\/[a-z0-9.-]{1,253}(:[0-9]{1,5})?$/, 'must be https://host, with a port or without')
    .optional(),
  /** `https://host/bucket/key`, or `https://bucket.host/key`. */
  addressing: z.enum(['path', 'virtual']).default('path'),
});
export type S3Source = z.infer<typeof S3Source>;

/** What a steward gives for an object: an access key that may read it, and should be able to do nothing else. */
export const S3AccessKey = z.strictObject({
  accessKeyId: z.string().min(1).max(200),
  secretAccessKey: z.string().min(1).max(1_000),
});
export type S3AccessKey = z.infer<typeof S3AccessKey>;

export const TableSource = z.discriminatedUnion('kind', [PostgresSource, S3Source]);
export type TableSource = z.infer<typeof TableSource>;

export const SourceLogin = z.union([PostgresLogin, S3AccessKey]);
export type SourceLogin = z.infer<typeof SourceLogin>;

export const DatasetDeclaration = z
  .object({
    columns: z.array(DatasetColumn).min(1).max(500),
    /** Of the table that is sealed, or of the object; CSV unless it says otherwise. */
    format: z.enum(['csv', 'jsonl', 'parquet']).optional(),
    /** Where the table is, when it is not sealed here. Then `onePartPerUnit` can't be said, and `format` only of an object. */
    source: TableSource.optional(),
    /** The column that says whose row it is: what one privacy unit is. */
    privacyUnit: z.string(),
    /** Neighbouring tables differ by all rows of one unit. */
    neighbours: z.literal('add_remove_unit').default('add_remove_unit'),
    /**
     * How losses are added up. `pure` (absent): epsilon. `zcdp`: rho, of zero-concentrated privacy, for which noise is
     * Gaussian; many questions then cost less in all. Fixed for good.
     */
    accounting: z.enum(['pure', 'zcdp']).optional(),
    /** L0: at most so many groups a unit may touch in one answer. */
    maxGroupsPerUnit: z.number().int().min(1).max(1000),
    /** At most so many rows a unit adds to one group. */
    maxRowsPerGroup: z.number().int().min(1).max(100_000),
    /**
     * A category column in which no unit has two different values; the table is refused otherwise. Questions about different
     * values of it (WHERE column = 'value', or IN) then cost what the dearest of them costs, and not their sum.
     */
    onePartPerUnit: z.string().min(1).max(128).optional(),
    purpose: z.string().min(1).max(500),
    /** Answers are shown at whole multiples of so many seconds after the question: longer than any measurement takes. */
    answerEverySeconds: z.number().int().min(1).max(20).optional(),
    /** Tables that a question may join; part of the declaration, never protected. */
    publicTables: z.array(PublicTable).max(10).optional(),
    /** On what ground the data may be processed: consent, a contract, a law. */
    legalBasis: z.string().min(1).max(500).optional(),
    /** For how many days the table may be kept, from its declaration. */
    retentionDays: z.number().int().min(1).max(36_500).optional(),
  })
  .meta({ id: 'DatasetDeclaration' });
export type DatasetDeclaration = z.infer<typeof DatasetDeclaration>;

// POST|GET /api/v1/datasets ; PUT /api/v1/datasets/{id}/content (text/csv stream, header line first)
/** The most that may be spent of a dataset's budget by one. */
export const SubLimit = z.object({
  epsilon: EpsilonLimit.optional(),
  rho: RhoLimit.optional(),
  delta: Delta.optional(),
});
export type SubLimit = z.infer<typeof SubLimit>;

/** What each person, and each project that is asked for, may spend of a dataset's budget. Absent: all of it. */
export const SubLimits = z.object({ person: SubLimit.optional(), project: SubLimit.optional() });
export type SubLimits = z.infer<typeof SubLimits>;

export const CreateDataset = z
  .object({
    project: Name,
    name: Name,
    declaration: DatasetDeclaration,
    /** All that may ever be spent: of epsilon, or of rho where the declaration says `zcdp`. */
    ...lossLimit,
    /** Total delta that may ever be spent, such as "1e-6"; without it no question can use keys that are not public. */
    deltaLimit: Delta.optional(),
    subLimits: SubLimits.optional(),
  })
  .meta({ id: 'CreateDataset' });
export type CreateDataset = z.infer<typeof CreateDataset>;
export const Dataset = z
  .object({
    id: Id,
    name: Name,
    project: Name,
    steward: Id,
    declaration: DatasetDeclaration,
    declarationDigest: Sha256,
    state: z.enum(['declared', 'sealed']),
    sha256: Sha256.optional(),
    sizeBytes: z.number().int().optional(),
    /**
     * Of a table that stays elsewhere and may change: how often its steward has said that it is other data. A question is
     * answered once for each; nothing here is computed from rows.
     */
    dataVersion: z.number().int().min(1).optional(),
    /** What the steward has confirmed, if anything. */
    classification: DatasetClassification.optional(),
    createdAt: Timestamp,
  })
  .meta({ id: 'Dataset' });
export type Dataset = z.infer<typeof Dataset>;
export const DatasetList = z.object({ datasets: z.array(Dataset) }).meta({ id: 'DatasetList' });
export type DatasetList = z.infer<typeof DatasetList>;

// GET /api/v1/datasets/{id}/budget. Amounts are exact decimal strings.
export const LedgerEntry = z.object({
  id: Id,
  question: z.string(),
  person: z.string(),
  ...loss,
  /** Absent: none. */
  delta: z.string().optional(),
  /** On whose behalf. */
  project: z.string(),
  /** The parts of the table that it is about; absent: all of it. */
  parts: z.array(z.string()).optional(),
  state: z.enum(['reserved', 'committed', 'refunded']),
  createdAt: Timestamp,
  settledAt: Timestamp.optional(),
});
export type LedgerEntry = z.infer<typeof LedgerEntry>;
/** When the budget is used up, should it be spent as it was lately. */
export const BudgetForecast = z.object({
  /** What is spent a day, over the last `days`. */
  perDay: z.string(),
  days: z.number().int(),
  /** Absent: never, at this rate. */
  endsAt: Timestamp.optional(),
  /** What was left at the end of each day (UTC) on which something was spent, oldest first. */
  daily: z.array(z.object({ day: z.iso.date(), remaining: z.string() })),
});
export type BudgetForecast = z.infer<typeof BudgetForecast>;
/** What a loss in rho says in other words: (epsilon, delta)-privacy, rounded up. */
export const EpsilonDelta = z.object({ epsilon: z.number(), delta: z.string() });
export type EpsilonDelta = z.infer<typeof EpsilonDelta>;
export const Budget = z
  .object({
    dataset: Name,
    privacyUnit: z.string(),
    /** Of what `limit` and the other amounts are: epsilon (`pure`) or rho (`zcdp`). */
    accounting: z.enum(['pure', 'zcdp']),
    /** In rho alone: what the limit, and what has been spent, mean in epsilon. */
    asEpsilon: z.object({ limit: EpsilonDelta, spent: EpsilonDelta }).optional(),
    limit: z.string(),
    spent: z.string(),
    reserved: z.string(),
    remaining: z.string(),
    /** Absent: the dataset has no delta to spend. */
    delta: z
      .object({ limit: z.string(), spent: z.string(), reserved: z.string(), remaining: z.string() })
      .optional(),
    /** Where no unit is in two parts: what questions about single parts have taken beside those about the whole table. */
    parts: z
      .object({
        column: z.string(),
        used: z.array(z.object({ value: z.string(), used: z.string(), remaining: z.string() })),
      })
      .optional(),
    /** Of those who have a limit of their own: what each has spent and reserved of it. */
    shares: z.array(
      z.object({ share: BudgetShare, limit: z.string(), used: z.string(), remaining: z.string() }),
    ),
    forecast: BudgetForecast,
    /** The ledger came from a backup then, and nothing is answered until its steward has said what was spent since. */
    restoredAt: Timestamp.optional(),
    /** The newest. */
    entries: z.array(LedgerEntry),
  })
  .meta({ id: 'Budget' });
export type Budget = z.infer<typeof Budget>;

// POST /api/v1/datasets/{id}/budget/reconciliation
const Spent = z.union([
  z.literal('all'),
  z.string().regex(/^\d{1,6}(\.\d{1,12})?$/, 'must be a decimal, or "all"'),
]);
/** What was spent since the backup that the ledger came from, as far as anybody can know; "all": what is left. */
export const ReconcileBudget = z
  .object({
    /** One of the two: that in which the dataset is accounted for. */
    epsilon: Spent.optional(),
    rho: Spent.optional(),
    /** Absent: none. "1e-9", or "all". */
    delta: z.string().min(1).max(40).optional(),
    reason: z.string().trim().min(1).max(1000),
  })
  .meta({ id: 'ReconcileBudget' });
export type ReconcileBudget = z.infer<typeof ReconcileBudget>;

// GET /api/v1/datasets/{id}/denials : what the budget did not hold, newest first, as the audit log has it
export const Denial = z.object({
  at: Timestamp,
  person: z.string(),
  question: z.string(),
  ...loss,
  delta: z.string().optional(),
  /** Whose limit did not hold it, and what was left of that. */
  share: BudgetShare,
  remaining: z.string(),
  remainingDelta: z.string().optional(),
});
export type Denial = z.infer<typeof Denial>;
export const DenialList = z.object({ denials: z.array(Denial) }).meta({ id: 'DenialList' });
export type DenialList = z.infer<typeof DenialList>;

// POST /api/v1/datasets/{id}/queries ; POST /api/v1/datasets/{id}/price (same body, answers QueryPrice, costs nothing)
export const AskQuestion = z
  .object({
    sql: z.string().min(1).max(20_000),
    /** One of the two. Where losses are added up in rho, an epsilon pays what it costs there: half its square. */
    epsilon: z.string().min(1).max(40).optional(),
    rho: z.string().min(1).max(40).optional(),
    /** Needed, and charged, where GROUP BY names a column whose values are not public: "1e-9". */
    delta: z.string().min(1).max(40).optional(),
    /** The project on whose behalf it is asked, of those in which one is an analyst. Absent: the dataset's own. */
    project: Name.optional(),
  })
  .meta({ id: 'AskQuestion' });
export type AskQuestion = z.infer<typeof AskQuestion>;
// POST /api/v1/datasets/{id}/plan : what a question would run where the table is; touches no data, costs nothing
export const PlanDialect = z.enum(['spark', 'postgresql']);
export type PlanDialect = z.infer<typeof PlanDialect>;
export const ExplainQuestion = AskQuestion.omit({ project: true })
  .extend({
    dialect: PlanDialect,
    /** The table's name there, its catalogue and schema first. Absent: where the declaration says that it is. */
    table: z.array(z.string().min(1).max(255)).min(1).max(3).optional(),
  })
  .meta({ id: 'ExplainQuestion' });
export type ExplainQuestion = z.infer<typeof ExplainQuestion>;
/** A bounding query. What it gives is exact: bounded, added up, and without noise. */
export const PlanQuery = z.object({
  /** The sums of all groups, or the counts that a quantile is selected from. */
  of: z.string(),
  sql: z.string(),
  /** What $1, $2, … stand for; texts. Empty where constants stand in the text. */
  parameters: z.array(z.string()),
});
export const QuestionPlan = z
  .object({
    question: z.string(),
    queries: z.array(PlanQuery),
    /** What m0, m1, … are, and what is added to each of them here: noise of this scale, for a unit that moves it by `sensitivity` (Δ₁, or Δ₂ as a root). */
    measures: z.array(
      z.object({
        name: z.string(),
        of: z.string(),
        sensitivity: z.string(),
        mechanism: z.string(),
        scale: z.string(),
      }),
    ),
  })
  .meta({ id: 'QuestionPlan' });
export type QuestionPlan = z.infer<typeof QuestionPlan>;
/** A noisy figure that others are computed from. */
export const AnswerPart = z.object({
  name: z.string(),
  mechanism: z.string(),
  /** These three in units of the part: of the column, or of its square. */
  noiseScale: z.number(),
  sensitivity: z.number(),
  interval95: z.number(),
  ...loss,
});
export type AnswerPart = z.infer<typeof AnswerPart>;
export const AnswerColumn = z.object({
  name: z.string(),
  kind: z.enum(['key', 'measure']),
  mechanism: z.string().optional(),
  /** In units of the column. */
  noiseScale: z.number().optional(),
  sensitivity: z.number().optional(),
  ...loss,
  /** Half width of the 95 % interval, in units of the column. */
  interval95: z.number().optional(),
  /** What an average, a variance or a deviation is computed from. Its own interval is in `intervals95` of the answer. */
  parts: z.array(AnswerPart).optional(),
  /** Of a quantile, in rows of rank: with 95 % probability no more than `interval95` rows lie between it and the exact one. */
  rank: z.object({ noiseScale: z.number(), sensitivity: z.number(), interval95: z.number() }).optional(),
});
export type AnswerColumn = z.infer<typeof AnswerColumn>;
/** How groups with keys that are not public are chosen: those whose noisy number of units is above the threshold. */
export const KeySelection = z.object({
  keys: z.array(z.string()),
  mechanism: z.string(),
  noiseScale: z.number(),
  threshold: z.number().int(),
  /** A group of so many units is shown with 95 % probability. */
  shownFrom: z.number().int(),
  ...loss,
  delta: z.string(),
  /** L0: one unit counts in at most so many groups. */
  groupsPerUnit: z.number().int(),
});
export type KeySelection = z.infer<typeof KeySelection>;
export const QueryPrice = z
  .object({
    ...loss,
    remaining: z.string(),
    /** Both absent where no delta is needed. */
    delta: z.string().optional(),
    remainingDelta: z.string().optional(),
    /** It is charged to these parts alone. */
    parts: z.array(z.string()).optional(),
    columns: z.array(AnswerColumn),
    selection: KeySelection.optional(),
    free: z.boolean(),
  })
  .meta({ id: 'QueryPrice' });
export type QueryPrice = z.infer<typeof QueryPrice>;
export const Answer = z
  .object({
    columns: z.array(AnswerColumn),
    rows: z.array(z.array(z.union([z.string(), z.number(), z.null()]))),
    /** By row and column, the two ends of the 95 % interval; null for keys, and for quantiles, which have `rank`. */
    intervals95: z.array(z.array(z.tuple([z.number(), z.number()]).nullable())).optional(),
    ...loss,
    delta: z.string().optional(),
    selection: KeySelection.optional(),
    /** What this call added to the ledger: "0" when the same question had been answered before. */
    charged: z.string(),
    entryId: Id,
    question: z.string(),
    answeredAt: Timestamp,
  })
  .meta({ id: 'Answer' });
export type Answer = z.infer<typeof Answer>;
