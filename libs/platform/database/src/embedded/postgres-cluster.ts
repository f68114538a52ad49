import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { chmod, chown, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseError } from '../database-error.js';
import { freePort } from './free-port.js';
import { postgresPrograms, type PostgresPrograms } from './postgres-programs.js';
import { processIdentity } from './process-identity.js';
import { assertReachable, serviceAccount, type ServiceAccount } from './service-account.js';

/** The PostgreSQL release whose folders these programs read. */
const majorVersion = '18';
const startTimeoutMs = 60_000;
const stopTimeoutMs = 20_000;

/** A server that is up. It keeps running when this process ends. */
export interface RunningPostgres {
  readonly pid: number;
  readonly port: number;
  /** The `cluster_name` it was started with. */
  readonly name: string;
}

/** A server that this process has started. */
export interface StartedPostgres extends RunningPostgres {
  /** Resolves when it has ended, whoever ended it. */
  readonly ended: Promise<void>;
}

/**
 * A PostgreSQL data folder and the server over it. Layout of `folder`: `cluster/` (PostgreSQL's own), `password`
 * (0600, ours), `postgres.log` (replaced at each start; statements and row values are kept out of it).
 *
 * The server listens on 127.0.0.1 only, has no Unix socket, and asks for the password (SCRAM-SHA-256).
 * Doesn't decide who may use the folder; PostgreSQL itself makes sure that one server at a time does.
 */
export class PostgresCluster {
  readonly user = 'castellan';
  readonly #data: string;
  readonly #log: string;

  private constructor(
    readonly folder: string,
    readonly password: string,
    private readonly programs: PostgresPrograms,
    private readonly account: ServiceAccount | undefined,
  ) {
    this.#data = join(folder, 'cluster');
    this.#log = join(folder, 'postgres.log');
  }

  /** Opens the folder, creating the password and the cluster when they aren't there yet. */
  static async open(path: string): Promise<PostgresCluster> {
    const folder = resolve(path);
    const [programs, account] = await Promise.all([postgresPrograms(), serviceAccount()]);
    await mkdir(folder, { recursive: true });
    if (account !== undefined) await chmod(folder, 0o711);
    await assertReachable(folder, account);
    await assertReachable(resolve(programs.postgres, '..'), account);
    const cluster = new PostgresCluster(folder, await keptPassword(folder), programs, account);
    await cluster.#initialise();
    return cluster;
  }

  url(port: number, database = 'castellan'): string {
    return `postgresql://${this.user}:${this.password}@127.0.0.1:${port}/${database}`;
  }

  /** The server that uses this folder now, whoever started it. */
  running(): RunningPostgres | undefined {
    const [pid, , , port, , , , status] = this.#postmasterLines();
    if (pid === undefined || port === undefined || status?.trim() !== 'ready') return undefined;
    if (!this.#isPostmaster(Number(pid))) return undefined;
    return { pid: Number(pid), port: Number(port), name: this.#startedName() };
  }

  /**
   * Starts the server and resolves once it takes connections. `name` is told again by `running`, to whoever asks;
   * `settings` are postgresql.conf names and values; without `samePort` it takes any free one.
   */
  async start(
    name: string,
    settings: Readonly<Record<string, string>> = {},
    samePort?: number,
  ): Promise<StartedPostgres> {
    await this.#removeStalePidFile();
    for (let attempt = 1; ; attempt++) {
      const port = samePort ?? (await freePort());
      const child = await this.#spawn(port, { ...settings, cluster_name: name });
      const ended = new Promise<void>((resolveEnded) => child.once('exit', () => resolveEnded()));
      if (await this.#ready(child)) return { pid: child.pid ?? 0, port, name, ended };
      const log = await readFile(this.#log, 'utf8').catch(() => '');
      if (log.includes('lock file "postmaster.pid" already exists')) throw this.inUse();
      // Somebody took the port, or the last of a killed server's processes still hold its shared memory.
      const passing = /could not bind|pre-existing shared memory block/.test(log);
      if (!passing || attempt === 20) throw startFailed(log);
      await sleep(100 * attempt);
    }
  }

  /** Ends the server in order (no client is waited for) and resolves once it is gone. */
  async stop({ pid }: RunningPostgres): Promise<void> {
    for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
      const deadline = Date.now() + stopTimeoutMs;
      signalProcess(pid, signal);
      while (Date.now() < deadline) {
        if (!this.#isPostmaster(pid)) return;
        await sleep(10);
      }
    }
  }

  inUse(): DatabaseError {
    return new DatabaseError({
      code: 'database_folder_in_use',
      kind: 'conflict',
      publicDetail: `Another process is using the data folder ${this.folder}.`,
    });
  }

  /** Builds the cluster aside and moves it in place, so that an interrupted start leaves no half of one. */
  async #initialise(): Promise<void> {
    if (existsSync(this.#data)) {
      const version = (await readFile(join(this.#data, 'PG_VERSION'), 'utf8')).trim();
      if (version === majorVersion) return;
      throw new DatabaseError({
        code: 'database_folder_version',
        kind: 'conflict',
        publicDetail: `${this.folder} holds a PostgreSQL ${version} database; this release reads ${majorVersion}.`,
      });
    }
    const building = join(this.folder, 'cluster.building');
    const passwordCopy = join(this.folder, 'password.initdb');
    await rm(building, { recursive: true, force: true });
    await mkdir(building, { mode: 0o700 });
    await writeFile(passwordCopy, `${this.password}\n`, { mode: 0o600 });
    if (this.account !== undefined) {
      await chown(building, this.account.uid, this.account.gid);
      await chown(passwordCopy, this.account.uid, this.account.gid);
    }
    try {
      await this.#initdb(building, passwordCopy);
    } finally {
      await rm(passwordCopy, { force: true });
    }
    await rename(building, this.#data);
  }

  async #initdb(data: string, passwordFile: string): Promise<void> {
    const child = spawn(
      this.programs.initdb,
      [
        `--pgdata=${data}`,
        `--username=${this.user}`,
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--locale=C',
      ],
      { ...this.account, cwd: data, env: { LC_ALL: 'C' }, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    let complaint = '';
    child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString('utf8')));
    const code = await exitOf(child);
    if (code !== 0) throw startFailed(complaint);
  }

  async #spawn(port: number, settings: Readonly<Record<string, string>>): Promise<ChildProcess> {
    const effective = {
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      max_connections: '300',
      logging_collector: 'off',
      log_min_error_statement: 'panic',
      log_parameter_max_length: '0',
      log_parameter_max_length_on_error: '0',
      log_error_verbosity: 'terse',
      ...settings,
    };
    const flags = Object.entries(effective).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const log = await open(this.#log, 'w', 0o600);
    try {
      const child = spawn(this.programs.postgres, ['-D', this.#data, '-p', String(port), ...flags], {
        ...this.account,
        cwd: this.#data,
        env: { LC_ALL: 'C' },
        // A session of its own: Ctrl-C in a terminal must reach our services first, the database last.
        detached: true,
        stdio: ['ignore', log.fd, log.fd],
      });
      child.once('error', () => undefined);
      child.unref();
      return child;
    } finally {
      await log.close();
    }
  }

  async #ready(child: ChildProcess): Promise<boolean> {
    let ended = child.pid === undefined;
    child.once('exit', () => (ended = true));
    const deadline = Date.now() + startTimeoutMs;
    while (!ended && Date.now() < deadline) {
      const [pid, , , , , , , status] = this.#postmasterLines();
      if (Number(pid) === child.pid && status?.trim() === 'ready') return true;
      await sleep(10);
    }
    if (child.pid !== undefined) signalProcess(child.pid, 'SIGQUIT');
    return false;
  }

  /** postmaster.pid: process id, data folder, start time, port, socket folder, address, shared memory, status. */
  #postmasterLines(): string[] {
    try {
      return readFileSync(join(this.#data, 'postmaster.pid'), 'utf8').split('\n');
    } catch {
      return [];
    }
  }

  /** The command line, which the server itself notes once the folder is its own. */
  #startedName(): string {
    const options = readFileSync(join(this.#data, 'postmaster.opts'), 'utf8');
    return /"cluster_name=([^"]*)"/.exec(options)?.[1] ?? '';
  }

  /** After kill -9 and a restart the noted id may belong to somebody else, which PostgreSQL alone wouldn't notice. */
  async #removeStalePidFile(): Promise<void> {
    const [pid] = this.#postmasterLines();
    if (pid === undefined || pid === '') return;
    if (this.#isPostmaster(Number(pid))) throw this.inUse();
    await rm(join(this.#data, 'postmaster.pid'), { force: true });
  }

  #isPostmaster(pid: number): boolean {
    if (processIdentity(pid) === undefined) return false;
    if (process.platform !== 'linux') return true;
    try {
      return readlinkSync(`/proc/${pid}/cwd`) === this.#data;
    } catch (error) {
      // Another account's process: not one that we may start over.
      return error !== null && typeof error === 'object' && 'code' in error && error.code === 'EACCES';
    }
  }
}

async function keptPassword(folder: string): Promise<string> {
  const path = join(folder, 'password');
  try {
    await writeFile(path, randomBytes(24).toString('base64url'), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if (!(error !== null && typeof error === 'object' && 'code' in error && error.code === 'EEXIST'))
      throw error;
  }
  return (await readFile(path, 'utf8')).trim();
}

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolveExit, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolveExit(code));
  });
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Already gone.
  }
}

function startFailed(log: string): DatabaseError {
  return new DatabaseError({
    code: 'database_start_failed',
    kind: 'unavailable',
    publicDetail: `PostgreSQL did not start: ${log.trim().split('\n').slice(-3).join(' | ') || 'it said nothing'}`,
  });
}
