import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SearchIndex } from '../index.js';
import { numbered, sequenceAll, SpecLog } from '../testing/spec-log.js';

const IDS = [
  '0199a3c4-0000-7000-8000-0000000000ff',
  'version-7',
  'digits',
  'team/digits@3',
  'a "quoted" id',
  String.raw`C:\new\u0041dd`,
  'two\nlines\ttab',
  '模型登记',
  '⚙',
  'ab'.repeat(32),
  `long-${'words '.repeat(60)}`,
  'nul\0inside',
];

let spec: SpecLog;
beforeAll(async () => {
  spec = await SpecLog.open();
  // Every id stands in the first range, in the second, and after what is indexed.
  for (let begin = 0; begin < 600; begin += 200) {
    const others = Array.from({ length: 200 - IDS.length }, (_, n) => numbered(begin + n + 1_000));
    const about = IDS.map((id, n) => ({ ...numbered(begin + n), resource: { kind: 'version', id } }));
    await Promise.all([...others, ...about].map((event) => spec.log.appendDurably(event)));
    await sequenceAll(spec.sequencer());
  }
  const index = new SearchIndex(spec.database);
  while ((await index.round()) > 0);
});
afterAll(() => spec.close());

describe('leaves about a resource', () => {
  it.each(IDS)('are all found, whatever its id is made of: %j', async (id) => {
    expect(await spec.database.client.auditSearchRange.count()).toBe(2);
    const records = await spec.reader.recordsAbout([id], { limit: 10 });
    expect(records.map(({ event }) => JSON.parse(event).resource.id)).toEqual([id, id, id]);
    const indexes = records.map(({ index }) => Number(index));
    expect(indexes).toEqual(indexes.toSorted((a, b) => b - a));
  });

  it('are found for several at once, by action, up to a limit, newest first; and all are proved', async () => {
    const all = await spec.reader.recordsAbout(IDS, { limit: 100 });
    expect(all).toHaveLength(3 * IDS.length);
    const keys = await spec.reader.recordsAbout(IDS, { action: 'key.released', limit: 100 });
    expect(keys.map(({ action }) => action)).toEqual(Array.from({ length: 18 }, () => 'key.released'));
    expect(await spec.reader.recordsAbout(IDS, { limit: 5 })).toEqual(all.slice(0, 5));
    const { leaves } = await spec.reader.proveAbout(IDS);
    expect(leaves.map(({ eventId }) => eventId)).toEqual(all.map(({ eventId }) => eventId).toReversed());
    expect(await spec.reader.recordsAbout(['nobody'], { limit: 5 })).toEqual([]);
  });
});
