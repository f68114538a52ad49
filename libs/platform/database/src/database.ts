import type { Prisma, PrismaClient } from './generated/client.js';

/** The queries of one transaction. Stores that write take it as an argument. */
export type Tx = Prisma.TransactionClient;

export interface TransactionOptions {
  /** Default: the server's, `ReadCommitted`. */
  readonly isolation?: 'ReadCommitted' | 'RepeatableRead' | 'Serializable';
  /** How often `fn` may run when the server reports a write conflict or a deadlock. Default 1: no retry. */
  readonly attempts?: number;
  /** How long the transaction may stay open, in milliseconds. Default 15,000. */
  readonly timeoutMs?: number;
}

/**
 * The one database of a deployment.
 *
 * Atomicity: everything `fn` did through `tx` is durable when `transaction` resolves, or none of it happened when it
 * rejects; the exception is `database_unavailable` during commit, where only a later look can tell.
 * Concurrency: transactions run side by side; rows read without `FOR UPDATE` may change meanwhile unless `isolation`
 * says otherwise. With `attempts` above 1, `fn` may run again and must touch nothing but `tx`.
 *
 * Errors: `database_unavailable` (kind unavailable) for every lost or refused connection, from `client` as well;
 * `database_full` (kind exhausted) when the disk is; `database_conflict` (kind conflict) when attempts run out. What `fn` throws comes out as it is.
 */
export abstract class Database {
  /** For reads, and for single statements that need no transaction. */
  abstract readonly client: DatabaseClient;
  abstract transaction<T>(fn: (tx: Tx) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /** Answers when the server does. For readiness checks. */
  abstract ping(): Promise<void>;
  abstract close(): Promise<void>;
}

export type DatabaseClient = Omit<
  PrismaClient,
  '$on' | '$extends' | '$connect' | '$disconnect' | '$transaction'
>;
