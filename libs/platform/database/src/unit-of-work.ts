import { AsyncLocalStorage } from 'node:async_hooks';
import pg from 'pg';
import type { SqlDriverAdapterFactory, SqlQuery, Transaction } from '@prisma/driver-adapter-utils';
import type { BinaryRows } from './binary-rows.js';
import { CopyIn } from './copy-in.js';
import type { DatabaseClient, Tx } from './database.js';
import { Prisma } from './generated/client.js';

/** A statement as the driver takes it. Values are texts, bytes or null. */
export interface Statement {
  /** SQL with `$1`, `$2`, … for the values, each once and in this order. */
  readonly text: string;
  readonly values: readonly (string | Uint8Array | null)[];
}

/** One transaction as the driver knows it: statements reach it without the engine, and some only when it commits. */
export class UnitOfWork {
  readonly #last: SqlQuery[] = [];
  #transaction: Transaction | undefined;

  /** From now on the commit takes along what waits for it: sent together, so that all of it takes one round trip. */
  begin(transaction: Transaction): void {
    this.#transaction = transaction;
    const execute = transaction.executeRaw.bind(transaction);
    transaction.executeRaw = async (query) => {
      if (query.sql !== 'COMMIT') return execute(query);
      // A statement that fails has the server turn the commit into a rollback, so nothing is kept of what is told as failed.
      const sent = await Promise.allSettled([...this.#last, query].map(execute));
      for (const outcome of sent) if (outcome.status === 'rejected') throw outcome.reason;
      return 0;
    };
  }

  beforeCommit(statement: Statement): void {
    this.#last.push(driverQuery(statement));
  }

  async rows(statement: Statement): Promise<unknown[][]> {
    return (await this.#begun().queryRaw(driverQuery(statement))).rows;
  }

  copy(statement: string, rows: Uint8Array): Promise<void> {
    const connection: unknown = Reflect.get(this.#begun(), 'client');
    if (!(connection instanceof pg.Client)) throw new Error('the driver keeps its connection elsewhere');
    return new Promise((resolve, reject) => {
      connection.query(new CopyIn(statement, rows, (error) => (error ? reject(error) : resolve())));
    });
  }

  #begun(): Transaction {
    if (this.#transaction === undefined) throw new Error('the transaction has not begun');
    return this.#transaction;
  }
}

const unitOf = new WeakMap<object, UnitOfWork>();
const beginning = new AsyncLocalStorage<UnitOfWork | undefined>();

/** Runs `start`, which begins one transaction, so that `fn` and its `tx` are tied to the driver's side of it. */
export function asUnitOfWork<T>(
  start: (fn: (tx: Tx) => Promise<T>) => Promise<T>,
  fn: (tx: Tx) => Promise<T>,
): Promise<T> {
  const unit = new UnitOfWork();
  return beginning.run(unit, () =>
    start((tx) => {
      unitOf.set(tx, unit);
      return beginning.run(undefined, () => fn(tx));
    }),
  );
}

/** The same driver; the transactions that it begins are told to their units of work. */
export function tellingUnits(factory: SqlDriverAdapterFactory): SqlDriverAdapterFactory {
  return {
    provider: factory.provider,
    adapterName: factory.adapterName,
    connect: async () => {
      const adapter = await factory.connect();
      const start = adapter.startTransaction.bind(adapter);
      adapter.startTransaction = async (isolation) => {
        const unit = beginning.getStore();
        const transaction = await start(isolation);
        unit?.begin(transaction);
        return transaction;
      };
      return adapter;
    },
  };
}

/** PostgreSQL's text form of an array: a statement takes it as one value. */
export function textArray(values: readonly string[]): string {
  return `{${values.map(arrayElement).join(',')}}`;
}

function arrayElement(value: string): string {
  return `"${/["\\]/.test(value) ? value.replaceAll(/["\\]/g, '\\$&') : value}"`;
}

/**
 * Has `statement` done as the last of the transaction, on the way of its commit: it costs no round trip of its own. Nothing
 * that the transaction reads itself sees it. If it fails, all of the transaction does, with the statement's failure.
 */
export async function beforeCommit(tx: Tx, statement: Statement): Promise<void> {
  const unit = unitOf.get(tx);
  if (unit === undefined) await tx.$executeRawUnsafe(statement.text, ...statement.values);
  else unit.beforeCommit(statement);
}

/**
 * The rows of a statement, columns in its order, straight from the driver: for what comes by the thousand. Several that are
 * asked for at once are sent at once and done in this order.
 */
export async function rowsOf(
  queries: Tx | Pick<DatabaseClient, '$queryRaw'>,
  statement: Statement,
): Promise<unknown[][]> {
  const unit = unitOf.get(queries);
  if (unit !== undefined) return unit.rows(statement);
  const query = Prisma.sql(statement.text.split(/\$\d+/), ...statement.values);
  const rows = await queries.$queryRaw<object[]>(query);
  return rows.map((row) => Object.values(row));
}

/**
 * Copies rows into a table: `statement` is a `COPY … FROM STDIN BINARY`. Several and `rowsOf` that are asked for at once are sent
 * at once and done in this order.
 * @param tx of `Database.transaction`
 */
export function copyRows(
  tx: Tx | Pick<DatabaseClient, '$queryRaw'>,
  statement: string,
  rows: BinaryRows,
): Promise<void> {
  const unit = unitOf.get(tx);
  if (unit === undefined) throw new Error('rows are copied within a transaction');
  return unit.copy(statement, rows.end());
}

function driverQuery({ text, values }: Statement): SqlQuery {
  return {
    sql: text,
    args: [...values],
    argTypes: values.map(() => ({ scalarType: 'unknown', arity: 'scalar' })),
  };
}
