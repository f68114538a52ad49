import type { RecordedEvent } from '@castellan/audit';
import type { AlarmEvidence, AlarmSubject, WatchRule, WatchSettings } from '@castellan/contracts';
import { networkOf } from './source-network.js';
import { isWorkingTime } from './working-hours.js';

/** A leaf as the detector sees it. */
export interface SeenEvent {
  readonly index: bigint;
  /** Of the event, or of whoever answers for events that belong to no organization. */
  readonly organizationId: string;
  readonly event: RecordedEvent;
  readonly timeMs: number;
}

/** What an event adds to the count of a subject. */
export interface Weighed {
  readonly subject: AlarmSubject;
  /** The person whom name and network of the subject are of. */
  readonly personId?: string;
  /** Whose count it is, within the organization. */
  readonly key: string;
  readonly weight: number;
  /** Counts only if it is not among the last such words of this subject. */
  readonly word?: string;
  /** What 100 percent are, when the event says so. */
  readonly whole?: number;
}

export interface Rule {
  readonly name: WatchRule;
  readonly windowMs: number;
  /** The window is this many equal parts. */
  readonly parts: number;
  readonly threshold: number;
  readonly unit: AlarmEvidence['unit'];
  /** The threshold rises with what is usual for the subject. */
  readonly learns: boolean;
  /** How many words of a subject are remembered. */
  readonly words: number;
  /** For so long after a subject's first event its words are taken in without an alarm. */
  readonly firstDaysMs: number;
  weigh(seen: SeenEvent, settings: WatchSettings): Weighed | undefined;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const plain = { unit: 'events', learns: false, words: 0, firstDaysMs: 0 } as const;
const daily = { windowMs: DAY, parts: 24 } as const;

const downloads = new Set([
  'audit.export-downloaded',
  'evidence.exported',
  'privacy.synthetic-table-taken',
  'dataset.result-opened',
]);

/** The rules; SPEC.md beside this folder says them in words. */
export const watchRules: readonly Rule[] = [
  {
    ...plain,
    ...daily,
    name: 'downloads',
    threshold: 30,
    learns: true,
    weigh: ({ event }) => (downloads.has(event.action) ? ofActor(event) : undefined),
  },
  {
    ...plain,
    name: 'out_of_hours',
    windowMs: 12 * HOUR,
    parts: 12,
    threshold: 1,
    weigh: ({ event, timeMs }, { hours }) => {
      if (event.action !== 'key.released' || hours === undefined || isWorkingTime(hours, timeMs))
        return undefined;
      return oneFor({ ...actorOf(event), about: text(event.details?.['purpose']) });
    },
  },
  {
    ...plain,
    name: 'denied_burst',
    windowMs: 10 * MINUTE,
    parts: 10,
    threshold: 20,
    weigh: ({ event }) => {
      if (event.decision !== 'deny') return undefined;
      const dropped = event.details?.['dropped'];
      const counted =
        typeof dropped === 'number' && Number.isSafeInteger(dropped) && dropped > 0 ? dropped : 0;
      return { ...personOf(event), ...oneFor(refusedOf(event)), weight: 1 + counted };
    },
  },
  {
    ...plain,
    ...daily,
    name: 'new_source',
    threshold: 1,
    words: 64,
    firstDaysMs: 7 * DAY,
    weigh: ({ event }) => {
      if (event.actor.kind !== 'person' || event.source === undefined) return undefined;
      const network = networkOf(event.source.slice(0, 100), { v4: 24, v6: 48 });
      const person = actorOf(event);
      return {
        ...personOf(event),
        ...oneFor({ ...person, about: network }),
        key: keyOf(person),
        word: network,
      };
    },
  },
  {
    ...plain,
    ...daily,
    name: 'budget_burn',
    threshold: 50,
    unit: 'percent',
    weigh: ({ event }) => {
      const { action, resource, details } = event;
      if (resource?.kind !== 'dataset') return undefined;
      const each = oneFor({ kind: 'dataset', id: resource.id });
      if (action === 'dataset.declared')
        return { ...each, weight: 0, whole: amount(details?.['epsilonLimit'] ?? details?.['rhoLimit']) };
      if (action === 'privacy.reserved')
        return { ...each, weight: amount(details?.['epsilon'] ?? details?.['rho']) };
      if (action === 'privacy.refunded')
        return { ...each, weight: -amount(details?.['epsilon'] ?? details?.['rho']) };
      return undefined;
    },
  },
  {
    ...plain,
    ...daily,
    name: 'extraction',
    threshold: 2_000,
    learns: true,
    words: 256,
    weigh: ({ event }) => {
      if (event.action !== 'prediction.served') return undefined;
      const { actor, details } = event;
      const about = text(details?.['name']) ?? event.resource?.id;
      const subject: AlarmSubject = {
        ...named(actor.name),
        kind: 'credential',
        id: actor.credentialId ?? actor.id ?? 'unknown',
        about,
      };
      return {
        ...personOf(event),
        ...oneFor(subject),
        word: (text(details?.['inputDigest']) ?? event.id).slice(0, 16),
      };
    },
  },
];

function ofActor(event: RecordedEvent): Weighed {
  return { ...personOf(event), ...oneFor(actorOf(event)) };
}

function personOf({ actor }: RecordedEvent): { personId?: string } {
  return actor.kind === 'person' && actor.id !== undefined ? { personId: actor.id } : {};
}

function oneFor(subject: AlarmSubject): Weighed {
  return { subject, key: keyOf(subject), weight: 1 };
}

/** Bounded, whatever the log says: it is kept in memory. */
function keyOf({ kind, id, about = '' }: AlarmSubject): string {
  return JSON.stringify([kind, id.slice(0, 200), about.slice(0, 200)]);
}

function actorOf({ actor }: RecordedEvent): AlarmSubject {
  const kind = actor.kind === 'process' ? 'process' : 'person';
  return { kind, id: actor.id ?? actor.name ?? actor.kind, ...named(actor.name) };
}

/** Whoever could not show who they are is known by the network. */
function refusedOf(event: RecordedEvent): AlarmSubject {
  if (event.actor.kind !== 'anonymous') return actorOf(event);
  return { kind: 'source', id: networkOf((event.source ?? 'unknown').slice(0, 100), { v4: 32, v6: 64 }) };
}

function named(name: string | undefined): { name?: string } {
  return name === undefined ? {} : { name };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** A price as the ledger writes it. Near enough for a share; the ledger itself counts exactly. */
function amount(value: unknown): number {
  const number = typeof value === 'string' ? Number(value) : NaN;
  return Number.isFinite(number) && number > 0 ? number : 0;
}
