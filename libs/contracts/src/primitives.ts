import { z } from 'zod';

/** Lowercase hex SHA-256. */
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 lowercase hex characters');
export type Sha256 = z.infer<typeof Sha256>;

export const Id = z.uuid();

/** UTC, ISO 8601. */
export const Timestamp = z.iso.datetime();

/** Names that appear in URLs and in signed statements: lower case, digits, `.`, `-` and `_`. */
export const Name = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._-]{0,62}$/,
    'use lower-case letters, digits, ".", "_" and "-", starting with a letter or digit',
  );

/** Whole numbers that may pass 2^53, carried as decimal strings. */
export const BigCount = z.string().regex(/^\d+$/);

export const Page = z.object({
  limit: z.coerce.number().int().min(1).max(500).default(50),
  before: z.string().optional(),
});

/** A total of epsilon as a plain decimal. */
export const EpsilonLimit = z.string().regex(/^\d+(\.\d+)?$/);

/** A total of rho as a plain decimal. */
export const RhoLimit = EpsilonLimit;

/**
 * An amount of loss in the currency of a dataset: `rho` where it is accounted for in zero-concentrated terms, else `epsilon`.
 * One of the two is there. Exact decimals.
 */
export const loss = { epsilon: z.string().optional(), rho: z.string().optional() } as const;

/** A limit of it. */
export const lossLimit = { epsilonLimit: EpsilonLimit.optional(), rhoLimit: RhoLimit.optional() } as const;

/** A probability below 1 as a plain decimal or with an exponent. */
export const Delta = z.string().regex(/^\d+(\.\d+)?([eE]-?\d{1,3})?$/);
