import { z } from 'zod';
import { Id, loss, Name, Timestamp } from './primitives.js';

// POST /api/v1/datasets/{id}/syntheses ; POST /api/v1/datasets/{id}/syntheses/price (same body, costs nothing)
export const SynthesisRequest = z
  .object({
    /** Category and number columns of the declaration; absent: all of them. */
    columns: z.array(z.string().min(1).max(128)).min(1).max(30).optional(),
    /** Into how many equal parts the bounds of a number are cut. */
    bins: z.number().int().min(2).max(64).default(16),
    /** How many rows of one unit count; the declaration's `maxRowsPerGroup` at most. */
    rowsPerUnit: z.number().int().min(1).max(100_000).default(1),
    /** Where losses are added up in rho it pays half its square. */
    epsilon: z.string().min(1).max(40),
  })
  .meta({ id: 'SynthesisRequest' });
export type SynthesisRequest = z.infer<typeof SynthesisRequest>;

/** Noise on each count of a kind of marginal. */
export const MarginalNoise = z.object({
  mechanism: z.string(),
  noiseScale: z.number(),
  /** Half width of the 95 % interval of one count, in rows. */
  interval95: z.number(),
  /** How many marginals of the kind are measured. */
  marginals: z.number().int(),
});
export type MarginalNoise = z.infer<typeof MarginalNoise>;

export const SynthesisPrice = z
  .object({
    ...loss,
    remaining: z.string(),
    free: z.boolean(),
    rowsPerUnit: z.number().int(),
    columns: z.array(z.object({ name: z.string(), values: z.number().int() })),
    single: MarginalNoise,
    pair: MarginalNoise.optional(),
    /** Among how many pairs of columns the measured ones are chosen. */
    candidates: z.number().int(),
  })
  .meta({ id: 'SynthesisPrice' });
export type SynthesisPrice = z.infer<typeof SynthesisPrice>;

export const RunState = z.enum(['waiting', 'running', 'done', 'failed', 'refunded']);
export type RunState = z.infer<typeof RunState>;

export const Synthesis = z
  .object({
    id: Id,
    dataset: Name,
    person: z.string(),
    question: z.string(),
    ...loss,
    state: RunState,
    /** Why there is no table: a code. */
    failure: z.string().optional(),
    createdAt: Timestamp,
    /** The estimated number of rows of the bounded table; a download has as many unless it asks for others. */
    rows: z.number().int().optional(),
    /** The pairs of columns that were measured together, by name. */
    pairs: z.array(z.tuple([z.string(), z.string()])).optional(),
    /** What a downloader needs to know: guarantee, mechanism, what was measured. */
    card: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: 'Synthesis' });
export type Synthesis = z.infer<typeof Synthesis>;
export const SynthesisList = z.object({ syntheses: z.array(Synthesis) }).meta({ id: 'SynthesisList' });
export type SynthesisList = z.infer<typeof SynthesisList>;

/** Released noisy counts beside those of the synthetic table: neither is the protected table's. */
export const SyntheticColumn = z.object({
  name: z.string(),
  counts: z.array(z.object({ value: z.string(), released: z.number(), synthetic: z.number() })),
});
export const SynthesisFigures = z
  .object({ rows: z.number().int(), interval95: z.number(), columns: z.array(SyntheticColumn) })
  .meta({ id: 'SynthesisFigures' });
export type SynthesisFigures = z.infer<typeof SynthesisFigures>;

// GET /api/v1/datasets/{id}/syntheses/{synthesis}/table?rows=N answers text/csv
export const SyntheticTableQuery = z.object({
  rows: z.coerce.number().int().min(1).max(200_000).optional(),
});
export type SyntheticTableQuery = z.infer<typeof SyntheticTableQuery>;
