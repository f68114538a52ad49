import { openedEvent, type OpenedLog } from '@castellan/audit';
import { CastellanError } from '@castellan/errors';
import { parseCheckpoint } from '../exports/parse-checkpoint.js';
import type { Sink } from './sink.js';
import { type TargetRow, TargetStore } from './target-store.js';

export interface ForwardingPace {
  /** Leaves looked at for one delivery. Default 500. */
  readonly batch?: number;
  /** How long a target may take for one. Default 15,000. */
  readonly patienceMs?: number;
  /** After the first failure; twice as long after each further one, up to five minutes. Default 1,000. */
  readonly retryMs?: number;
  /** After having caught up with the log. Default 500. */
  readonly idleMs?: number;
}

const MAX_WAIT_MS = 300_000;

/**
 * Sends a target the next signed leaves of its organization. The cursor moves only after the target took them, so an
 * outage, a crash or a restart loses nothing; what was taken just before a crash is sent again.
 */
export class ForwardEvents {
  readonly #pace: Required<ForwardingPace>;

  constructor(
    private readonly targets: TargetStore,
    private readonly log: Pick<OpenedLog, 'signedLeaves'>,
    private readonly sinkOf: (target: TargetRow) => Promise<Sink>,
    pace: ForwardingPace = {},
  ) {
    this.#pace = { batch: 500, patienceMs: 15_000, retryMs: 1_000, idleMs: 500, ...pace };
  }

  /** One delivery to one target. @returns whether there may be more to do at once */
  async execute(targetId: string): Promise<boolean> {
    const { batch, patienceMs, idleMs } = this.#pace;
    const target = await this.targets.take(targetId, patienceMs * 2);
    if (target === undefined) return false;
    const { records, checkpoint } = await this.log.signedLeaves(target.cursor, batch);
    const end = target.cursor + BigInt(records.length);
    if (records.length === 0) {
      await this.targets.rest(targetId, idleMs);
      return false;
    }
    const tree = parseCheckpoint(checkpoint);
    const leaves = records
      .map((record) => ({ record, event: openedEvent(record), tree }))
      .filter(({ event }) => event?.organizationId === target.organizationId);
    const startedAt = performance.now();
    const about = () => ({
      begin: target.cursor,
      end,
      events: leaves.length,
      durationMs: Math.round(performance.now() - startedAt),
    });
    try {
      const signal = AbortSignal.timeout(patienceMs);
      const took = { targetId, leaves, begin: target.cursor, end, signal };
      const detail = leaves.length === 0 ? 'nothing for it' : await (await this.sinkOf(target)).send(took);
      await this.targets.delivered(targetId, { ...about(), detail });
      return true;
    } catch (error) {
      const waitMs = Math.min(this.#pace.retryMs * 2 ** Math.min(target.failures, 20), MAX_WAIT_MS);
      await this.targets.failed(targetId, { ...about(), detail: inWords(error) }, waitMs);
      return false;
    }
  }
}

/** The reason in words; fetch hides it in causes. */
function inWords(error: unknown): string {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof CastellanError) return at.publicDetail;
    if (at.name === 'TimeoutError' || at.name === 'AbortError') return 'It did not answer in time.';
    if (at.cause === undefined) return at.message.slice(0, 300);
  }
  return String(error).slice(0, 300);
}
