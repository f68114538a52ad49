import { setTimeout as sleep } from 'node:timers/promises';
import { EmbeddedPostgres } from '@castellan/database';
import { CastellanError } from '@castellan/errors';
import { Backoff } from './backoff.js';
import { OrphanGuard } from './orphan-guard.js';
import type { SupervisionEvents } from './supervised-process.js';

/** The database of an installation: its owner's where there is one, else the folder's own, kept running until `stop`. */
export async function openDatabase(
  folder: string,
  url: string | undefined,
  events: SupervisionEvents,
): Promise<Pick<SupervisedDatabase, 'databaseUrl' | 'stop'>> {
  if (url === undefined) return SupervisedDatabase.start(folder, events);
  return { databaseUrl: url, stop: () => Promise.resolve() };
}

/**
 * The embedded database, kept running: whatever ends it, it is started again at the same address, with growing pauses, until
 * `stop`. It doesn't outlive this process.
 */
export class SupervisedDatabase {
  readonly #stopping = new AbortController();
  readonly #backoff = new Backoff();
  #restarting: Promise<string> | undefined;
  #guard: OrphanGuard;
  #startedAt = performance.now();

  private constructor(
    private readonly server: EmbeddedPostgres,
    private readonly events: SupervisionEvents,
  ) {
    this.#guard = new OrphanGuard(server.pid);
    void this.#keep();
  }

  /** @throws DatabaseError when it does not start the first time */
  static async start(folder: string, events: SupervisionEvents): Promise<SupervisedDatabase> {
    return new SupervisedDatabase(await EmbeddedPostgres.start({ folder }), events);
  }

  get databaseUrl(): string {
    return this.server.databaseUrl;
  }

  /** Idempotent. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#guard.dismiss();
    await this.server.stop();
    await this.#restarting;
  }

  async #keep(): Promise<void> {
    for (let how = 'it ended'; ; how = await this.#restarting) {
      await this.server.ended;
      if (this.#stopping.signal.aborted) return;
      this.#restarting = this.#restart(how);
    }
  }

  /** What to say should it not run after all: why it did not start, or that it ended. */
  async #restart(how: string): Promise<string> {
    const { signal } = this.#stopping;
    this.#guard.dismiss();
    const waitMs = this.#backoff.afterRunOf(performance.now() - this.#startedAt);
    this.events.died('database', how, waitMs);
    await sleep(waitMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return 'it was stopped';
    this.#startedAt = performance.now();
    try {
      await this.server.restart();
    } catch (error) {
      return error instanceof CastellanError ? error.publicDetail : String(error);
    }
    if (signal.aborted) {
      // `stop` came meanwhile, and found no server to stop.
      await this.server.stop();
    } else {
      this.#guard = new OrphanGuard(this.server.pid);
      this.events.restarted('database');
    }
    return 'it ended';
  }
}
