import { PrismaPg } from '@prisma/adapter-pg';
import { Database, type DatabaseClient, type TransactionOptions, type Tx } from './database.js';
import { fromDriverFailure, isWriteConflict } from './driver-failure.js';
import { PrismaClient } from './generated/client.js';
import { asUnitOfWork, tellingUnits } from './unit-of-work.js';

export interface PrismaDatabaseOptions {
  /** `postgresql://…`, with credentials: never logged. */
  readonly url: string;
  /** Most connections held at once. Default 10. */
  readonly poolSize?: number;
}

/** `Database` over Prisma's own PostgreSQL driver adapter. */
export class PrismaDatabase extends Database {
  readonly client: DatabaseClient;
  readonly #prisma: PrismaClient;

  constructor({ url, poolSize = 10 }: PrismaDatabaseOptions) {
    super();
    const adapter = new PrismaPg({
      connectionString: url,
      max: poolSize,
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
      // What is sent together travels together; the order stays.
      pipeline: true,
    });
    this.#prisma = new PrismaClient({ adapter: tellingUnits(adapter), errorFormat: 'minimal' });
    const translating = this.#prisma.$extends({
      name: 'typed-failures',
      query: {
        $allOperations: ({ args, query }) =>
          query(args).catch((error: unknown) => {
            throw fromDriverFailure(error);
          }),
      },
    });
    // The extension changes failures only; results and arguments stay those of the plain client.
    this.client = translating as unknown as DatabaseClient;
  }

  async transaction<T>(fn: (tx: Tx) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    const { isolation, attempts = 1, timeoutMs = 15_000 } = options;
    const settings = {
      maxWait: 5_000,
      timeout: timeoutMs,
      ...(isolation === undefined ? {} : { isolationLevel: isolation }),
    };
    for (let attempt = 1; ; attempt++) {
      try {
        return await asUnitOfWork(
          (work: (tx: Tx) => Promise<T>) => this.#prisma.$transaction(work, settings),
          fn,
        );
      } catch (error) {
        if (attempt < attempts && isWriteConflict(error)) continue;
        throw fromDriverFailure(error);
      }
    }
  }

  async ping(): Promise<void> {
    await this.client.$queryRaw`SELECT 1`;
  }

  close(): Promise<void> {
    return this.#prisma.$disconnect();
  }
}
