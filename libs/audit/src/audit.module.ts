import { type DynamicModule, Module } from '@nestjs/common';
import { Database } from '@castellan/database';
import { AuditLog } from './audit-log.js';
import { AuditReader } from './audit-reader.js';
import { NoPersonKeys } from './personal/no-person-keys.js';
import { OpenedLog } from './personal/opened-log.js';
import { PersonalAttributes } from './personal/personal-attributes.js';
import type { PersonKeyAuthority } from './personal/person-key-authority.js';

function openedBy(authority: PersonKeyAuthority) {
  return {
    provide: OpenedLog,
    useFactory: (database: Database, reader: AuditReader) =>
      new OpenedLog(reader, new PersonalAttributes(database, authority)),
    inject: [Database, AuditReader],
  };
}

/**
 * Gives a process its way into the log and its view of it, in which nobody's name can be read. The sequencer is no
 * provider: one process composes it.
 */
@Module({
  providers: [
    { provide: AuditLog, useFactory: (database: Database) => new AuditLog(database), inject: [Database] },
    {
      provide: AuditReader,
      useFactory: (database: Database) => new AuditReader(database),
      inject: [Database],
    },
    openedBy(new NoPersonKeys()),
  ],
  exports: [AuditLog, AuditReader, OpenedLog],
})
export class AuditModule {
  /** The same for a process that may open people's attributes. */
  static opening(authority: PersonKeyAuthority): DynamicModule {
    return { module: AuditModule, providers: [openedBy(authority)] };
  }
}
