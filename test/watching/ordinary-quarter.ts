import type { RecordedEvent } from '@castellan/audit';
import type { WatchSettings } from '@castellan/contracts';
import { Dice } from './dice.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A Monday, midnight in Shanghai. */
export const quarterBegins = Date.UTC(2026, 6, 5, 16);
export const quarterDays = 91;
export const organizationId = '0199aaaa-0000-7000-8000-000000000001';

/** The organization's own settings: its hours, and every rule as it comes. */
export const settings: WatchSettings = {
  hours: { timeZone: 'Asia/Shanghai', days: [1, 2, 3, 4, 5], from: '08:00', to: '20:00' },
  thresholds: {},
  muted: [],
};

/** Who calls for predictions: how many a day, how fast it grows by the week, and whether it rests at weekends. */
const services = [
  { name: 'web-shop', deployment: 'ranking', perDay: 2_400, growth: 0.02, weekends: true },
  { name: 'call-centre', deployment: 'triage', perDay: 700, growth: 0, weekends: false },
  { name: 'nightly-batch', deployment: 'churn', perDay: 1_800, growth: 0.01, weekends: false },
  { name: 'scanner', deployment: 'digits', perDay: 350, growth: 0, weekends: true },
];

/**
 * A quarter of an organization of forty that does nothing wrong: people who sign in from the office, from home and on
 * journeys, mistype and ask for what they may not; services with a daily rhythm, one of which is left with an expired key
 * twice; restarts at night; auditors, who take a lot in the last week; analysts who spend their budgets. Events by time.
 */
export function ordinaryQuarter(seed: number, days = quarterDays): RecordedEvent[] {
  const dice = new Dice(seed);
  const day = (n: number) => [
    ...people(dice, n),
    ...predictions(dice, n),
    ...keyReleases(dice, n),
    ...questions(dice, n),
  ];
  const events = Array.from({ length: days }, (_, n) => day(n)).flat();
  return [...events, ...datasets.map(declared)].sort((a, b) => Date.parse(a.time) - Date.parse(b.time));
}

const isWeekend = (day: number) => day % 7 >= 5;
const at = (day: number, hour: number) => quarterBegins + day * DAY + hour * HOUR;

function people(dice: Dice, day: number): RecordedEvent[] {
  if (isWeekend(day)) return [];
  return Array.from({ length: 40 }, (_, n) => n).flatMap((n) => {
    const actor = person(n);
    const events: RecordedEvent[] = [];
    const times = (count: number) => Array.from({ length: count }, () => at(day, 9 + 9 * dice.share()));
    for (const time of times(1 + dice.below(3)))
      events.push(event(time, { action: 'session.opened', actor, source: placeOf(dice, n, day) }));
    for (const time of times(dice.poisson(0.4)))
      events.push(
        event(time, { action: 'access.refused', actor, decision: 'deny', source: placeOf(dice, n, day) }),
      );
    if (n < 3)
      for (const time of times(dice.poisson(day >= quarterDays - 7 ? 18 : 0.8)))
        events.push(event(time, { action: 'evidence.exported', actor }));
    if (n >= 3 && n < 9)
      for (const time of times(dice.poisson(8)))
        events.push(prediction(dice, time, { actor, deployment: 'triage', source: placeOf(dice, n, day) }));
    return events;
  });
}

/** The office, or home; now and then a hotel, a train, a new provider. */
function placeOf(dice: Dice, n: number, day: number): string {
  if (dice.share() < 0.004) return `198.${18 + dice.below(2)}.${dice.below(250)}.${dice.below(250)}`;
  const provider = Math.floor((day + n * 5) / 200);
  return dice.share() < 0.7
    ? `10.20.${dice.below(4)}.${dice.below(250)}`
    : `100.${64 + n}.${provider}.${dice.below(250)}`;
}

function predictions(dice: Dice, day: number): RecordedEvent[] {
  return services.flatMap(({ name, deployment, perDay, growth, weekends }, n) => {
    if (isWeekend(day) && !weekends) return [];
    const actor = { kind: 'person' as const, id: uuid(500 + n), name, credentialId: uuid(600 + n) };
    const volume = perDay * (1 + growth) ** Math.floor(day / 7) * (0.85 + 0.3 * dice.share());
    const begin = name === 'nightly-batch' ? 1 : 7;
    const served = Array.from({ length: dice.poisson(volume) }, () =>
      prediction(dice, at(day, begin + 15 * dice.share() ** 1.3), {
        actor,
        deployment,
        source: `10.30.0.${n}`,
      }),
    );
    return [...served, ...expiredKey(n, day, actor)];
  });
}

/** Twice a quarter a service goes on with a key that has expired until somebody notices. */
function expiredKey(n: number, day: number, actor: RecordedEvent['actor']): RecordedEvent[] {
  if (n !== 1 || (day !== 23 && day !== 64)) return [];
  return Array.from({ length: 45 }, (_, i) =>
    event(at(day, 10) + i * 12_000, {
      action: 'access.refused',
      actor: { kind: 'anonymous' },
      decision: 'deny',
      source: '10.30.0.1',
      reason: String(actor.name),
    }),
  );
}

function keyReleases(dice: Dice, day: number): RecordedEvent[] {
  const released = (time: number, purpose: string, worker: string) =>
    event(time, {
      action: 'key.released',
      actor: { kind: 'process', id: worker, name: worker },
      details: { purpose },
    });
  const daily = isWeekend(day)
    ? []
    : Array.from({ length: dice.poisson(4) }, () =>
        released(at(day, 9 + 9 * dice.share()), dice.share() < 0.6 ? 'scan' : 'serve', 'jobs/jobs'),
      );
  // The platform is updated every second Wednesday at night: every worker asks for its keys again.
  const update =
    day % 14 === 2
      ? [0, 1, 2].map((n) => released(at(day, 23) + n * MINUTE, 'serve', `worker/cpu-${n}`))
      : [];
  const crash = dice.share() < 1 / 60 ? [released(at(day, 3), 'serve', 'worker/cpu-0')] : [];
  return [...daily, ...update, ...crash];
}

const datasets = [1, 2, 3].map((n) => uuid(800 + n));

function declared(id: string): RecordedEvent {
  return event(quarterBegins, {
    action: 'dataset.declared',
    actor: person(10),
    resource: { kind: 'dataset', id },
    details: { epsilonLimit: '12' },
  });
}

function questions(dice: Dice, day: number): RecordedEvent[] {
  if (isWeekend(day)) return [];
  return datasets.flatMap((id) => {
    const resource = { kind: 'dataset', id };
    return Array.from({ length: dice.poisson(0.35) }, () => {
      const time = at(day, 9 + 9 * dice.share());
      const details = { epsilon: (0.05 + dice.share()).toFixed(2) };
      const reserved = event(time, { action: 'privacy.reserved', actor: person(11), resource, details });
      if (dice.share() > 0.03) return [reserved];
      return [reserved, event(time + 1_000, { action: 'privacy.refunded', actor: jobs, resource, details })];
    }).flat();
  });
}

const jobs = { kind: 'process', name: 'jobs' } as const;

export function person(n: number): RecordedEvent['actor'] {
  return { kind: 'person', id: uuid(100 + n), name: `person-${n}`, credentialId: uuid(300 + n) };
}

export function prediction(
  dice: Dice,
  time: number,
  { actor, deployment, source }: { actor: RecordedEvent['actor']; deployment: string; source: string },
): RecordedEvent {
  // One call in ten is a health check or a repetition.
  const input = dice.share() < 0.1 ? 'the same' : String(dice.share());
  return event(time, {
    action: 'prediction.served',
    actor,
    source,
    resource: { kind: 'deployment', id: deployment },
    details: { name: deployment, inputDigest: input.padStart(20, '0').slice(-20) },
  });
}

let ids = 0;

export function event(
  timeMs: number,
  fields: Partial<RecordedEvent> & Pick<RecordedEvent, 'action' | 'actor'>,
): RecordedEvent {
  const time = new Date(timeMs).toISOString();
  return { id: uuid(1_000 + ids++), organizationId, decision: 'allow', ...fields, time };
}

function uuid(n: number): string {
  return `0199bbbb-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;
}
