import { AuditLog, openedEvent, type OpenedLog } from '@castellan/audit';
import type { AuditRecord, WatchRule } from '@castellan/contracts';
import type { Database } from '@castellan/database';
import { complianceEvents } from '../compliance-events.js';
import { parseCheckpoint } from '../exports/parse-checkpoint.js';
import { AlarmStore } from './alarm-store.js';
import { Detector, erasedPerson, type Finding } from './detector/detector.js';
import { withoutPersonal } from './without-personal.js';
import type { SeenEvent } from './detector/watch-rules.js';
import { readState, storedState } from './stored-state.js';
import { defaultSettings, type WatchPosition, WatchStore } from './watch-store.js';

export interface WatchPace {
  /** Leaves looked at in one round. Default 1,000. */
  readonly batch?: number;
  /** Leaves after which what the detector knows is stored; a restart reads as many again. Default 20,000. */
  readonly stateEvery?: number;
  /** How long to leave the log to somebody else who watches it. Default 10,000. */
  readonly restMs?: number;
}

export interface Watched {
  readonly leaves: number;
  /** Signed leaves that are left. */
  readonly behind: number;
  readonly raised: readonly WatchRule[];
}

const nothing: Watched = { leaves: 0, behind: 0, raised: [] };

/**
 * Looks at the signed leaves, each once. The cursor moves in the transaction that records the alarms, so a crash neither
 * loses nor repeats one. Several may watch: one of them gets each batch, the others rest.
 */
export class WatchLog {
  readonly #pace: Required<WatchPace>;
  #held: { readonly detector: Detector; readonly at: bigint } | undefined;
  #restUntil = 0;

  constructor(
    private readonly database: Database,
    private readonly log: Pick<OpenedLog, 'checkpoint' | 'signedLeaves'>,
    private readonly audit: AuditLog,
    private readonly store: WatchStore,
    private readonly alarms: AlarmStore,
    pace: WatchPace = {},
  ) {
    this.#pace = { batch: 1_000, stateEvery: 20_000, restMs: 10_000, ...pace };
  }

  /** One batch. */
  async round(): Promise<Watched> {
    const checkpoint = await this.log.checkpoint();
    if (checkpoint === undefined || performance.now() < this.#restUntil) return nothing;
    const size = BigInt(parseCheckpoint(checkpoint).size);
    const position = await this.store.position(size);
    const detector = this.#held?.at === position.cursor ? this.#held.detector : await this.#learn(position);
    // Whatever fails from here on, what the detector has seen and what is recorded may differ: it is learnt again.
    this.#held = undefined;
    const { records } = await this.log.signedLeaves(position.cursor, this.#pace.batch);
    const findings = (await this.#see(detector, records)).filter(({ at }) => at >= position.raiseFrom);
    const cursor = position.cursor + BigInt(records.length);
    const erases = records.some((record) => hasErasure(record));
    const raised =
      records.length === 0 ? [] : await this.#record({ ...position, erases }, cursor, detector, findings);
    if (raised === undefined) {
      this.#restUntil = performance.now() + this.#pace.restMs;
      return nothing;
    }
    this.#held = { detector, at: cursor };
    return { leaves: records.length, behind: Number(size - cursor), raised };
  }

  /** @returns the rules of the alarms that were raised; `undefined` when somebody else has taken these leaves */
  #record(
    position: WatchPosition & { readonly erases: boolean },
    cursor: bigint,
    detector: Detector,
    findings: readonly Finding[],
  ): Promise<WatchRule[] | undefined> {
    const isDue = position.erases || cursor - position.stateAt >= BigInt(this.#pace.stateEvery);
    const state = isDue ? storedState(detector.state()) : undefined;
    return this.database.transaction(async (tx) => {
      if (!(await this.store.move(tx, position.cursor, { cursor, state }))) return undefined;
      const raised: WatchRule[] = [];
      for (const finding of findings) {
        const { organizationId } = finding;
        const { evidence, subject } = await withoutPersonal(tx, finding);
        const entered = await this.alarms.raise(tx, { ...finding, evidence }, (id) =>
          this.audit.append(tx, complianceEvents.alarmRaised(id, organizationId, evidence, subject)),
        );
        if (entered) raised.push(evidence.rule);
      }
      return raised;
    });
  }

  /** A detector that knows what one knows which has seen every leaf before the cursor. */
  async #learn({ cursor, stateAt, state }: WatchPosition): Promise<Detector> {
    const known = state === null ? undefined : readState(state);
    const detector = new Detector(known);
    for (let at = known === undefined ? 0n : stateAt; at < cursor;) {
      const left = cursor - at;
      const limit = left < BigInt(this.#pace.batch) ? Number(left) : this.#pace.batch;
      const { records } = await this.log.signedLeaves(at, limit);
      if (records.length === 0) break;
      await this.#see(detector, records);
      at += BigInt(records.length);
    }
    return detector;
  }

  async #see(detector: Detector, records: readonly AuditRecord[]): Promise<(Finding & { at: bigint })[]> {
    if (records.length === 0) return [];
    const [founding, settings] = await Promise.all([
      this.store.foundingOrganization(),
      this.store.allSettings(),
    ]);
    return records.flatMap((record) => {
      const seen = seenEvent(record, founding);
      if (seen === undefined) return [];
      const wanted = settings.get(seen.organizationId) ?? defaultSettings;
      return detector.observe(seen, wanted).map((finding) => ({ ...finding, at: seen.index }));
    });
  }
}

/** What was stored before somebody was erased is to be replaced at once. */
function hasErasure(record: AuditRecord): boolean {
  const event = record.action === 'keys.destroyed' ? openedEvent(record) : undefined;
  return event !== undefined && erasedPerson({ event }) !== undefined;
}

/** A leaf that is no event is for verifiers. */
function seenEvent(record: AuditRecord, founding: string): SeenEvent | undefined {
  const event = openedEvent(record);
  if (event === undefined) return undefined;
  const organizationId = event.organizationId ?? founding;
  return { index: BigInt(record.index), organizationId, event, timeMs: new Date(event.time).getTime() };
}
