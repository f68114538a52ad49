import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AuditEvent, AuditLog, AuditReader, legalMinima, verifyStoredLog } from '@castellan/audit';
import { KeybrokerClient } from '@castellan/keybroker-client';
import { z } from 'zod';
import { ComplianceStand } from '../testing/compliance-stand.js';
import { expireAlarms } from '../watching/expire-alarms.js';
import { ExpiryRunStore } from './expiry-run-store.js';
import { HoldStore } from './hold-store.js';
import { RetentionStore } from './retention-store.js';
import { ExpiryRules } from './expiry-rules.js';
import { RunExpiry } from './run-expiry.js';

const organizationId = randomUUID();
const [deployment, projectId, modelId, dataset] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
const longAgo = new Date('2020-03-01T00:00:00Z');

let stand: ComplianceStand;
let admin: string;
let auditor: string;
let second: string;
let other: string;
beforeAll(async () => {
  stand = await ComplianceStand.start();
  admin = await stand.key(organizationId, 'admin');
  auditor = await stand.key(organizationId, 'auditor');
  second = await stand.key(organizationId, 'auditor');
  other = await stand.key(randomUUID(), 'admin');
  await stand.test.database.client.project.create({
    data: { id: projectId, organizationId, name: 'credit' },
  });
  await stand.test.database.client.model.create({
    data: { id: modelId, organizationId, projectId, name: 'scores' },
  });
  const past = new AuditLog(stand.test.database, { now: () => longAgo });
  const old = [
    ...Array.from({ length: 20 }, (_, n) => prediction(n)),
    about('privacy.released', dataset, { n: 1 }),
    about('version.finalized', randomUUID(), { model: modelId }),
    { ...prediction(99), organizationId: randomUUID() },
    refused,
  ];
  for (const event of old) await past.appendDurably(event);
  await stand.record([prediction(100), about('session.opened', randomUUID())]);
});
afterAll(() => stand.close());

function about(action: string, id: string, details: AuditEvent['details'] = {}): AuditEvent {
  const actor = { kind: 'person', id: `person-${Number(details['n'] ?? 0) % 4}`, name: 'ada' } as const;
  return { action, actor, organizationId, resource: { kind: 'thing', id }, decision: 'allow', details };
}
function prediction(n: number): AuditEvent {
  return about('prediction.served', n % 2 === 0 ? deployment : randomUUID(), { n });
}

const refused: AuditEvent = {
  action: 'access.refused',
  actor: { kind: 'anonymous' },
  decision: 'deny',
  source: '192.0.2.7',
};

/** What the routes answer, as far as it is looked into here. */
const Body = z.looseObject({
  id: z.string().optional(),
  code: z.string().optional(),
  state: z.string().optional(),
  classes: z.unknown().optional(),
  runs: z.array(z.looseObject({ state: z.string() })).optional(),
});
async function call(key: string, method: string, path: string, json?: unknown) {
  const response = await stand.call(key, method, path, json);
  return { status: response.status, body: Body.parse(await response.json()) };
}
const expired = async () =>
  (
    await stand.test.database.client.auditEntry.findMany({ where: { event: '' }, orderBy: { index: 'asc' } })
  ).map(({ index }) => Number(index));
/** A run that no queue has been told of. */
async function begun(): Promise<{ id: string }> {
  const treeSize = BigInt((await verdict()).size);
  const run = await stand.test.database.transaction((tx) =>
    new ExpiryRunStore(stand.test.database).start(tx, organizationId, { requestedBy: 'spec', treeSize }),
  );
  return run ?? Promise.reject(new Error('one is at work'));
}
const verdict = () => verifyStoredLog(stand.test.database, stand.identity);
const settled = () => stand.record([]);

/** Runs expiry here, as jobs would, dying when `die` says so. */
function runner(die: { after?: 'permit' | 'announce'; removing?: boolean } = {}): RunExpiry {
  const { database } = stand.test;
  const runs = new ExpiryRunStore(database);
  const rules = new ExpiryRules(new RetentionStore(database), new HoldStore(database), { days: legalMinima });
  const keybroker = new KeybrokerClient(async (method, path, body) => {
    const answer = await stand.broker(method, path, body);
    if (die.after === 'permit' && path === '/v1/expiry-permits') throw new Error('killed');
    if (die.removing === true && path === '/v1/trust') throw new Error('killed');
    return answer;
  });
  const log = new AuditLog(database);
  const waiting = Object.assign(Object.create(log), {
    append: log.append.bind(log),
    sequenced: async (id: string) => {
      if (die.after === 'announce') throw new Error('killed');
      await settled();
      return log.sequenced(id);
    },
  });
  return new RunExpiry(database, runs, rules, keybroker, waiting, new AuditReader(database));
}

describe('setting retention', () => {
  it('takes an administrator, and never fewer days than the law asks for', async () => {
    const days = { predictions: 200 };
    expect((await call(auditor, 'PUT', 'retention', { days })).status).toBe(403);
    const few = await call(admin, 'PUT', 'retention', { days: { predictions: 182 } });
    expect(few.body).toMatchObject({
      code: 'retention_below_minimum',
      detail: expect.stringContaining('183'),
    });
    expect((await call(admin, 'PUT', 'retention?scope=platform', { days })).body.code).toBe('not_permitted');
    expect((await call(auditor, 'GET', 'retention?scope=platform')).body.code).toBe('not_permitted');
    expect((await call(auditor, 'GET', 'retention')).body).toEqual({ days: {}, minima: legalMinima });
    expect((await call(admin, 'PUT', 'retention', { days })).body).toMatchObject({ days });
    await settled();
    const { records } = await stand.reader.search({
      organizationId,
      action: 'audit.retention-set',
      limit: 5,
    });
    expect(records.map(({ event }) => JSON.parse(event).details)).toEqual([{ before: {}, days }]);
  });

  it('shows what would expire, also by days that are only thought of', async () => {
    const now = await call(auditor, 'POST', 'retention/preview', {});
    const oldest = longAgo.toISOString();
    expect(now.body.classes).toEqual([
      { class: 'predictions', expires: 20, held: 0, oldest, newest: oldest },
    ]);
    const thought = { days: { privacy: 2_000, governance: 36_000 } };
    expect((await call(auditor, 'POST', 'retention/preview', thought)).body.classes).toMatchObject([
      { class: 'privacy', expires: 1 },
    ]);
    expect(
      (await call(other, 'POST', 'retention/preview', { days: { predictions: 183 } })).body.classes,
    ).toEqual([]);
  });
});

describe('a hold', () => {
  it('keeps what it fits, until one person asks to lift it and another does, who did not set it either', async () => {
    const { body: hold, status } = await call(auditor, 'POST', 'holds', {
      reason: 'case 17/2026',
      resource: deployment,
      actor: 'person-2',
      to: '2021-01-01T00:00:00Z',
    });
    expect(status).toBe(201);
    const { classes } = (await call(auditor, 'POST', 'retention/preview', {})).body;
    expect(classes).toMatchObject([{ expires: 15, held: 5 }]);

    const path = `holds/${hold.id}`;
    expect((await call(second, 'POST', `${path}/lift`, {})).body.code).toBe('hold_changed');
    expect((await call(other, 'POST', `${path}/ask-lift`, { reason: 'not mine' })).body.code).toBe(
      'hold_unknown',
    );
    expect((await call(auditor, 'POST', `${path}/ask-lift`, { reason: 'case closed' })).body.state).toBe(
      'lift-asked',
    );
    expect((await call(second, 'POST', `${path}/ask-lift`, { reason: 'me too' })).body.code).toBe(
      'hold_changed',
    );
    expect((await call(auditor, 'POST', `${path}/lift`, {})).body.code).toBe('second_person_needed');
    expect((await call(auditor, 'POST', 'retention/preview', {})).body.classes).toMatchObject([{ held: 5 }]);

    expect((await call(second, 'POST', `${path}/lift`, {})).body).toMatchObject({
      state: 'lifted',
      liftReason: 'case closed',
    });
    expect((await call(auditor, 'POST', 'retention/preview', {})).body.classes).toMatchObject([{ held: 0 }]);
    await settled();
    const { records } = await stand.reader.search({ organizationId, action: 'audit', limit: 3 });
    expect(records.map(({ action }) => action)).toEqual([
      'audit.hold-lifted',
      'audit.hold-lift-asked',
      'audit.hold-set',
    ]);
  });

  it('of any organization keeps events that belong to none, which the platform’s days govern', async () => {
    const keeper = await stand.key(organizationId, 'platform_admin');
    const seen = async () =>
      (await call(keeper, 'POST', 'retention/preview?scope=platform', { days: { access: 183 } })).body
        .classes;
    expect(await seen()).toMatchObject([{ class: 'access', expires: 1, held: 0 }]);
    const day = { from: '2020-03-01T00:00:00Z', to: '2020-03-01T00:00:01Z' };
    const { body: hold } = await call(auditor, 'POST', 'holds', {
      reason: 'who was refused',
      actor: '192.0.2.7',
      ...day,
    });
    expect(await seen()).toMatchObject([{ expires: 0, held: 1 }]);
    await call(auditor, 'POST', `holds/${hold.id}/ask-lift`, { reason: 'found' });
    await call(second, 'POST', `holds/${hold.id}/lift`, {});
    expect((await call(keeper, 'PUT', 'retention?scope=platform', { days: { access: 183 } })).status).toBe(
      200,
    );
    expect((await call(keeper, 'PUT', 'retention', { days: {} })).body.code).toBe('not_permitted');
  });

  it('on a project keeps whatever names something of it', async () => {
    const days = { governance: 3_653 };
    const whole = { ...legalMinima, governance: 2_000 };
    const rules = new ExpiryRules(
      new RetentionStore(stand.test.database),
      new HoldStore(stand.test.database),
      { days: whole },
    );
    const { client } = stand.test.database;
    const names = async () =>
      (await rules.candidates(client, organizationId, { begin: 0, end: 100 }))
        .filter(({ held }) => !held)
        .map((each) => each.class);
    await call(admin, 'PUT', 'retention', { days });
    await client.retentionPolicy.update({ where: { organizationId }, data: { days: { governance: 2_000 } } });
    expect(await names()).toEqual(['governance']);
    expect((await call(auditor, 'POST', 'holds', { reason: 'audit', project: 'nothing' })).body.code).toBe(
      'project_unknown',
    );
    await call(auditor, 'POST', 'holds', { reason: 'audit of 2026', project: 'credit' });
    expect(await names()).toEqual([]);
    await call(admin, 'PUT', 'retention', { days: { predictions: 183 } });
  });
});

describe('a run of expiry', () => {
  it('that dies anywhere leaves a log that verifies, and goes on; a hold that came in between wins', async () => {
    const run = await begun();
    expect((await call(admin, 'POST', 'retention/runs', {})).body.code).toBe('expiry_running');

    await expect(runner({ after: 'permit' }).execute(run.id)).rejects.toThrow('killed');
    await settled();
    expect([await expired(), (await verdict()).ok]).toEqual([[], true]);
    await expect(runner({ after: 'announce' }).execute(run.id)).rejects.toThrow('killed');
    expect([await expired(), (await verdict()).ok]).toEqual([[], true]);
    await settled();
    await expect(runner({ removing: true }).execute(run.id)).rejects.toThrow('killed');
    expect([await expired(), (await verdict()).ok]).toEqual([[], true]);

    // Announced is not gone: leaf 3 is held now.
    await call(auditor, 'POST', 'holds', {
      reason: 'late',
      actor: 'person-3',
      from: '2020-01-01T00:00:00Z',
      to: '2020-03-01T00:00:01Z',
    });
    await Promise.allSettled([runner().execute(run.id), runner().execute(run.id)]);
    await runner().execute(run.id);
    await settled();
    const gone = Array.from({ length: 20 }, (_, n) => n).filter((n) => n % 4 < 3);
    expect(await expired()).toEqual(gone);
    expect(await verdict()).toMatchObject({ ok: true, expired: gone.length });
    const { runs } = (await call(auditor, 'GET', 'retention/runs')).body;
    expect(runs).toMatchObject([{ id: run.id, state: 'done', expired: '15', held: '0' }]);
  });

  it('is asked for and shown with its progress; what is left to do is nothing', async () => {
    const { status, body } = await call(admin, 'POST', 'retention/runs', {});
    expect([status, body.state]).toEqual([202, 'queued']);
    const shown = async () => (await call(auditor, 'GET', 'retention/runs')).body.runs?.[0];
    while (['queued', 'running'].includes((await shown())?.state ?? '')) await settled();
    expect(await shown()).toMatchObject({
      id: body.id,
      state: 'done',
      expired: '0',
      held: '5',
      requestedBy: expect.any(String),
    });
    await settled();
    const { records } = await stand.reader.search({
      organizationId,
      action: 'audit.expiry-finished',
      limit: 5,
    });
    expect(records).toHaveLength(2);
  });

  it('is told in searches, exports and proofs, which still come', async () => {
    const { records } = await stand.reader.search({ organizationId, action: 'prediction', limit: 100 });
    expect(records.filter((record) => record.expired).length).toBe(15);
    const { body } = await call(auditor, 'POST', 'exports', {
      format: 'jsonl',
      filter: { action: 'prediction.served' },
    });
    let state = '';
    while (!['done', 'failed'].includes(state))
      state = (await call(auditor, 'GET', `exports/${body.id}`)).body.state ?? 'failed';
    const tar = Buffer.from(
      await (await stand.call(auditor, 'GET', `exports/${body.id}/content`)).arrayBuffer(),
    ).toString();
    expect(tar.match(/"expired":true/g)).toHaveLength(15);
  });

  it('gets no permit for what is too young, whatever a row says', async () => {
    const { client } = stand.test.database;
    await client.$executeRaw`UPDATE "AuditEntry" SET "occurredAt" = ${longAgo} WHERE action = 'prediction.served' AND event <> '' AND index > 22`;
    await expect(runner().execute((await begun()).id)).rejects.toMatchObject({ code: 'expiry_refused' });
    expect(await expired()).toHaveLength(15);
  });
});

describe('the row of an alarm', () => {
  it('goes with its leaf, and no other with it', async () => {
    const { client } = stand.test.database;
    const alarm = async (id: string) => {
      const raised = about('alarm.raised', id);
      const eventId = await stand.log.appendDurably(raised);
      const row = { organizationId, rule: 'downloads', subjectKey: id, window: 1n, evidence: {}, eventId };
      await client.alarm.create({ data: { id, ...row } });
      return eventId;
    };
    const [old, young] = [randomUUID(), randomUUID()];
    const oldEvent = await alarm(old);
    await alarm(young);
    await settled();
    const { index } = await client.auditEntry.findUniqueOrThrow({ where: { eventId: oldEvent } });
    await stand.test.database.transaction((tx) => expireAlarms(tx, [Number(index)]));
    const left = await client.alarm.findMany({ where: { id: { in: [old, young] } }, select: { id: true } });
    expect(left).toEqual([{ id: young }]);
  });
});
