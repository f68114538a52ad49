import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { readRecordedEvent } from '@castellan/audit';
import { Detector } from '../../libs/compliance/src/watching/detector/detector.js';
import { watchStream } from '../../libs/compliance/src/watching/testing/watch-stream.js';
import { attacks } from './attacks.js';
import { ordinaryQuarter, settings } from './ordinary-quarter.js';

const leaves = join(import.meta.dirname, '../fixtures/demo-log/leaves.jsonl.gz');

describe('watching', () => {
  it('finds in the demo’s log what the demo does: a stranger at every door, a race for a budget, a budget spent', () => {
    const texts = gunzipSync(readFileSync(leaves)).toString().split('\n');
    const events = texts.flatMap((text) => readRecordedEvent(text) ?? []);
    expect(events.length).toBe(730);
    const found = watchStream(new Detector(), events, { ...settings, hours: undefined });
    expect(
      found.map(({ evidence }) => [evidence.rule, evidence.subject.name ?? evidence.subject.kind]),
    ).toEqual([
      ['budget_burn', 'dataset'],
      ['denied_burst', 'anna'],
      ['denied_burst', 'mallory'],
    ]);
  });

  it('is wrong a few times a week on ordinary use, and misses none of the attacks that it should notice', () => {
    const weeks = 2;
    const detector = new Detector();
    const perWeek = watchStream(detector, ordinaryQuarter(1, weeks * 7), settings).length / weeks;
    expect(perWeek).toBeGreaterThan(1);
    expect(perWeek).toBeLessThan(15);
    for (const { name, rule, events } of attacks(1).filter((attack) => attack.events.length <= 5_000)) {
      const known = new Detector(structuredClone(detector.state()));
      const rules = watchStream(known, events, settings).map(({ evidence }) => evidence.rule);
      expect({ name, noticed: rule === undefined || rules.includes(rule) }).toEqual({ name, noticed: true });
    }
  });
});
