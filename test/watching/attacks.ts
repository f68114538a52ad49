import type { RecordedEvent } from '@castellan/audit';
import type { WatchRule } from '@castellan/contracts';
import { Dice } from './dice.js';
import { event, person, prediction, quarterBegins, quarterDays } from './ordinary-quarter.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export interface Attack {
  readonly name: string;
  /** The rule that should notice; `undefined`: none will, and the README says so. */
  readonly rule: WatchRule | undefined;
  readonly events: readonly RecordedEvent[];
}

/** On the Tuesday after the quarter, ten in the morning in Shanghai. */
const then = quarterBegins + (quarterDays + 1) * DAY + 10 * HOUR;
const many = (count: number, one: (n: number) => RecordedEvent) =>
  Array.from({ length: count }, (_, n) => one(n));
const thief = { kind: 'person', id: 'thief', name: 'thief', credentialId: 'stolen' } as const;
const query = (dice: Dice, time: number, actor: RecordedEvent['actor']) =>
  prediction(dice, time, { actor, deployment: 'triage', source: '10.30.0.1' });

/** What somebody might try at the end of the quarter. */
export function attacks(seed: number): Attack[] {
  const dice = new Dice(seed);
  return [
    {
      name: 'an auditor takes 120 evidence bundles in an hour',
      rule: 'downloads',
      events: many(120, (n) => event(then + n * 30_000, { action: 'evidence.exported', actor: person(0) })),
    },
    {
      name: 'a clerk who never took one takes 40',
      rule: 'downloads',
      events: many(40, (n) => event(then + n * MINUTE, { action: 'evidence.exported', actor: person(30) })),
    },
    {
      name: 'a key released on Tuesday at two in the morning',
      rule: 'out_of_hours',
      events: [
        event(then - 8 * HOUR, {
          action: 'key.released',
          actor: { kind: 'process', id: 'worker/evil', name: 'worker/evil' },
          details: { purpose: 'export' },
        }),
      ],
    },
    {
      name: '60 guesses at keys from one address in five minutes',
      rule: 'denied_burst',
      events: many(60, (n) =>
        event(then + n * 5_000, {
          action: 'access.refused',
          actor: { kind: 'anonymous' },
          decision: 'deny',
          source: '203.0.113.9',
        }),
      ),
    },
    {
      name: 'a stolen session used from elsewhere',
      rule: 'new_source',
      events: [event(then, { action: 'prediction.refused', actor: person(5), source: '203.0.113.9' })],
    },
    {
      name: 'seven tenths of a budget in an afternoon',
      rule: 'budget_burn',
      events: many(14, (n) =>
        event(then + n * 5 * MINUTE, {
          action: 'privacy.reserved',
          actor: person(11),
          resource: { kind: 'dataset', id: '0199bbbb-0000-7000-8000-000000000321' },
          details: { epsilon: '0.6' },
        }),
      ),
    },
    {
      name: '5,000 distinct queries in a day with a new key',
      rule: 'extraction',
      events: many(5_000, (n) => query(dice, then + n * 10_000, thief)),
    },
    {
      name: '5,000 distinct queries in a day with a tester’s key',
      rule: 'extraction',
      events: many(5_000, (n) => query(dice, then + n * 10_000, person(4))),
    },
    {
      name: 'slow: 1,500 distinct queries a day for three weeks',
      rule: undefined,
      events: many(21 * 1_500, (n) => query(dice, then + n * Math.floor(DAY / 1_500), thief)),
    },
    {
      name: 'spread: 20 keys with 400 distinct queries each',
      rule: undefined,
      events: many(8_000, (n) =>
        query(dice, then + n * 5_000, { ...thief, id: `thief-${n % 20}`, credentialId: `key-${n % 20}` }),
      ),
    },
    {
      name: 'patient: one guess a minute from one address for a day',
      rule: undefined,
      events: many(1_440, (n) =>
        event(then + n * MINUTE, {
          action: 'access.refused',
          actor: { kind: 'anonymous' },
          decision: 'deny',
          source: '203.0.113.10',
        }),
      ),
    },
  ];
}
