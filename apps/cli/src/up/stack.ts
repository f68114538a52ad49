import { existsSync } from 'node:fs';
import type { Environment } from '@castellan/config';
import { migrate } from '@castellan/database';
import type { DataFolder } from './data-folder.js';
import { JoinTokens } from './join-tokens.js';
import { appNames, processPlans, type AppName, type Ports } from './plans.js';
import { untilReady } from './readiness.js';
import type { OwnServices } from './own-services.js';
import { openDatabase, type SupervisedDatabase } from './supervised-database.js';
import { SupervisedProcess, type SupervisionEvents } from './supervised-process.js';
import { UpError } from './up-error.js';

const START_TIMEOUT_MS = 60_000;

export interface StackOptions {
  readonly folder: DataFolder;
  readonly ports: Ports;
  /** Of the local key store. */
  readonly passphrase: string | undefined;
  readonly services: OwnServices;
  readonly bootstrapTokenHash: string;
  readonly environment: Environment;
  readonly scriptOf: (name: AppName) => string;
  readonly events: SupervisionEvents & { step(text: string): void };
  readonly signal: AbortSignal;
}

/** All of Castellan on one machine: five processes and an embedded PostgreSQL, or its owner's, all supervised. */
export class Stack {
  private constructor(
    readonly folder: DataFolder,
    readonly ports: Ports,
    private readonly database: Pick<SupervisedDatabase, 'databaseUrl' | 'stop'>,
    private readonly processes: Readonly<Record<AppName, SupervisedProcess>>,
  ) {}

  /** Resolves when everything is ready. What was started is ended again when something fails. */
  static async start(options: StackOptions): Promise<Stack> {
    const { folder, ports, events, scriptOf } = options;
    requireBuilt(scriptOf);
    const { databaseUrl } = options.services;
    events.step(databaseUrl === undefined ? 'starting PostgreSQL' : 'using the database at DATABASE_URL');
    const database = await openDatabase(folder.database, databaseUrl, events);
    let stack: Stack | undefined;
    try {
      const plans = processPlans({
        ...options,
        databaseUrl: database.databaseUrl,
        joinTokens: new JoinTokens(),
      });
      const supervise = (name: AppName): SupervisedProcess => new SupervisedProcess(plans[name], events);
      stack = new Stack(folder, ports, database, {
        keybroker: supervise('keybroker'),
        api: supervise('api'),
        jobs: supervise('jobs'),
        worker: supervise('worker'),
        gateway: supervise('gateway'),
      });
      await stack.#bringUp(options);
      return stack;
    } catch (error) {
      await (stack ?? database).stop();
      throw error;
    }
  }

  get apiUrl(): string {
    return `http://localhost:${this.ports.api}`;
  }

  get gatewayUrl(): string {
    return `http://localhost:${this.ports.gateway}`;
  }

  /** Holds the database's password: only for those who own the folder anyway. */
  get databaseUrl(): string {
    return this.database.databaseUrl;
  }

  pidOf(name: AppName): number | undefined {
    return this.processes[name].pid;
  }

  /** Idempotent. Takers of requests first, the keybroker and then the database last. */
  async stop(): Promise<void> {
    const { keybroker, ...others } = this.processes;
    await Promise.all(Object.values(others).map((process) => process.stop()));
    await keybroker.stop();
    await this.database.stop();
  }

  async #bringUp({ events, signal }: StackOptions): Promise<void> {
    events.step('migrating the database');
    await migrate(this.database.databaseUrl);
    signal.throwIfAborted();
    const { keybroker, ...others } = this.processes;
    events.step('starting the keybroker');
    await within(START_TIMEOUT_MS, 'keybroker', keybroker.start(), signal);
    events.step('starting api, jobs, worker and gateway');
    await Promise.all(
      Object.values(others).map((process) =>
        within(START_TIMEOUT_MS, process.plan.name, process.start(), signal),
      ),
    );
    await Promise.all(
      [this.apiUrl, this.gatewayUrl].map((url) => untilReady(`${url}/readyz`, START_TIMEOUT_MS, signal)),
    );
  }
}

function requireBuilt(scriptOf: (name: AppName) => string): void {
  const missing = appNames.map(scriptOf).filter((script) => !existsSync(script));
  if (missing.length === 0) return;
  throw new UpError(
    'programs_missing',
    'unavailable',
    `Not built yet: ${missing.join(', ')}. Run "npm run build".`,
  );
}

function within(timeoutMs: number, name: string, started: Promise<void>, signal: AbortSignal): Promise<void> {
  const given = Promise.withResolvers<never>();
  const timer = setTimeout(
    () =>
      given.reject(
        new UpError('start_timed_out', 'unavailable', `${name} is not ready after ${timeoutMs / 1000} s.`),
      ),
    timeoutMs,
  );
  const aborted = (): void => given.reject(signal.reason);
  signal.addEventListener('abort', aborted, { once: true });
  return Promise.race([started, given.promise]).finally(() => {
    clearTimeout(timer);
    signal.removeEventListener('abort', aborted);
  });
}
