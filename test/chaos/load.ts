import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { PredictResponse, type Answer, type Version } from '@castellan/contracts';
import { CastellanError } from '@castellan/errors';
import { problemError } from '../../apps/cli/src/client/problem-error.js';
import type { Cast } from '../support/cast.js';
import { eventually } from '../support/eventually.js';

/** People pause; what kills them is not how busy they are. */
const PAUSE_MS = 300;
const PATIENCE_MS = 10_000;

/** What one kind of work was told, in its order. */
export interface Acknowledged {
  /** Request ids of predictions that were answered. */
  readonly predictions: string[];
  /** Finalised versions. */
  readonly versions: Version[];
  /** Digests of approvals that were recorded. */
  readonly approvals: string[];
  readonly answers: { readonly sql: string; readonly answer: Answer }[];
}

export interface Target {
  readonly gatewayUrl: string;
  readonly image: readonly number[];
  readonly model: Uint8Array<ArrayBuffer>;
  /** Protected tables, by name; questions go to all in turn. */
  readonly tables: readonly string[];
}

const works = ['predict', 'publish', 'ask'] as const;
type Work = (typeof works)[number];

/**
 * A small office at work: one predicts, one publishes and has each version approved, one asks. Each goes on whatever happens,
 * remembers what was acknowledged, and never does the same thing again; "not now" is an answer that it takes, a defect is not.
 */
export class Load {
  readonly acknowledged: Acknowledged = { predictions: [], versions: [], approvals: [], answers: [] };
  /** What nobody should ever be told, whatever is killed. */
  readonly defects: string[] = [];
  /** What was told instead of an answer, by code. */
  readonly refusals = new Set<string>();
  readonly #stopping = new AbortController();
  readonly #lastBegun = new Map<Work, number>();
  readonly #loops: Promise<void>[];
  #questions = 0;

  constructor(
    private readonly cast: Cast,
    private readonly target: Target,
  ) {
    this.#loops = [
      this.#loop('predict', () => this.#predict()),
      this.#loop('publish', () => this.#publish()),
      this.#loop('ask', () => this.#ask()),
    ];
  }

  /** Resolves when each kind of work has been begun and done since the call. @throws what should never have been told */
  async goesOn(): Promise<void> {
    const now = performance.now();
    const undone = (): Work[] =>
      works.filter((work) => (this.#lastBegun.get(work) ?? 0) < now && this.defects.length === 0);
    await eventually(
      () => `work goes on; undone: ${undone().join(', ')}; told: ${[...this.refusals].join(', ')}`,
      () => undone().length === 0 || undefined,
    );
    if (this.defects.length > 0) throw new Error(this.defects.join('\n'));
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#loops);
  }

  async #loop(work: Work, once: () => Promise<void>): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const begun = performance.now();
      try {
        await once();
        this.#lastBegun.set(work, begun);
      } catch (error) {
        this.#take(work, error);
      }
      await sleep(PAUSE_MS);
    }
  }

  #take(work: Work, error: unknown): void {
    const notNow = notNowBecause(error);
    if (notNow === undefined) this.defects.push(`${work}: ${describe(error)}`);
    else this.refusals.add(notNow);
  }

  /** Under a request id of its own, by which its record is found. */
  async #predict(): Promise<void> {
    const requestId = randomUUID();
    const response = await fetch(`${this.target.gatewayUrl}/api/predict`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.cast.consumer.token}`, 'x-request-id': requestId },
      body: JSON.stringify({ model: 'digits', input: [this.target.image] }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (!response.ok) throw await problemError(response);
    PredictResponse.parse(await response.json());
    this.acknowledged.predictions.push(requestId);
  }

  async #publish(): Promise<void> {
    const { author, reviewer } = this.cast;
    const { id } = await author.api.createVersion('digits');
    await author.api.putFile(id, 'model.h5', { body: this.target.model });
    this.acknowledged.versions.push(await author.api.finalize(id));
    await this.#scanned(id);
    const approval = await this.cast.approvalOf(id, reviewer);
    this.acknowledged.approvals.push((await reviewer.api.submitDocument(approval)).digest);
  }

  /** As long as it takes: a scan may have been killed, and is then made again. */
  async #scanned(id: string): Promise<void> {
    for (;;) {
      const { stage, scan } = await this.cast.author.api.version(id);
      if (stage === 'candidate') return;
      if (stage !== 'quarantined') throw new Error(`${id} is ${stage}: ${JSON.stringify(scan?.findings)}`);
      if (this.#stopping.signal.aborted) return;
      await sleep(PAUSE_MS);
    }
  }

  async #ask(): Promise<void> {
    const n = this.#questions++;
    const table = this.target.tables[n % this.target.tables.length] ?? '';
    const sql = `SELECT COUNT(*) FROM ${table} WHERE amount > ${n}`;
    try {
      const answer = await patiently(this.cast.analyst.api.ask(table, { sql, epsilon: '0.01' }));
      this.acknowledged.answers.push({ sql, answer });
    } catch (error) {
      if (!(error instanceof CastellanError) || error.code !== 'budget_exhausted') throw error;
      this.refusals.add(error.code);
    }
  }
}

/** A measurement that was killed is settled minutes later: nobody at work waits for that. */
async function patiently<Value>(answer: Promise<Value>): Promise<Value> {
  answer.catch(() => undefined);
  const patience = sleep(PATIENCE_MS, undefined, { ref: false }).then(() => {
    throw new DOMException(`no answer in ${PATIENCE_MS} ms`, 'TimeoutError');
  });
  patience.catch(() => undefined);
  return Promise.race([answer, patience]);
}

/** "Not now" is said by kind `unavailable`, by a connection that breaks and by silence; undefined for all else. */
function notNowBecause(error: unknown): string | undefined {
  if (error instanceof CastellanError) return error.kind === 'unavailable' ? error.code : undefined;
  if (error instanceof DOMException && error.name === 'TimeoutError') return 'no answer';
  // What `fetch` throws for a connection that can't be made, or that breaks.
  return error instanceof TypeError && /^(fetch failed|terminated)$/.test(error.message)
    ? 'no connection'
    : undefined;
}

function describe(error: unknown): string {
  if (error instanceof CastellanError) return `${error.code} (${error.kind}) ${error.publicDetail}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
