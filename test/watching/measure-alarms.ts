// npm run audit:alarms [-- --log FOLDER] [--seeds N]
// How often watching is wrong on a quarter of ordinary use, and what it notices of attacks after it; or, with --log, what it
// finds in a log that `castellan audit mirror` has copied. The last line is JSON.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readRecordedEvent } from '@castellan/audit';
import { WatchRule } from '@castellan/contracts';
import { decodeEntryBundle } from '@castellan/merkle-log';
import { Detector } from '../../libs/compliance/src/watching/detector/detector.js';
import { attacks } from './attacks.js';
import { ordinaryQuarter, quarterDays, settings } from './ordinary-quarter.js';
import { watchStream } from '../../libs/compliance/src/watching/testing/watch-stream.js';

const { values } = parseArgs({
  options: { log: { type: 'string' }, seeds: { type: 'string', default: '3' } },
});
console.log(
  JSON.stringify(values.log === undefined ? quarters(Number(values.seeds)) : await copy(values.log)),
);

function quarters(seeds: number) {
  const counts = new Map<string, number>();
  let events = 0;
  let missed: string[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    const detector = new Detector();
    const quarter = ordinaryQuarter(seed);
    events += quarter.length;
    for (const { evidence } of watchStream(detector, quarter, settings))
      counts.set(evidence.rule, (counts.get(evidence.rule) ?? 0) + 1);
    const noticed = attacks(seed).map(({ name, rule, events: tried }) => {
      const found = watchStream(new Detector(structuredClone(detector.state())), tried, settings);
      const first = found.find(({ evidence }) => rule === undefined || evidence.rule === rule);
      return { name, rule, alarms: found.length, after: first?.after };
    });
    if (seed === 1)
      for (const { name, alarms, after } of noticed)
        console.error(
          after === undefined ? `not noticed: ${name}` : `noticed after ${after}: ${name} (${alarms})`,
        );
    missed = noticed.flatMap(({ name, rule, after }) =>
      rule !== undefined && after === undefined ? [name] : [],
    );
  }
  const weeks = (seeds * quarterDays) / 7;
  const perWeek = Object.fromEntries(
    WatchRule.options.map((rule) => [rule, Number(((counts.get(rule) ?? 0) / weeks).toFixed(2))]),
  );
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const falseAlarmsPerWeek = Number((total / weeks).toFixed(2));
  return {
    quarters: seeds,
    events,
    falseAlarmsPerWeek,
    perMillionEvents: Math.round((total / events) * 1e6),
    perWeek,
    missed,
  };
}

/** The leaves of a folder in which `castellan audit mirror` put a log. */
async function copy(folder: string) {
  const entries = join(folder, 'tile/entries');
  const names = (await readdir(entries, { recursive: true, withFileTypes: true }))
    .filter((each) => each.isFile())
    .map((each) => join(each.parentPath, each.name))
    .sort();
  const texts: string[] = [];
  for (const name of names)
    texts.push(...decodeEntryBundle(await readFile(name)).map((entry) => Buffer.from(entry).toString()));
  const events = texts.flatMap((text) => readRecordedEvent(text) ?? []);
  const found = watchStream(new Detector(), events, settings);
  for (const { evidence } of found) console.error(JSON.stringify(evidence));
  return { events: events.length, alarms: found.length };
}
