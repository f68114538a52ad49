import { Module } from '@nestjs/common';
import { Database } from '@castellan/database';
import { AuditLog } from './audit-log.js';
import { AuditReader } from './audit-reader.js';

/** Gives a process its way into the log and its view of it. The sequencer is no provider: one process composes it. */
@Module({
  providers: [
    { provide: AuditLog, useFactory: (database: Database) => new AuditLog(database), inject: [Database] },
    {
      provide: AuditReader,
      useFactory: (database: Database) => new AuditReader(database),
      inject: [Database],
    },
  ],
  exports: [AuditLog, AuditReader],
})
export class AuditModule {}
