import { actorOf, type Actor } from '@castellan/access';
import { AuditReader } from '@castellan/audit';
import type { BudgetLowering, BudgetRaise, BudgetShare, GrantedRaise, SubLimits } from '@castellan/contracts';
import { KeybrokerClient } from '@castellan/keybroker-client';
import { prepareQuestion } from '../asking/prepare-question.js';
import { readDocument } from '../dataset/dataset-document.js';
import type { DatasetRow } from '../dataset/dataset-store.js';
import { privacyRules } from '../privacy-rules.js';
import { PrivacyFloor } from '../testing/privacy-floor.js';
import { TaskFloor } from '../testing/task-floor.js';
import { wagePanelCsv, wagePanelDeclaration } from '../testing/wage-panel.js';
import type { Admission } from './admit-charge.js';
import { chargeOf } from './pico-epsilon.js';
import { RaiseBudget } from './raise-budget.js';
import { ShowDenials } from './show-denials.js';

let floor: PrivacyFloor;
beforeAll(async () => {
  floor = await PrivacyFloor.open();
  const { organizationId } = floor.actor;
  await floor.database.client.project.create({ data: { organizationId, name: 'pricing' } });
});
afterAll(() => floor[Symbol.asyncDispose]());
beforeEach(() => void floor.raises.granted.splice(0));

let names = 0;
const declared = (limit: string, subLimits?: SubLimits, delta?: string) =>
  floor.declare(`wages-${(names += 1)}`, limit, wagePanelDeclaration, delta, subLimits);

let asked = 0;
function charge(dataset: DatasetRow, epsilon: string, by: Actor = floor.actor, project?: string) {
  const question = `question ${(asked += 1)}`;
  const cost = { costPico: chargeOf(epsilon), costAtto: 0n };
  const about = { dataset, known: readDocument(dataset), question, questionDigest: question, project };
  return floor.charges.execute(by, { ...about, ...cost });
}

const exhausted = (detail: RegExp) => ({
  code: 'budget_exhausted',
  publicDetail: expect.stringMatching(detail),
});

async function colleague(name: string): Promise<Actor> {
  const { organizationId } = floor.actor;
  const person = await floor.database.client.person.create({
    data: { organizationId, name, displayName: name },
  });
  return { ...floor.actor, personId: person.id, name };
}

describe('a limit for each person', () => {
  it('is looked at again by jobs before any row is read, whoever wrote the reservation', async () => {
    const within = await declared('4', { person: { epsilon: '1' } });
    const dataset = await floor.seal(within, await wagePanelCsv());
    const cost = { costPico: chargeOf('2'), costAtto: 0n };
    const { digest, text } = await prepareQuestion(dataset, `SELECT COUNT(*) FROM "${dataset.name}"`, cost);
    const { personId } = floor.actor;
    const entry = await floor.database.transaction((tx) =>
      floor.ledger.reserve(tx, {
        ...{ datasetId: dataset.id, personId, projectId: floor.projectId, parts: [] },
        ...{ questionDigest: digest, question: text, ...cost },
      }),
    );
    await floor.requests.measure(entry?.id ?? '');
    expect(await floor.ledger.entry(entry?.id ?? '')).toMatchObject({
      state: 'refunded',
      failure: 'share_exhausted',
      startedAt: null,
    });
    expect(await floor.budget(dataset)).toMatchObject({ spent: '0', reserved: '0' });
  });

  it('is hers alone, holds beside the dataset’s, and leaves nothing charged when it does not hold', async () => {
    const dataset = await declared('2.5', { person: { epsilon: '1' } });
    const [eve, mia] = [await colleague('eve'), await colleague('mia')];
    await charge(dataset, '0.6');
    await expect(charge(dataset, '0.5')).rejects.toMatchObject(exhausted(/person "ada" .* has 0.4 left/));
    await charge(dataset, '0.4');
    await charge(dataset, '1', eve);
    await expect(charge(dataset, '0.6', mia)).rejects.toMatchObject(exhausted(/the budget of .* has 0.5/));
    await charge(dataset, '0.5', mia);
    const { remaining, shares } = await floor.budget(dataset);
    expect(remaining).toBe('0');
    expect(shares).toEqual([
      { share: { kind: 'person', name: 'ada' }, limit: '1', used: '1', remaining: '0' },
      { share: { kind: 'person', name: 'eve' }, limit: '1', used: '1', remaining: '0' },
      { share: { kind: 'person', name: 'mia' }, limit: '1', used: '0.5', remaining: '0.5' },
    ]);
  });

  it('is not got round by asking at the same time', async () => {
    const dataset = await declared('9', { person: { epsilon: '1' } });
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => charge(dataset, '0.25')));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(4);
    expect((await floor.budget(dataset)).reserved).toBe('1');
  });

  it.each(['0', '1e3', '-1'])('can not be declared as %j', async (epsilon) => {
    await expect(declared('1', { person: { epsilon } })).rejects.toMatchObject({
      code: 'declaration_invalid',
    });
  });
});

describe('a limit for each project', () => {
  it('counts what was asked on its behalf, by analysts of it only', async () => {
    const dataset = await declared('3', { project: { epsilon: '1' } });
    await charge(dataset, '1', floor.actor, 'pricing');
    await expect(charge(dataset, '0.1', floor.actor, 'pricing')).rejects.toMatchObject(
      exhausted(/project "pricing" may spend/),
    );
    await charge(dataset, '0.5');
    const scoped = actorOf(
      { ...floor.actor, roles: [{ role: 'analyst', projectId: floor.projectId }], deployments: [] },
      [privacyRules],
    );
    await expect(charge(dataset, '0.1', scoped, 'pricing')).rejects.toMatchObject({ code: 'not_permitted' });
    await expect(charge(dataset, '0.1', floor.actor, 'nowhere')).rejects.toMatchObject({
      code: 'project_unknown',
    });
    expect((await floor.budget(dataset)).entries.map(({ project }) => project)).toEqual([
      'default',
      'pricing',
    ]);
  });
});

describe('a charge that no limit held', () => {
  it('is listed from the log, with whose limit it was', async () => {
    const dataset = await declared('1', { person: { epsilon: '0.5' } });
    await expect(charge(dataset, '0.7')).rejects.toMatchObject({ code: 'budget_exhausted' });
    const events = await floor.database.client.auditOutbox.findMany({ orderBy: { id: 'desc' }, take: 1 });
    const event = events[0]?.event ?? '';
    const { id, time, action, decision } = JSON.parse(event);
    expect({ action, decision }).toEqual({ action: 'privacy.refused', decision: 'deny' });
    // What the sequencer makes of it.
    const leaf = {
      index: 0n,
      eventId: id,
      event,
      leafHash: Buffer.alloc(32),
      occurredAt: time,
      action,
      decision,
    };
    await floor.database.client.auditEntry.create({ data: { ...leaf, resourceId: dataset.id } });
    const denials = new ShowDenials(new AuditReader(floor.database));
    expect((await denials.execute(dataset)).denials).toMatchObject([
      { person: 'ada', epsilon: '0.7', share: { kind: 'person', name: 'ada' }, remaining: '0.5' },
    ]);
    expect((await denials.execute(await declared('1'))).denials).toEqual([]);
  });
});

describe('changing a limit', () => {
  const raise = (epsilonLimit: string, share: BudgetShare = { kind: 'dataset' }): BudgetRaise => ({
    kind: 'budget',
    purpose: 'A second year of questions.',
    share,
    epsilonLimit,
  });
  /** A broker that has judged the signatures: what it grants, it keeps. */
  function broker(grants: boolean): KeybrokerClient {
    return new KeybrokerClient(async (_method, path, body) => {
      if (path === '/v1/budgets/raises') return { raises: floor.raises.granted };
      if (!grants) throw new Error('not signed');
      const { taskId } = body as { taskId: string };
      const task = await floor.database.client.datasetTask.findUniqueOrThrow({ where: { id: taskId } });
      const { kind, share, epsilonLimit } = JSON.parse(task.request) as BudgetRaise | BudgetLowering;
      const granted: GrantedRaise = {
        request: task.digest,
        share,
        epsilonLimit,
        ...(kind === 'lower' ? { lowers: true as const } : {}),
        approvals: ['ab'.repeat(32), 'cd'.repeat(32)],
        grantedAt: new Date().toISOString(),
      };
      floor.raises.granted.push(granted);
      return granted;
    });
  }
  async function sealed(limit: string, subLimits?: SubLimits) {
    const dataset = await declared(limit, subLimits);
    return floor.seal(dataset, 'person_id,year,region,occupation,amount\n1,1980,south,1,5\n');
  }
  const apply = async (dataset: DatasetRow, body: BudgetRaise | BudgetLowering, grants = true) => {
    const work = new TaskFloor(floor);
    const task = await work.request(dataset, body);
    expect(task.state).toBe('waiting');
    const { database, ledger, audit } = floor;
    return new RaiseBudget(database, work.tasks, broker(grants), ledger, audit).execute(floor.actor, task);
  };

  it('lets more be asked; what was spent stays spent', async () => {
    const dataset = await sealed('1');
    await charge(dataset, '1');
    await expect(charge(dataset, '0.5')).rejects.toMatchObject({ code: 'budget_exhausted' });
    expect(await apply(dataset, raise('2'))).toMatchObject({ state: 'done' });
    expect(await floor.budget(dataset)).toMatchObject({ limit: '2', reserved: '1', remaining: '1' });
    expect((await charge(dataset, '1')).outcome).toBe('reserved');
    await expect(charge(dataset, '0.1')).rejects.toMatchObject({ code: 'budget_exhausted' });
    expect(await floor.recorded(dataset)).toContain('privacy.budget-raised');
  });

  it('of one person’s limit raises nobody else’s', async () => {
    const dataset = await sealed('3', { person: { epsilon: '1' } });
    await apply(dataset, raise('2', { kind: 'person', name: 'ada' }));
    const lea = await colleague('lea');
    await charge(dataset, '1.5');
    await expect(charge(dataset, '1.1', lea)).rejects.toMatchObject({ code: 'budget_exhausted' });
    expect(await floor.budget(dataset)).toMatchObject({ limit: '3' });
  });

  it('changes nothing without the broker’s word, not even by a row that says it was done', async () => {
    const dataset = await sealed('1');
    await expect(apply(dataset, raise('5'), false)).rejects.toThrow('not signed');
    const { client } = floor.database;
    await client.datasetTask.updateMany({ where: { datasetId: dataset.id }, data: { state: 'done' } });
    await client.privacyBudget.update({
      where: { datasetId: dataset.id },
      data: { limitPico: 5n * 10n ** 12n },
    });
    await expect(charge(dataset, '0.1')).rejects.toMatchObject({ code: 'ledger_inconsistent' });
  });

  it.each<[string, BudgetRaise, SubLimits | undefined]>([
    ['lowers it', raise('0.5'), undefined],
    ['leaves it', raise('1'), undefined],
    ['is of a limit that nobody set', raise('2', { kind: 'person', name: 'ada' }), undefined],
    [
      'is of another kind of limit',
      raise('2', { kind: 'project', name: 'pricing' }),
      { person: { epsilon: '1' } },
    ],
  ])('is refused before anybody signs when it %s', async (_, body, subLimits) => {
    const dataset = await sealed('1', subLimits);
    await expect(new TaskFloor(floor).request(dataset, body)).rejects.toMatchObject({
      code: 'raise_refused',
    });
  });

  const lower = (epsilonLimit: string, share: BudgetShare = { kind: 'dataset' }): BudgetLowering => ({
    ...{ kind: 'lower', purpose: 'The study has ended.', share, epsilonLimit },
  });

  it('is undone by lowering it, at once and as far as what is spent', async () => {
    const dataset = await sealed('4');
    await apply(dataset, raise('9'));
    await charge(dataset, '1');
    expect(await apply(dataset, lower('1.5'))).toMatchObject({ state: 'done', summary: { kind: 'lower' } });
    expect(await floor.budget(dataset)).toMatchObject({ limit: '1.5', remaining: '0.5' });
    await expect(charge(dataset, '0.6')).rejects.toMatchObject({ code: 'budget_exhausted' });
    await apply(dataset, lower('0.2'));
    expect(await floor.budget(dataset)).toMatchObject({ limit: '0.2', reserved: '1', remaining: '0' });
    await expect(charge(dataset, '0.1')).rejects.toMatchObject({ code: 'budget_exhausted' });
    expect(await floor.recorded(dataset)).toContain('privacy.budget-lowered');
    await apply(dataset, raise('2'));
    expect((await charge(dataset, '1')).outcome).toBe('reserved');
  });

  it('of one person lowers nobody else’s', async () => {
    const dataset = await sealed('3', { person: { epsilon: '1' } });
    await apply(dataset, lower('0.5', { kind: 'person', name: 'ada' }));
    await expect(charge(dataset, '0.6')).rejects.toMatchObject(exhausted(/person "ada" .* has 0.5 left/));
    await charge(dataset, '1', await colleague('noa'));
  });

  it('holds whatever the rows say of a lowering', async () => {
    const dataset = await sealed('4');
    await apply(dataset, lower('1'));
    const { client } = floor.database;
    await client.datasetTask.deleteMany({ where: { datasetId: dataset.id } });
    const where = { datasetId: dataset.id };
    await client.privacyBudget.update({ where, data: { limitPico: 4n * 10n ** 12n } });
    await expect(charge(dataset, '2')).rejects.toMatchObject({ code: 'budget_exhausted' });
    await client.privacyBudget.update({ where, data: { limitPico: 5n * 10n ** 12n } });
    await expect(charge(dataset, '0.1')).rejects.toMatchObject({ code: 'ledger_inconsistent' });
  });

  it('starts no engine on what was reserved before it was lowered: that is refunded', async () => {
    const dataset = await floor.seal(await declared('4'), await wagePanelCsv());
    floor.requests.lost = true;
    const asked = floor
      .ask(dataset, `SELECT COUNT(*) FROM "${dataset.name}"`, '2')
      .catch((error: unknown) => error);
    let entry = null;
    while (entry === null)
      entry = await floor.database.client.privacyLedgerEntry.findFirst({ where: { datasetId: dataset.id } });
    floor.requests.lost = false;
    await apply(dataset, lower('1'));
    await floor.requests.measure(entry.id);
    expect(await floor.ledger.entry(entry.id)).toMatchObject({
      ...{ state: 'refunded', failure: 'limit_lowered', startedAt: null },
    });
    expect(await asked).toMatchObject({ code: 'budget_exhausted', meta: { failure: 'limit_lowered' } });
    await expect(floor.ask(dataset, `SELECT COUNT(*) FROM "${dataset.name}"`, '2')).rejects.toMatchObject({
      code: 'budget_exhausted',
    });
  });

  it.each([
    ['raises', lower('5')],
    ['leaves', lower('4')],
  ])('is no lowering when it %s the limit', async (_, body) => {
    await expect(new TaskFloor(floor).request(await sealed('4'), body)).rejects.toMatchObject({
      code: 'raise_refused',
    });
  });

  it('is not done twice', async () => {
    const dataset = await sealed('1');
    const task = await apply(dataset, raise('2'));
    const { database, ledger, audit } = floor;
    const again = new RaiseBudget(database, new TaskFloor(floor).tasks, broker(true), ledger, audit);
    await expect(again.execute(floor.actor, task)).rejects.toMatchObject({ code: 'task_settled' });
  });
});

it('admits as before where nothing is limited', async () => {
  const admission: Admission = await charge(await declared('1'), '1');
  expect(admission.outcome).toBe('reserved');
});
