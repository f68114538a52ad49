import { generateKeyPairSync } from 'node:crypto';
import { testDatabase, type Database, type TestDatabase } from '@castellan/database';
import { NoteSigner } from '@castellan/signed-note';
import type { AuditEvent } from '../audit-event.js';
import { AuditLog } from '../audit-log.js';
import { AuditReader } from '../audit-reader.js';
import { CheckpointAuthority, CheckpointMemory } from '../checkpoint-authority.js';
import type { CheckpointSigner } from '../checkpoint-signer.js';
import type { LogIdentity } from '../log-identity.js';
import { Sequencer, type SequencerOptions } from '../sequencer.js';

/** The keybroker's memory, in this process. */
export class VolatileMemory extends CheckpointMemory {
  note: string | undefined;

  async load(): Promise<string | undefined> {
    return this.note;
  }

  async save(note: string): Promise<void> {
    this.note = note;
  }
}

/** A log on a real database, with an authority that really signs. For specs. */
export class SpecLog {
  readonly memory = new VolatileMemory();
  readonly signer = new NoteSigner('castellan.local/audit/spec', generateKeyPairSync('ed25519').privateKey);
  readonly authority = new CheckpointAuthority(this.signer, this.memory);
  readonly identity: LogIdentity = { origin: this.signer.name, vkey: this.signer.verifierKey.toString() };
  readonly log: AuditLog;
  readonly reader: AuditReader;

  private constructor(readonly test: TestDatabase) {
    this.log = new AuditLog(test.database);
    this.reader = new AuditReader(test.database);
  }

  static async open(): Promise<SpecLog> {
    return new SpecLog(await testDatabase());
  }

  get database(): Database {
    return this.test.database;
  }

  sequencer(options: SequencerOptions = {}): Sequencer {
    return this.sequencerOf(this.authority, options);
  }

  /** One that asks another signer. */
  sequencerOf(signer: CheckpointSigner, options: SequencerOptions = {}): Sequencer {
    return new Sequencer(this.database, signer, this.identity, options);
  }

  /** Records events numbered `from`, `from` + 1, … and returns their ids. */
  record(count: number, from = 0): Promise<string[]> {
    return Promise.all(Array.from({ length: count }, (_, i) => this.log.appendDurably(numbered(from + i))));
  }

  /** Records and sequences, in one batch, and returns the checkpoint. */
  async grow(count: number, from = 0): Promise<string> {
    await this.record(count, from);
    await sequenceAll(this.sequencer());
    return this.memory.note ?? '';
  }

  /** Back to an empty log with an authority that has signed nothing. */
  async reset(): Promise<void> {
    await this.database.client.$executeRaw`
      TRUNCATE "AuditOutbox", "AuditEntry", "AuditTile", "AuditCheckpoint", "AuditWitnessedCheckpoint",
        "AuditTimestamp", "AuditSearchRange"`;
    this.memory.note = undefined;
  }

  close(): Promise<void> {
    return this.test.close();
  }
}

/** Rounds until there is nothing left to do. */
export async function sequenceAll(sequencer: Sequencer): Promise<void> {
  while ((await sequencer.round()) > 0);
}

export function numbered(n: number): AuditEvent {
  return {
    action: n % 2 === 0 ? 'version.finalized' : 'key.released',
    actor: { kind: 'person', id: `person-${n % 3}`, name: 'Ada' },
    resource: { kind: 'version', id: `version-${n}` },
    organizationId: n % 5 === 0 ? 'org-5' : 'org-1',
    decision: n % 7 === 0 ? 'deny' : 'allow',
    details: { n },
  };
}
