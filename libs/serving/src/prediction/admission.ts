import { ServingError } from '../serving-error.js';

export interface AdmissionLimits {
  /** Predictions of one deployment that may be on their way at the same time. */
  readonly running: number;
  /** How many more may wait for one of those places. */
  readonly waiting: number;
}

interface Lane {
  running: number;
  readonly waiting: (() => void)[];
}

/**
 * Bounds what is in flight, a lane per deployment, so that a slow model fills its own queue and nobody else's.
 * First come, first served. Errors: `queue_full` (kind exhausted) at once when the waiting room is full.
 */
export class Admission {
  readonly #lanes = new Map<string, Lane>();

  constructor(private readonly limits: AdmissionLimits) {}

  /** Runs `work` once there is a place for it in the lane. */
  async run<T>(name: string, work: () => Promise<T>): Promise<T> {
    const lane = this.#lane(name);
    await this.#enter(name, lane);
    try {
      return await work();
    } finally {
      this.#leave(name, lane);
    }
  }

  #lane(name: string): Lane {
    const lane = this.#lanes.get(name) ?? { running: 0, waiting: [] };
    this.#lanes.set(name, lane);
    return lane;
  }

  #enter(name: string, lane: Lane): Promise<void> | void {
    if (lane.running < this.limits.running) {
      lane.running += 1;
      return;
    }
    if (lane.waiting.length >= this.limits.waiting) throw queueFull(name);
    return new Promise((resolve) => lane.waiting.push(resolve));
  }

  /** The place goes to whoever has waited longest; `running` stays as it is then. */
  #leave(name: string, lane: Lane): void {
    const next = lane.waiting.shift();
    if (next !== undefined) return next();
    lane.running -= 1;
    if (lane.running === 0) this.#lanes.delete(name);
  }
}

function queueFull(name: string): ServingError {
  return new ServingError('queue_full', {
    kind: 'exhausted',
    publicDetail: `Too many predictions of "${name}" are waiting already.`,
    retryAfterMs: 1_000,
  });
}
