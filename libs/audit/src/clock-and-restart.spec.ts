import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PrismaDatabase } from '@castellan/database';
import { AuditLog } from './audit-log.js';
import { SearchIndex } from './search/search-index.js';
import { numbered, sequenceAll, SpecLog } from './testing/spec-log.js';
import { verifyStoredLog } from './verify-stored-log.js';

const spec = await SpecLog.open();
afterAll(() => spec.close());
beforeEach(() => spec.reset());

const leaves = () => spec.database.client.auditEntry.findMany({ orderBy: { index: 'asc' } });
const verdict = () => verifyStoredLog(spec.database, spec.identity);

describe('clocks that go backwards or disagree', () => {
  it('neither lose nor repeat an event, nor change the order of one process; each is found by the time it says', async () => {
    const steps = ['2026-06-01', '2026-06-02', '2025-06-02', '2025-06-01', '2027-01-01', '1971-01-01'];
    let step = 0;
    const stepping = new AuditLog(spec.database, { now: () => new Date(steps[step % steps.length] ?? 0) });
    const ahead = new AuditLog(spec.database, { now: () => new Date('2031-01-01') });
    const ids: string[] = [];
    for (; step < 60; step += 1) {
      ids.push(await stepping.appendDurably(numbered(step)));
      if (step % 4 === 0) await ahead.appendDurably(numbered(1_000 + step));
      // Sequencing meanwhile: later ids are in the log before earlier times come.
      if (step % 20 === 19)
        await sequenceAll(spec.sequencer({ clock: { now: () => new Date('2020-01-01') } }));
    }
    await spec.record(220, 2_000);
    await sequenceAll(spec.sequencer());

    const rows = await leaves();
    expect(rows).toHaveLength(60 + 15 + 220);
    expect(rows.map(({ eventId }) => eventId).filter((id) => ids.includes(id))).toEqual(ids);
    expect(await verdict()).toEqual({ ok: true, size: rows.length, faults: [] });
    const found = async (from: string, to: string) =>
      (await spec.reader.search({ from: new Date(from), to: new Date(to), limit: 500 })).records.length;
    for (const round of ['while no range is indexed', 'when ranges are']) {
      expect([round, await found('1971-01-01', '1972-01-01')]).toEqual([round, 10]);
      expect([round, await found('2025-01-01', '2026-01-01')]).toEqual([round, 20]);
      expect([round, await found('2031-01-01', '2031-01-02')]).toEqual([round, 15]);
      expect(await new SearchIndex(spec.database).round()).toBe(round.startsWith('while') ? 256 : 0);
    }
  });
});

describe('a database that is restarted', () => {
  it('under writers and a sequencer, again and again, loses no acknowledged event and repeats none', async () => {
    const url = new URL(spec.test.url);
    const name = url.pathname.slice(1);
    url.pathname = '/postgres';
    const admin = new PrismaDatabase({ url: url.href, poolSize: 1 });
    const stopping = new AbortController();
    const sequencing = spec.sequencer({ retryMs: 20 }).run(stopping.signal);
    const acknowledged: string[] = [];
    let refused = 0;
    const writing = Array.from({ length: 4 }, async (_, writer) => {
      for (let n = 0; !stopping.signal.aborted; n += 1) {
        await spec.log.appendDurably(numbered(writer * 100_000 + n)).then(
          (id) => acknowledged.push(id),
          () => (refused += 1),
        );
        await sleep(1);
      }
    });

    // What clients see of a restart: every connection breaks off, and none is let in until the server is back.
    for (let restart = 0; restart < 4; restart += 1) {
      const before = acknowledged.length;
      while (acknowledged.length < before + 40) await sleep(5);
      await admin.client.$executeRawUnsafe(`ALTER DATABASE "${name}" ALLOW_CONNECTIONS false`);
      await admin.client.$queryRaw`
        SELECT pg_terminate_backend(pid)::text FROM pg_stat_activity WHERE datname = ${name}`;
      await sleep(30);
      await admin.client.$executeRawUnsafe(`ALTER DATABASE "${name}" ALLOW_CONNECTIONS true`);
    }
    const last = acknowledged.length;
    while (acknowledged.length < last + 40) await sleep(5);
    stopping.abort();
    await Promise.all([...writing, sequencing]);
    await admin.close();
    await sequenceAll(spec.sequencer());

    expect(refused).toBeGreaterThan(0);
    const ids = (await leaves()).map(({ eventId }) => eventId);
    expect(new Set(ids).size).toBe(ids.length);
    const inLog = new Set(ids);
    expect(acknowledged.filter((id) => !inLog.has(id))).toEqual([]);
    expect(await verdict()).toEqual({ ok: true, size: ids.length, faults: [] });
  });
});
