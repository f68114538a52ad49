import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type AuditEvent, AuditLog, readRecordedEvent } from '@castellan/audit';
import { Alarm, AlarmList, Watching } from '@castellan/contracts';
import type { Tx } from '@castellan/database';
import { Metrics } from '@castellan/telemetry';
import { eventually } from '../../../../test/support/eventually.js';
import { ocsfProblems } from '../exports/formats/testing/ocsf-problems.js';
import { ocsfRow } from '../exports/formats/ocsf-row.js';
import { cefRow } from '../exports/formats/cef-row.js';
import { parseCheckpoint } from '../exports/parse-checkpoint.js';
import { ComplianceStand } from '../testing/compliance-stand.js';
import { AlarmStore } from './alarm-store.js';
import { type WatchPace, WatchLog } from './watch-log.js';
import { WatchMetrics } from './watch-metrics.js';
import { WatchStore } from './watch-store.js';

const acme = randomUUID();
/** Nobody's earlier events count. */
let eve = '';
const refused = (id: string, organizationId = acme): AuditEvent => ({
  action: 'access.refused',
  actor: { kind: 'person', id, name: id },
  organizationId,
  decision: 'deny',
});
const burst = (id: string, count = 20) => Array.from({ length: count }, () => refused(id));

let stand: ComplianceStand;
beforeAll(async () => {
  stand = await ComplianceStand.start();
  await stand.record([refused('nobody')]);
  await stand.stopWatching();
}, 60_000);
beforeEach(async () => {
  eve = `eve-${randomUUID()}`;
  await stand.test.database.client.$executeRaw`TRUNCATE "Alarm", "WatchPosition", "WatchSetting"`;
  await watcher().round();
});
afterAll(() => stand.close());

function watcher(pace: WatchPace = {}, audit: AuditLog = stand.log): WatchLog {
  const { database } = stand.test;
  const [store, alarms] = [new WatchStore(database), new AlarmStore(database)];
  return new WatchLog(database, stand.reader, audit, store, alarms, { restMs: 0, ...pace });
}

const alarms = () => stand.test.database.client.alarm.findMany({ orderBy: { id: 'asc' } });
const subjects = async () =>
  (await alarms()).map(
    ({ evidence }) => Alarm.shape.subject.parse((evidence as { subject: unknown }).subject).id,
  );
const leavesFrom = async (begin: number) => (await stand.reader.signedLeaves(BigInt(begin), 10_000)).records;
const size = async () => Number(parseCheckpoint((await stand.reader.checkpoint()) ?? '').size);

describe('watching', () => {
  it('raises an alarm whose leaf says the same, and reads its own leaf without another', async () => {
    const begin = await size();
    const watch = watcher();
    await stand.record(burst(eve));
    expect((await watch.round()).raised).toEqual(['denied_burst']);
    await stand.record(burst(eve));
    await watch.round();
    const [alarm, ...others] = await alarms();
    expect(others).toEqual([]);
    const events = (await leavesFrom(begin)).map(({ event }) => readRecordedEvent(event));
    const leaf = events.find((event) => event?.action === 'alarm.raised');
    expect(leaf).toMatchObject({ id: alarm?.eventId, organizationId: acme, resource: { id: alarm?.id } });
    expect(leaf?.details?.['evidence']).toEqual(alarm?.evidence);
    expect(alarm?.evidence).toMatchObject({
      leaves: Array.from({ length: 20 }, (_, n) => String(begin + n)),
    });
    expect(await watch.round()).toMatchObject({ leaves: 0, behind: 0 });
  });

  it('learns from what was there before it began, and raises nothing for it', async () => {
    await stand.test.database.client.$executeRaw`TRUNCATE "WatchPosition"`;
    await stand.record(burst(eve));
    const watch = watcher();
    await watch.round();
    expect(await alarms()).toEqual([]);
    await stand.record(burst(`${eve}-again`));
    await watch.round();
    expect(await subjects()).toEqual([`${eve}-again`]);
  });

  it.each([5, 1_000_000])(
    'counts on over a restart, with the state stored every %s leaves',
    async (stateEvery) => {
      for (const part of [7, 7, 6]) {
        await stand.record(burst(eve, part));
        await watcher({ stateEvery }).round();
      }
      expect(await subjects()).toEqual([eve]);
    },
  );

  it('learns all of it again when the stored state is damaged', async () => {
    await stand.record(burst(eve, 12));
    await watcher({ stateEvery: 1 }).round();
    await stand.test.database.client.watchPosition.updateMany({
      data: { state: new Uint8Array([1, 2, 3]) },
    });
    await stand.record(burst(eve, 8));
    await watcher().round();
    expect(await subjects()).toEqual([eve]);
  });

  it('loses no alarm when it dies before its transaction commits', async () => {
    class FailingLog extends AuditLog {
      override append(_tx: Tx): Promise<string> {
        return Promise.reject(new Error('the disk is full'));
      }
    }
    const failing = watcher({}, new FailingLog(stand.test.database));
    await stand.record(burst(eve));
    await expect(failing.round()).rejects.toThrow('the disk is full');
    expect(await alarms()).toEqual([]);
    expect((await watcher().round()).raised).toEqual(['denied_burst']);
  });

  it('raises each alarm once when several watch at the same time', async () => {
    const watchers = Array.from({ length: 3 }, () => watcher({ batch: 25 }));
    const people = Array.from({ length: 6 }, (_, n) => `${eve}-${n}`);
    await stand.record(people.flatMap((id) => burst(id)));
    await eventually('all is seen', async () => {
      const rounds = await Promise.all(watchers.map((each) => each.round()));
      return rounds.every(({ leaves, behind }) => leaves === 0 && behind === 0) || undefined;
    });
    expect((await subjects()).toSorted()).toEqual(people);
  });

  it('goes on past leaves that are no events, and gives those of no organization to the founding one', async () => {
    const { id: founding } = await stand.test.database.client.organization.create({
      data: { name: eve, createdAt: new Date(0) },
    });
    await stand.test.database.client.auditOutbox.create({ data: { id: randomUUID(), event: '{"action":' } });
    const { organizationId: _, ...nobodys } = refused('x');
    const actor = { kind: 'anonymous' as const };
    await stand.record(Array.from({ length: 20 }, () => ({ ...nobodys, actor, source: '203.0.113.7' })));
    await watcher().round();
    expect(await alarms()).toMatchObject([{ organizationId: founding }]);
  });

  it('goes out as an OCSF detection finding and a loud CEF line', async () => {
    const begin = await size();
    await stand.record(burst(eve));
    await watcher().round();
    await stand.record([
      { ...refused('x'), action: 'alarm.acknowledged', decision: 'allow', reason: 'a drill' },
    ]);
    const tree = parseCheckpoint((await stand.reader.checkpoint()) ?? '');
    const rows = (await leavesFrom(begin)).map((record) => {
      const leaf = { record, event: readRecordedEvent(record.event), tree };
      return { action: record.action, ocsf: ocsfRow(leaf), cef: cefRow(leaf) };
    });
    expect(rows.flatMap(({ ocsf }) => ocsfProblems(ocsf))).toEqual([]);
    const raised = rows.findLast(({ action }) => action === 'alarm.raised');
    expect(raised?.ocsf).toMatchObject({
      class_uid: 2004,
      type_uid: 200401,
      severity_id: 4,
      status_id: 1,
      is_alert: true,
      finding_info: { uid: (await alarms())[0]?.id, analytic: { name: 'denied_burst', type_id: 1 } },
    });
    expect(raised?.cef).toContain('|alarm.raised|');
    const acknowledged = rows.findLast(({ action }) => action === 'alarm.acknowledged');
    expect(acknowledged?.ocsf).toMatchObject({ type_uid: 200403, status_id: 4, comment: 'a drill' });
  });
});

describe('alarms over HTTP', () => {
  let admin: string;
  let auditor: string;
  beforeAll(async () => {
    [admin, auditor] = [await stand.key(acme, 'admin'), await stand.key(acme, 'auditor')];
  });

  const list = async (key: string, query = '') =>
    AlarmList.parse(await (await stand.call(key, 'GET', `alarms${query}`)).json());
  const recorded = async (action: string) =>
    (await stand.test.database.client.auditOutbox.findMany()).flatMap(({ event }) => {
      const read = readRecordedEvent(event);
      return read?.action === action ? [read] : [];
    });

  it('are listed for the auditors of their organization, shown with evidence, acknowledged once with a reason', async () => {
    await stand.record(burst(eve));
    await watcher().round();
    const [alarm] = (await list(auditor)).alarms;
    expect(alarm).toMatchObject({ rule: 'denied_burst', number: 20, subject: { id: eve } });
    const path = `alarms/${alarm?.id}`;
    const stranger = await stand.key(randomUUID(), 'admin');
    expect((await list(stranger)).alarms).toEqual([]);
    expect((await stand.call(stranger, 'GET', path)).status).toBe(404);
    expect((await stand.call(stranger, 'POST', `${path}/acknowledge`, { reason: 'mine' })).status).toBe(404);
    const consumer = await stand.key(acme, 'consumer');
    expect((await stand.call(consumer, 'GET', 'alarms')).status).toBe(403);
    expect((await stand.call(auditor, 'POST', `${path}/acknowledge`, { reason: '  ' })).status).toBe(400);

    const answers = await Promise.all(
      ['a drill', 'not a drill'].map((reason) =>
        stand.call(auditor, 'POST', `${path}/acknowledge`, { reason }),
      ),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409]);
    expect((await list(auditor, '?state=open')).open).toBe(0);
    const shown = Alarm.parse(await (await stand.call(auditor, 'GET', path)).json());
    const events = await recorded('alarm.acknowledged');
    expect(events.map(({ reason }) => reason)).toEqual([shown.acknowledged?.reason]);
  });

  it('come in pages, newest first', async () => {
    const people = Array.from({ length: 5 }, (_, n) => `${eve}-${n}`);
    await stand.record(people.flatMap((id) => burst(id)));
    await watcher().round();
    const first = await list(auditor, '?limit=3&rule=denied_burst');
    const second = await list(auditor, `?limit=3&before=${first.next}`);
    const ids = [...first.alarms, ...second.alarms].map(({ subject }) => subject.id);
    expect(ids.toSorted()).toEqual(people);
    expect([first.alarms.length, second.next, first.open]).toEqual([3, undefined, 5]);
    expect((await list(auditor, '?rule=extraction')).alarms).toEqual([]);
  });

  it('follow settings that administrators change, on the record', async () => {
    const settings = { thresholds: { denied_burst: 3 }, muted: ['downloads'] };
    expect((await stand.call(auditor, 'PUT', 'watching', settings)).status).toBe(403);
    for (const wrong of [
      { hours: { timeZone: 'Mars/Olympus', days: [1], from: '09:00', to: '17:00' } },
      { thresholds: { denied_burst: 0 } },
      { thresholds: { everything: 1 } },
      { muted: ['everything'] },
    ])
      expect((await stand.call(admin, 'PUT', 'watching', wrong)).status).toBe(400);
    const answer = await stand.call(admin, 'PUT', 'watching', settings);
    const { rules } = Watching.parse(await answer.json());
    const rule = (name: string) => rules.find((each) => each.rule === name);
    expect(rule('denied_burst')).toMatchObject({ threshold: 3, ownThreshold: 20, state: 'watching' });
    expect([rule('downloads')?.state, rule('out_of_hours')?.state]).toEqual(['muted', 'needs_hours']);
    const [changed] = await recorded('alarm.settings-changed');
    expect(changed?.details).toEqual({
      before: { muted: [], thresholds: {} },
      after: { muted: ['downloads'], thresholds: { denied_burst: 3 } },
    });
    await stand.record(burst(eve, 3));
    await watcher().round();
    expect(await subjects()).toEqual([eve]);
  });
});

describe('the metrics of watching', () => {
  it('count alarms by rule, and say how far it is behind', async () => {
    const metrics = new Metrics('spec');
    const watched = new WatchMetrics(metrics);
    watched.tell(7, ['denied_burst', 'extraction', 'denied_burst']);
    const text = await metrics.registry.metrics();
    expect(text).toContain('castellan_watching_behind_leaves{service="spec"} 7');
    expect(text).toContain('castellan_alarms_total{rule="denied_burst",service="spec"} 2');
  });
});
