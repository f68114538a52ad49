import { type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import type { DatabaseConfig } from './database.config.js';
import { Database } from './database.js';
import { PrismaDatabase } from './prisma-database.js';

/**
 * Provides `Database` to the whole application. Global, as an exception: it is the floor that every context stands on,
 * and threading it through each context's `forRoot` would say nothing.
 */
@Module({})
export class DatabaseModule implements OnApplicationShutdown {
  constructor(@Inject(Database) private readonly database: Database) {}

  static forRoot(config: DatabaseConfig): DynamicModule {
    return DatabaseModule.around(new PrismaDatabase(config));
  }

  /** For tests and for mains that opened the database themselves. The module closes it at shutdown. */
  static around(database: Database): DynamicModule {
    return {
      module: DatabaseModule,
      global: true,
      providers: [{ provide: Database, useValue: database }],
      exports: [Database],
    };
  }

  onApplicationShutdown(): Promise<void> {
    return this.database.close();
  }
}
