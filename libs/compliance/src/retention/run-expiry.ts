import {
  AuditLog,
  AuditReader,
  EXPIRY_PATIENCE,
  expirePayloads,
  formatRanges,
  indexesOf,
  MAX_PERMIT_RANGES,
  parseRanges,
  payloadsExpired,
  permittedBy,
  rangesOf,
  systemClock,
} from '@castellan/audit';
import { Database } from '@castellan/database';
import { KeybrokerClient } from '@castellan/keybroker-client';
import { Injectable } from '@nestjs/common';
import { expireAlarms } from '../watching/expire-alarms.js';
import { ExpiryRules } from './expiry-rules.js';
import { type ExpiryRunRow, ExpiryRunStore } from './expiry-run-store.js';
import { retentionEvents } from './retention-events.js';
import { organizationOf } from './scope.js';

/** Leaves looked at in one step. */
const WINDOW = 4_096;

const SEQUENCING_TIMEOUT_MS = 60_000;

/**
 * Goes through the log and lets payloads go whose time is up, a window at a time and each in two steps: what will go is
 * announced by an event that carries the signer's permit; once that is signed history, the payloads are removed. So whatever
 * dies whenever, no verifier ever meets a payload that is gone without its reason. Run again, it goes on where it stopped.
 *
 * A hold that is set in between wins: what it fits is not removed, announced or not.
 */
@Injectable()
export class RunExpiry {
  constructor(
    private readonly database: Database,
    private readonly runs: ExpiryRunStore,
    private readonly rules: ExpiryRules,
    private readonly keybroker: KeybrokerClient,
    private readonly audit: AuditLog,
    private readonly log: AuditReader,
  ) {}

  async execute(runId: string, signal?: AbortSignal): Promise<void> {
    for (;;) {
      signal?.throwIfAborted();
      const run = await this.runs.byId(runId);
      if (run === null || !['queued', 'running'].includes(run.state)) return;
      if (run.announced !== null && run.announcedEvent !== null)
        await this.#remove(run, run.announced, run.announcedEvent);
      else if (run.scanned < run.treeSize) await this.#announce(run);
      else await this.#finish(run);
    }
  }

  async #announce(run: ExpiryRunRow): Promise<void> {
    const begin = Number(run.scanned);
    const window = { begin, end: Math.min(begin + WINDOW, Number(run.treeSize)) };
    const found = await this.rules.candidates(this.database.client, run.organizationId, window);
    const ranges = rangesOf(found.filter(({ held }) => !held).map(({ index }) => index));
    const end = ranges[MAX_PERMIT_RANGES]?.begin ?? window.end;
    const held = run.held + BigInt(found.filter((each) => each.held && each.index < end).length);
    const scanned = BigInt(end);
    const due = ranges.slice(0, MAX_PERMIT_RANGES);
    if (due.length === 0) {
      await this.runs.advance(this.database.client, run, { scanned, held });
      return;
    }
    const announced = formatRanges(due);
    const permit = await this.keybroker.permitExpiry(announced);
    await this.database.transaction(async (tx) => {
      const actor = { kind: 'process', name: 'jobs' } as const;
      const about = { actor, ...organizationOf(run.organizationId), runId: run.id };
      const announcedEvent = await this.audit.append(tx, payloadsExpired(due, permit, about));
      if (!(await this.runs.advance(tx, run, { scanned, held, announced, announcedEvent })))
        throw overtaken();
    });
  }

  async #remove(run: ExpiryRunRow, announced: string, eventId: string): Promise<void> {
    await this.audit.sequenced(eventId, { timeoutMs: SEQUENCING_TIMEOUT_MS });
    const { logOrigin, logVkey } = await this.keybroker.trust();
    const { leaf } = await this.log.inclusionProof(eventId);
    const said = permittedBy(Buffer.from(leaf), { origin: logOrigin, vkey: logVkey });
    const nothing = { announced: null, announcedEvent: null };
    // A log that was begun in between knows nothing of a permit of the closed one: they are announced again by a later run.
    if (formatRanges(said) !== announced) {
      await this.runs.advance(this.database.client, run, nothing);
      return;
    }
    await this.database.transaction(async (tx) => {
      const due = await this.rules.stillDue(tx, run.organizationId, indexesOf(parseRanges(announced) ?? []));
      await expireAlarms(tx, due);
      const removed = await expirePayloads(tx, due);
      const expired = run.expired + BigInt(removed);
      if (!(await this.runs.advance(tx, run, { expired, ...nothing }))) throw overtaken();
    }, EXPIRY_PATIENCE);
  }

  async #finish(run: ExpiryRunRow): Promise<void> {
    await this.database.transaction(async (tx) => {
      if (!(await this.runs.advance(tx, run, { state: 'done', finishedAt: systemClock.now() }))) return;
      await this.audit.append(tx, retentionEvents.expiryFinished(run));
    });
  }
}

/** Somebody else works on this run: what this transaction did is undone, and the next look sees how far it is. */
function overtaken(): Error {
  return new Error('another process works on this run of expiry');
}
