import { existsSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { PostgresCluster, type StartedPostgres } from './postgres-cluster.js';
import { exclusively } from './exclusive.js';
import { ownIdentity, readIdentity, stillRuns, type ProcessIdentity } from './process-identity.js';

export interface EmbeddedPostgresOptions {
  /** The data folder. Created at first use; its password file is the only key to it. */
  readonly folder: string;
}

/**
 * The database of an installation without one of its own: PostgreSQL over a folder, started and stopped by this process.
 *
 * One owner at a time: a second start on the same folder is refused with `database_folder_in_use`. A server whose owner
 * was killed is stopped in order and started afresh; a killed server recovers from its own log.
 * Not for several machines, and without replicas: the folder is the data.
 */
export class EmbeddedPostgres {
  #server: StartedPostgres;

  private constructor(
    private readonly cluster: PostgresCluster,
    server: StartedPostgres,
  ) {
    this.#server = server;
  }

  static start({ folder }: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
    return exclusively(folder, () => EmbeddedPostgres.#start(folder));
  }

  static async #start(folder: string): Promise<EmbeddedPostgres> {
    const cluster = await PostgresCluster.open(folder);
    const orphan = cluster.running();
    if (orphan !== undefined) {
      const owner = readOwner(orphan.name);
      if (owner === undefined || stillRuns(owner)) throw cluster.inUse();
      await cluster.stop(orphan);
    }
    const server = await cluster.start(`${namePrefix}${ownIdentity()}`);
    const started = new EmbeddedPostgres(cluster, server);
    await createDatabase(cluster.url(server.port, 'postgres'), 'castellan');
    return started;
  }

  /** The address of the server that runs over a folder, whoever started it; undefined when none does. */
  static async urlOfRunning(folder: string): Promise<string | undefined> {
    // Opening makes one where there is none, and whoever only looks must not.
    if (!existsSync(join(folder, 'cluster'))) return undefined;
    const cluster = await PostgresCluster.open(folder);
    const running = cluster.running();
    return running && cluster.url(running.port);
  }

  /** Holds the password: never log it. */
  get databaseUrl(): string {
    return this.cluster.url(this.#server.port);
  }

  /** The server's process, for whoever watches over both of us. */
  get pid(): number {
    return this.#server.pid;
  }

  /** Resolves when the server has ended, whoever ended it. Of the one that runs now: after `restart` there is another. */
  get ended(): Promise<void> {
    return this.#server.ended;
  }

  /**
   * Starts a server that ended again, at the same address, so that `databaseUrl` holds; it recovers from its own log.
   * @throws `database_start_failed`, among others when somebody has taken the port
   */
  async restart(): Promise<void> {
    const { folder } = this.cluster;
    const { name, port } = this.#server;
    this.#server = await exclusively(folder, () => this.cluster.start(name, {}, port));
  }

  /** Idempotent. Resolves once the server has written everything and is gone. */
  stop(): Promise<void> {
    return this.cluster.stop(this.#server);
  }
}

async function createDatabase(adminUrl: string, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
}

/** The owner travels in the server's own name, so that it can't be told wrong by whoever loses a race to start. */
const namePrefix = 'castellan:';

function readOwner(name: string): ProcessIdentity | undefined {
  return name.startsWith(namePrefix) ? readIdentity(name.slice(namePrefix.length)) : undefined;
}
