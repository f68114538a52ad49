import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '@castellan/database';
import { timeStamps } from '@castellan/pki';
import { AuditError } from '../audit-error.js';
import { PrismaLogStore } from '../prisma-log-store.js';

export interface TimeStampAuthority {
  readonly url: string;
  /** CA certificates (PEM) under which the authority's certificate was issued. */
  readonly trusted: readonly string[];
}

export interface TimeStampingOptions {
  /** Pause between two rounds, in milliseconds. Default an hour. */
  readonly intervalMs?: number;
  /** How long the authority may take, in milliseconds. Default 30,000. */
  readonly timeoutMs?: number;
  /** Told why a round gave no time stamp. Rounds go on. */
  readonly onFailure?: (error: unknown) => void;
}

/**
 * Has the last checkpoint time-stamped (RFC 3161) and keeps the token: proof, by somebody else's clock, that every leaf
 * under that checkpoint existed by then. What comes back is verified before it is kept. The sequencer never waits for it.
 */
export class TimeStamping {
  readonly #options: Required<TimeStampingOptions>;
  readonly #store: PrismaLogStore;

  constructor(
    database: Database,
    private readonly authority: TimeStampAuthority | undefined,
    options: TimeStampingOptions = {},
  ) {
    this.#options = { intervalMs: 3_600_000, timeoutMs: 30_000, onFailure: () => undefined, ...options };
    this.#store = new PrismaLogStore(database.client);
  }

  /** Resolves when `signal` aborts; at once without an authority. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.authority !== undefined) {
      await this.round().catch(this.#options.onFailure);
      await sleep(this.#options.intervalMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /**
   * One round. Resolves with whether there is a new time stamp; a log that did not grow gets none.
   * @throws AuditError `time_stamp_unavailable`; PkiError `time_stamp_refused`, `time_stamp_invalid`, `time_stamp_untrusted`
   */
  async round(): Promise<boolean> {
    if (this.authority === undefined) return false;
    const { url, trusted } = this.authority;
    // Most logs have no authority, and few processes stamp.
    const { readTimeStampReply, timeStampRequest, verifyTimeStamp } = await timeStamps();
    const last = await this.#store.lastCheckpoint();
    if (last === undefined || (await this.#store.timestampUpTo(last.size))?.size === last.size) return false;
    const content = Buffer.from(last.note);
    const nonce = randomBytes(16);
    const reply = await ask(url, timeStampRequest(content, nonce), this.#options.timeoutMs);
    const token = readTimeStampReply(reply, nonce);
    const { time } = await verifyTimeStamp(token, content, trusted);
    await this.#store.saveTimestamp({ ...last, token, stampedAt: time });
    return true;
  }
}

async function ask(url: string, query: Uint8Array, timeoutMs: number): Promise<Uint8Array> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/timestamp-query' },
      body: Uint8Array.from(query),
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (!response.ok) throw new Error(`it answered ${response.status}`);
    return new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    throw new AuditError('time_stamp_unavailable', {
      kind: 'unavailable',
      publicDetail: `The time-stamp authority at ${url} does not stamp.`,
      cause,
    });
  }
}
