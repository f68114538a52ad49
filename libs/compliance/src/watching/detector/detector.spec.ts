import { describe, expect, it } from '@jest/globals';
import type { RecordedEvent } from '@castellan/audit';
import { AlarmEvidence, WatchSettings } from '@castellan/contracts';
import fc from 'fast-check';
import { watchStream } from '../testing/watch-stream.js';
import { Detector, type DetectorState } from './detector.js';
import { networkOf } from './source-network.js';
import { learnt, nothingKnown, thresholdAbove } from './usual-level.js';
import { isWorkingTime } from './working-hours.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A Tuesday, noon in UTC. */
const noon = Date.UTC(2026, 6, 7, 12);
const office = { timeZone: 'Asia/Shanghai', days: [1, 2, 3, 4, 5], from: '09:00', to: '18:00' };
const ordinary = WatchSettings.parse({});

type Fields = Partial<Omit<RecordedEvent, 'time'>>;
const event = (timeMs: number, fields: Fields = {}): RecordedEvent => ({
  id: '0199bbbb-0000-7000-8000-000000000001',
  action: 'access.refused',
  actor: { kind: 'person', id: 'ada', name: 'Ada', credentialId: 'key-1' },
  organizationId: 'acme',
  decision: 'allow',
  ...fields,
  time: new Date(timeMs).toISOString(),
});
const refused = (timeMs: number, fields: Fields = {}) => event(timeMs, { decision: 'deny', ...fields });
const repeat = (count: number, each: (n: number) => RecordedEvent) =>
  Array.from({ length: count }, (_, n) => each(n));
const watch = (events: RecordedEvent[], settings = ordinary, detector = new Detector()) =>
  watchStream(detector, events, settings);

describe('each rule', () => {
  const predicted = (n: number) =>
    event(noon + n * 1_000, {
      action: 'prediction.served',
      details: { name: 'digits', inputDigest: `input-${n}` },
    });
  const dataset = { resource: { kind: 'dataset', id: 'wages' } };
  const reserved = (n: number, epsilon: string, action = 'privacy.reserved') =>
    event(noon + n * MINUTE, { action, ...dataset, details: { epsilon } });
  const limited = event(noon - 40 * DAY, {
    action: 'dataset.declared',
    ...dataset,
    details: { epsilonLimit: '4' },
  });
  const seenAt = (timeMs: number, source: string) => event(timeMs, { action: 'session.opened', source });
  const released = (timeMs: number) =>
    event(timeMs, {
      action: 'key.released',
      actor: { kind: 'process', id: 'worker/cpu-0' },
      details: { purpose: 'serve' },
    });

  it.each([
    ['denied_burst', repeat(20, (n) => refused(noon + n * 1_000)), 20],
    [
      'denied_burst',
      [refused(noon, { actor: { kind: 'anonymous' }, source: '203.0.113.1', details: { dropped: 30 } })],
      31,
    ],
    ['downloads', repeat(30, (n) => event(noon + n * MINUTE, { action: 'evidence.exported' })), 30],
    ['extraction', repeat(2_000, predicted), 2_000],
    [
      'budget_burn',
      [
        limited,
        reserved(0, '1'),
        reserved(1, '0.5'),
        reserved(2, '0.5', 'privacy.refunded'),
        reserved(3, '1'),
      ],
      50,
    ],
    [
      'new_source',
      [seenAt(noon, '10.0.0.1'), seenAt(noon + 8 * DAY, '10.0.0.99'), seenAt(noon + 8 * DAY, '203.0.113.1')],
      1,
    ],
    ['out_of_hours', [released(noon), released(noon + 7 * HOUR)], 1],
  ] as const)(
    '%s is raised by the event that reaches its threshold, and not by the one before',
    (rule, events, number) => {
      const settings = {
        ...ordinary,
        ...(rule === 'out_of_hours' ? { hours: { ...office, to: '22:00' } } : {}),
      };
      const found = watch([...events], settings);
      expect(
        found.map(({ evidence, after }) => ({ rule: evidence.rule, number: evidence.number, after })),
      ).toEqual([{ rule, number, after: events.length }]);
      expect(watch(events.slice(0, -1), settings)).toEqual([]);
      expect(AlarmEvidence.parse(found[0]?.evidence).leaves.at(-1)).toBe(String(events.length - 1));
    },
  );

  it('says in which window, out of which leaves and over which threshold', () => {
    const [found] = watch(repeat(25, (n) => refused(noon + n * 20_000)));
    expect(found?.evidence).toMatchObject({
      subject: { kind: 'person', id: 'ada', name: 'Ada' },
      number: 20,
      threshold: 20,
      windowEnd: '2026-07-07T12:06:20.000Z',
      windowStart: '2026-07-07T11:57:00.000Z',
      seriesStepMs: MINUTE,
      leaves: repeat(20, () => event(0)).map((_, n) => String(n)),
    });
    expect(found?.evidence.series.reduce((sum, count) => sum + count, 0)).toBe(20);
  });

  it('is raised once a window, however long it goes on, and again in the next', () => {
    const hour = repeat(360, (n) => refused(noon + n * 10_000));
    const found = watch(hour);
    expect(found.length).toBe(6);
    const times = found.map(({ evidence }) => new Date(evidence.windowEnd).getTime());
    expect(times.slice(1).every((time, i) => time - (times[i] ?? 0) >= 10 * MINUTE)).toBe(true);
  });

  it('keeps subjects and organizations apart', () => {
    const spread = repeat(57, (n) =>
      refused(noon + n * 1_000, { actor: { kind: 'person', id: `p-${n % 3}` } }),
    );
    const shared = repeat(38, (n) => refused(noon + n * 1_000, { organizationId: `org-${n % 2}` }));
    expect(watch([...spread, ...shared])).toEqual([]);
  });

  it('follows the settings: a threshold, a muted rule, hours', () => {
    const burst = repeat(10, (n) => refused(noon + n * 1_000));
    expect(watch(burst, { ...ordinary, thresholds: { denied_burst: 5 } }).length).toBe(1);
    expect(watch(burst, { ...ordinary, thresholds: { denied_burst: 5 }, muted: ['denied_burst'] })).toEqual(
      [],
    );
    expect(watch([released(noon + 12 * HOUR)])).toEqual([]);
  });

  it('never counts what watching recorded', () => {
    const own = repeat(500, (n) => refused(noon + n, { action: 'alarm.raised' }));
    expect(watch(own, { ...ordinary, thresholds: { denied_burst: 1 } })).toEqual([]);
  });

  it('lets a busy service become usual in steps, and notices when it is used for something else', () => {
    const day = (n: number, count: number) =>
      repeat(count, (i) =>
        event(noon + n * DAY + i * 10_000, {
          action: 'prediction.served',
          details: { name: 'digits', inputDigest: `${n}-${i}` },
        }),
      );
    const detector = new Detector();
    const settings = { ...ordinary, thresholds: { extraction: 100 } };
    const alarms = Array.from({ length: 40 }, (_, n) => watch(day(n, 120), settings, detector).length);
    expect(alarms.slice(0, 7)).toEqual([1, 1, 1, 1, 1, 1, 1]);
    expect(alarms.slice(-20).every((count) => count === 0)).toBe(true);
    const [found] = watch(day(41, 600), settings, detector);
    expect(found?.evidence.usual?.windows).toBeGreaterThan(7);
    expect(found?.evidence.threshold).toBeLessThan(250);
  });
});

describe('somebody who wants to pass unseen', () => {
  it('does so below every threshold, which is why the README says what is not caught', () => {
    const drip = repeat(1_440, (n) => refused(noon + n * MINUTE));
    expect(watch(drip)).toEqual([]);
  });

  it('gains nothing by a clock that is set back or ahead', () => {
    const jumping = repeat(40, (n) => refused(n % 2 === 0 ? noon + n * 1_000 : Date.UTC(2099, 0) + n * DAY));
    expect(watch(jumping).map(({ evidence }) => evidence.number)).toEqual([20]);
    const backwards = repeat(20, (n) => refused(noon - n * 1_000));
    expect(watch(backwards).length).toBe(1);
  });

  it('cannot have a new address learnt by setting the clock back after the first days', () => {
    const opened = (timeMs: number, source: string) => event(timeMs, { action: 'session.opened', source });
    const events = [
      opened(noon, '10.0.0.1'),
      opened(noon + 8 * DAY, '10.0.1.1'),
      opened(noon, '203.0.113.1'),
    ];
    expect(watch(events).map(({ evidence }) => evidence.subject.about)).toEqual([
      '10.0.1.0/24',
      '203.0.113.0/24',
    ]);
  });

  it('cannot hide in a flood of invented sources, nor make the detector grow', () => {
    const flood = repeat(30_000, (n) =>
      refused(noon, { actor: { kind: 'anonymous' }, source: `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}` }),
    );
    const detector = new Detector({}, { subjects: 1_000 });
    expect(watch(flood, ordinary, detector)).toEqual([]);
    expect(detector.state().denied_burst?.length).toBe(1_000);
    expect(
      watch(
        repeat(20, (n) => refused(noon + n)),
        ordinary,
        detector,
      ).length,
    ).toBe(1);
  });

  it('cannot spread refusals over the addresses of one IPv6 line', () => {
    const spread = repeat(20, (n) =>
      refused(noon + n, { actor: { kind: 'anonymous' }, source: `2001:db8:1:2:${n.toString(16)}::9` }),
    );
    expect(watch(spread).map(({ evidence }) => evidence.subject.id)).toEqual(['2001:db8:1:2::/64']);
  });

  it('writes nothing into evidence that could steer a reader’s terminal or page', () => {
    const name = `\u001b[2J\u202eevil\u0000<script>\ud800${'x'.repeat(60_000)}`;
    const [found] = watch(
      repeat(20, (n) => refused(noon + n, { actor: { kind: 'person', id: name, name } })),
    );
    const text = JSON.stringify(found?.evidence);
    expect(text.length).toBeLessThan(3_000);
    expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]|\\u/u);
  });
});

const anyEvent = fc.record({
  action: fc.constantFrom(
    'access.refused',
    'prediction.served',
    'evidence.exported',
    'session.opened',
    'privacy.reserved',
    'dataset.declared',
    'key.released',
    'alarm.raised',
  ),
  actor: fc.record({
    kind: fc.constantFrom('person' as const, 'process' as const, 'anonymous' as const),
    id: fc.oneof(fc.constantFrom('a', 'b'), fc.string({ unit: 'binary' })),
  }),
  organizationId: fc.constantFrom('one', 'two'),
  decision: fc.constantFrom('allow' as const, 'deny' as const),
  resource: fc.record({ kind: fc.constantFrom('dataset', 'x'), id: fc.constantFrom('d', 'e') }),
  source: fc.oneof(fc.ipV4(), fc.ipV6(), fc.string({ unit: 'binary' })),
  details: fc.dictionary(
    fc.constantFrom('epsilon', 'epsilonLimit', 'dropped', 'inputDigest', 'name', 'purpose'),
    fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.constantFrom('0.5', '3', 4)),
  ),
});
const anyTime = fc.oneof(
  fc.integer({ min: noon, max: noon + 3 * DAY }),
  fc.constantFrom(Date.UTC(9999, 11), -62_000_000_000_000, 0),
);
const anyStream = fc
  .array(fc.tuple(anyTime, anyEvent), { maxLength: 150 })
  .map((all) => all.map(([time, fields]) => event(time, fields as Fields)));
const keen: WatchSettings = {
  hours: office,
  thresholds: { denied_burst: 2, downloads: 2, extraction: 2, new_source: 1, budget_burn: 10 },
  muted: [],
};

describe('whatever a log holds', () => {
  it('each finding is well formed, reaches its threshold and names leaves that were there', () => {
    fc.assert(
      fc.property(anyStream, (events) => {
        for (const { evidence, after } of watch(events, keen)) {
          const { number, threshold, leaves } = AlarmEvidence.parse(evidence);
          expect(number).toBeGreaterThanOrEqual(threshold);
          expect(leaves.at(-1)).toBe(String(after - 1));
          expect(leaves.every((leaf) => Number(leaf) < after)).toBe(true);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('a detector that was stored and taken up again finds the same', () => {
    fc.assert(
      fc.property(anyStream, fc.nat({ max: 150 }), (events, cut) => {
        const findings = (found: ReturnType<typeof watch>) =>
          found.map(({ evidence: { rule, number, subject } }) => ({ rule, number, subject }));
        const first = new Detector();
        const before = watch(events.slice(0, cut), keen, first);
        const again = new Detector(JSON.parse(JSON.stringify(first.state())) as DetectorState);
        const after = watch(events.slice(cut), keen, again);
        expect(findings([...before, ...after])).toEqual(findings(watch(events, keen)));
      }),
      { numRuns: 100 },
    );
  });
});

describe('the parts', () => {
  it.each([
    ['10.1.2.3', '10.1.2.0/24'],
    ['::ffff:10.1.2.3', '10.1.2.0/24'],
    ['2001:db8::1', '2001:db8:0::/48'],
    ['2001:0db8:00a1:0001:2:3:4:5', '2001:db8:a1::/48'],
    ['::1', '0:0:0::/48'],
    ['not an address', 'not an address'],
  ])('%s is in %s', (address, network) => {
    expect(networkOf(address, { v4: 24, v6: 48 })).toBe(network);
  });

  it.each([
    ['2026-07-07T01:00:00Z', true],
    ['2026-07-07T00:59:00Z', false],
    ['2026-07-07T10:00:00Z', false],
    ['2026-07-11T03:00:00Z', false],
  ])('%s is working time in Shanghai: %s', (time, expected) => {
    expect(isWorkingTime(office, new Date(time).getTime())).toBe(expected);
  });

  it('a night shift that begins on Friday ends on Saturday, and daylight saving moves with the zone', () => {
    const night = { ...office, timeZone: 'UTC', days: [5], from: '22:00', to: '06:00' };
    expect(isWorkingTime(night, Date.UTC(2026, 6, 11, 5))).toBe(true);
    expect(isWorkingTime(night, Date.UTC(2026, 6, 10, 5))).toBe(false);
    const berlin = { ...office, timeZone: 'Europe/Berlin' };
    expect(isWorkingTime(berlin, Date.UTC(2026, 6, 7, 7))).toBe(true);
    expect(isWorkingTime(berlin, Date.UTC(2026, 0, 6, 7, 30))).toBe(false);
  });

  it('what is usual is the mean and variance of few windows exactly, and needs seven of them', () => {
    const totals = [10, 12, 8, 10, 14, 6, 10];
    const level = totals.reduce(learnt, nothingKnown);
    const variance = totals.reduce((sum, total) => sum + (total - 10) ** 2, 0) / totals.length;
    expect(level.mean).toBeCloseTo(10);
    expect(level.variance).toBeCloseTo(variance);
    expect(thresholdAbove(level, 5)).toBe(29);
    expect(thresholdAbove(totals.slice(1).reduce(learnt, nothingKnown), 5)).toBe(5);
    expect(thresholdAbove(level, 50)).toBe(50);
  });
});
