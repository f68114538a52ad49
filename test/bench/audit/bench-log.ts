import { generateKeyPairSync } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AuditLog,
  AuditReader,
  CheckpointAuthority,
  Sequencer,
  type AuditEvent,
  type LogIdentity,
} from '@castellan/audit';
import { EmbeddedPostgres, migrate, PrismaDatabase } from '@castellan/database';
import { NoteSigner } from '@castellan/signed-note';
import { FileMemory } from '../../../libs/audit/src/testing/file-memory.js';

/** The log that is measured, on an embedded PostgreSQL of its own that flushes every commit. */
export class BenchLog {
  readonly signer = new NoteSigner('castellan.local/audit/bench', generateKeyPairSync('ed25519').privateKey);
  readonly identity: LogIdentity = { origin: this.signer.name, vkey: this.signer.verifierKey.toString() };
  readonly database: PrismaDatabase;
  readonly log: AuditLog;
  readonly reader: AuditReader;

  private constructor(
    private readonly server: EmbeddedPostgres,
    readonly folder: string,
  ) {
    this.database = new PrismaDatabase({ url: server.databaseUrl, poolSize: 16 });
    this.log = new AuditLog(this.database);
    this.reader = new AuditReader(this.database);
  }

  static async open(): Promise<BenchLog> {
    const folder = await mkdtemp(join(tmpdir(), 'castellan-bench-'));
    // PostgreSQL runs as another account when this is root.
    await chmod(folder, 0o711);
    const server = await EmbeddedPostgres.start({ folder: join(folder, 'database') });
    await migrate(server.databaseUrl);
    return new BenchLog(server, folder);
  }

  get url(): string {
    return this.server.databaseUrl;
  }

  get memoryFile(): string {
    return join(this.folder, 'last-checkpoint');
  }

  sequencer(batchSize?: number): Sequencer {
    const authority = new CheckpointAuthority(this.signer, new FileMemory(this.memoryFile));
    return new Sequencer(
      this.database,
      authority,
      this.identity,
      batchSize === undefined ? {} : { batchSize },
    );
  }

  async size(): Promise<number> {
    return Number((await this.reader.checkpoint())?.split('\n')[1] ?? 0);
  }

  async close(): Promise<void> {
    await this.database.close();
    await this.server.stop();
    await rm(this.folder, { recursive: true });
  }
}

const ACTIONS = [
  'version.finalized',
  'key.released',
  'prediction.made',
  'approval.recorded',
  'document.honoured',
];

/** As the platform's own events: about 500 bytes as a leaf. */
export function benchEvent(n: number): AuditEvent {
  return {
    action: ACTIONS[n % ACTIONS.length] ?? '',
    actor: { kind: 'person', id: uuid(n % 997), name: `person-${n % 997}`, credentialId: uuid(n % 1_994) },
    resource: { kind: 'version', id: uuid(n % 4_999), digest: uuid(n).replaceAll('-', '').repeat(2) },
    organizationId: uuid(n % 7),
    decision: n % 50 === 0 ? 'deny' : 'allow',
    requestId: uuid(n),
    source: `10.0.${n % 250}.${n % 199}`,
    details: { number: n, rows: n % 1_000, deployment: `digits-${n % 37}` },
  };
}

function uuid(n: number): string {
  return `0199a3c4-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;
}
