import { CastellanError } from '@castellan/errors';
import type { DatasetDeclaration, Pipeline, TaskSummary } from '@castellan/contracts';
import { KeybrokerClient } from '@castellan/keybroker-client';
import { CreateModel, ModelStore } from '@castellan/registry';
import { AskQuestion } from '../asking/ask-question.js';
import { AnswerWatch } from '../asking/answer-watch.js';
import { ConfirmClassification } from '../classification/confirm-classification.js';
import type { DatasetRow } from '../dataset/dataset-store.js';
import { RenewData } from '../dataset/renew-data.js';
import { CheckRaise } from '../ledger/raise-budget.js';
import { CheckReidentification } from '../masking/check-reidentification.js';
import { RequestSynthesis } from '../synthesis/request-synthesis.js';
import { RequestTask } from '../task/request-task.js';
import type { TaskRow } from '../task/task-store.js';
import { PrivacyFloor } from '../testing/privacy-floor.js';
import { ReaderRole } from '../testing/reader-role.js';
import { TaskFloor } from '../testing/task-floor.js';
import { RequestTraining } from '../training/request-training.js';
import { PipelineActor } from './pipeline-actor.js';
import { PipelineSteps } from './pipeline-steps.js';
import { RunPipeline } from './run-pipeline.js';

const declaration: DatasetDeclaration = {
  columns: [
    { name: 'person', type: 'id' },
    { name: 'town', type: 'category', values: ['east', 'west'] },
    { name: 'cost', type: 'number', lower: 0, upper: 100, decimals: 0 },
  ],
  privacyUnit: 'person',
  neighbours: 'add_remove_unit',
  maxGroupsPerUnit: 1,
  maxRowsPerGroup: 1,
  purpose: 'test',
};
const csv = ['person,town,cost']
  .concat(Array.from({ length: 400 }, (_, i) => `p${i},${i % 2 === 0 ? 'east' : 'west'},${i % 100}`))
  .join('\n');
const document: Pipeline = {
  kind: 'pipeline',
  name: 'monthly',
  version: 1,
  purpose: 'The monthly figures.',
  steps: [
    { step: 'classify' },
    { step: 'measure', sql: 'SELECT town, COUNT(*) FROM visits GROUP BY town', epsilon: '1' },
    { step: 'synthesize', bins: 4, rowsPerUnit: 1, epsilon: '0.5' },
  ],
};

describe('a pipeline', () => {
  let floor: PrivacyFloor;
  let work: TaskFloor;
  let dataset: DatasetRow;
  /** What the broker finds: by default, that the very text of the row was signed. */
  let signed: (task: TaskRow) => { allowed: boolean; request: string };

  beforeEach(async () => {
    floor = await PrivacyFloor.open();
    work = new TaskFloor(floor);
    signed = ({ digest }) => ({ allowed: true, request: digest });
    dataset = await floor.sealedDataset('visits', '4', csv, declaration);
    const roles = ['steward', 'analyst', 'author'].map((role) => ({ role, personId: floor.actor.personId }));
    await floor.database.client.roleBinding.createMany({ data: roles });
  });
  afterEach(() => floor[Symbol.asyncDispose]());

  function runner(): RunPipeline {
    const { database, charges, runs, requests, audit } = floor;
    const check = new CheckRaise(floor.limits);
    const tasks = new RequestTask(
      database,
      work.tasks,
      work.requests,
      check,
      new CheckReidentification(work.tasks),
      audit,
    );
    const steps = new PipelineSteps(
      tasks,
      new AskQuestion(charges, requests, new AnswerWatch(floor.ledger)),
      new RequestSynthesis(charges, runs, requests),
      new RequestTraining(
        floor.judge,
        charges,
        runs,
        requests,
        new CreateModel(database, new ModelStore(database), audit),
      ),
      work.tasks,
      runs,
    );
    const keybroker = new KeybrokerClient(async (_method, _path, body) => {
      const task = await work.tasks.byId((body as { taskId: string }).taskId);
      if (task === null) throw new Error('no such task');
      const { allowed, request } = signed(task);
      return {
        allowed,
        request,
        reasons: allowed ? [] : [{ code: 'quorum_not_met', detail: '1 more person must sign.' }],
        approvals: [],
      };
    });
    return new RunPipeline(database, work.tasks, steps, new PipelineActor(database), keybroker, audit);
  }

  const queued = async (body: Pipeline = document) => {
    const task = await work.request(dataset, body);
    expect(task.state).toBe('waiting');
    return again(task);
  };
  const again = async (task: TaskRow) => {
    await work.tasks.move(floor.database.client, task.id, ['waiting'], { state: 'queued', failure: null });
    return task;
  };
  /** Runs it as jobs do, and what its steps ask for beside it. */
  const run = async (task: TaskRow, signal = new AbortController().signal) => {
    const running = runner().execute(task.id, signal);
    const ended = running.then(() => true).catch(() => true);
    while (!(await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 50, false))])))
      for (const id of work.requests.asked.splice(0)) await work.runTask.execute(id);
    await running;
    return work.now(task);
  };
  const stepsOf = (task: TaskRow) => (task.summary as Extract<TaskSummary, { kind: 'pipeline' }>).steps;

  it('carries out its steps in order, each charged and recorded as by itself, and says what came of them', async () => {
    const done = await run(await queued());
    expect(done).toMatchObject({ state: 'done', progress: 100, failure: null });
    expect(stepsOf(done).map(({ step, state }) => [step, state])).toEqual([
      ['classify', 'done'],
      ['measure', 'done'],
      ['synthesize', 'done'],
    ]);
    expect(await floor.budget(dataset)).toMatchObject({ spent: '1.5', reserved: '0' });
    expect(await floor.ledger.entry(stepsOf(done)[1]?.id ?? '')).toMatchObject({ state: 'committed' });
    const recorded = await floor.recorded(dataset);
    expect(recorded.filter((action) => action === 'dataset.pipeline-step')).toHaveLength(3);
    expect(recorded.at(-1)).toBe('dataset.pipeline-done');
    // What a person asks for afterwards is the same question, and free.
    const { sql, epsilon } = document.steps[1] as { sql: string; epsilon: string };
    expect(await floor.ask(dataset, sql, epsilon)).toMatchObject({ charged: '0' });
  });

  it('does nothing unsigned, nor for another text than was signed', async () => {
    signed = ({ digest }) => ({ allowed: false, request: digest });
    expect(await run(await queued())).toMatchObject({ state: 'waiting', failure: 'approvals_missing' });
    signed = () => ({ allowed: true, request: 'f'.repeat(64) });
    const other = await run(await queued({ ...document, version: 2 }));
    expect(other).toMatchObject({ state: 'failed', failure: 'unexpected' });
    // Somebody who writes to the database puts a dearer step into a signed text.
    signed = ({ digest }) => ({ allowed: true, request: digest });
    const cheap = await queued({ ...document, version: 3 });
    const request = cheap.request.replace('"epsilon":"1"', '"epsilon":"3"');
    expect(request).not.toBe(cheap.request);
    await floor.database.client.datasetTask.update({ where: { id: cheap.id }, data: { request } });
    expect(await run(cheap)).toMatchObject({ state: 'failed' });
    expect(await floor.budget(dataset)).toMatchObject({ spent: '0', reserved: '0' });
  });

  it('goes on where a process died, and charges nothing twice', async () => {
    const task = await queued();
    const stop = new AbortController();
    stop.abort();
    // Dies at its first pause: the classification has been asked for and not made.
    await expect(runner().execute(task.id, stop.signal)).rejects.toThrow();
    const died = await work.now(task);
    expect(stepsOf(died)[0]).toMatchObject({ step: 'classify', id: expect.any(String) as string });
    expect(await run(task)).toMatchObject({ state: 'done' });
    // And once more, as a queue may deliver twice.
    await runner().execute(task.id, new AbortController().signal);
    expect(await floor.budget(dataset)).toMatchObject({ spent: '1.5' });
    const classified = (await floor.recorded(dataset)).filter((action) => action === 'dataset.classified');
    expect(classified).toHaveLength(1);
  });

  it('ends where it is cancelled, and begins no further step', async () => {
    const task = await queued();
    const running = runner().execute(task.id, new AbortController().signal);
    while (work.requests.asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    await work.cancel(task);
    await running;
    expect(await work.now(task)).toMatchObject({ state: 'cancelled' });
    expect(await floor.budget(dataset)).toMatchObject({ spent: '0', reserved: '0' });
  });

  it('waits where a step has to be signed by itself, and goes on from there', async () => {
    const confirm = new ConfirmClassification(floor.database, floor.datasets, floor.audit);
    const columns = declaration.columns.map(({ name }) => ({ name, kinds: [] }));
    dataset = await confirm.execute(floor.actor, dataset, { columns });
    const mask = {
      step: 'mask' as const,
      purpose: 'Research.',
      columns: [
        { name: 'person', mask: { operator: 'token' as const } },
        { name: 'town', mask: { operator: 'keep' as const }, role: 'quasi_identifier' as const },
        { name: 'cost', mask: { operator: 'drop' as const } },
      ],
      gates: { k: 5, suppressAtMost: 0 },
    };
    const task = await queued({ ...document, steps: [mask, ...document.steps.slice(1)] });
    const waiting = await run(task);
    expect(waiting).toMatchObject({ state: 'waiting', failure: 'step_unsigned' });
    const id = stepsOf(waiting)[0]?.id ?? '';
    expect(waiting.failureDetail).toContain(id);
    expect(await floor.budget(dataset)).toMatchObject({ spent: '0' });
    await work.tasks.move(floor.database.client, id, ['waiting'], { state: 'queued' });
    await work.runTask.execute(id);
    expect(await run(await again(task))).toMatchObject({ state: 'done' });
    expect(await floor.budget(dataset)).toMatchObject({ spent: '1.5' });
  });

  it('stops where the budget or the rights of whoever asked end', async () => {
    const steps = [
      ...document.steps,
      { step: 'measure' as const, sql: 'SELECT COUNT(*) FROM visits', epsilon: '3' },
    ];
    const spent = await run(await queued({ ...document, steps: steps.slice(1) }));
    expect(spent).toMatchObject({ state: 'refused', failure: 'budget_exhausted' });
    expect(stepsOf(spent).map(({ state }) => state)).toEqual(['done', 'done', 'open']);
    await floor.database.client.roleBinding.deleteMany({ where: { role: 'analyst' } });
    const left = await run(await queued({ ...document, version: 2 }));
    expect(left).toMatchObject({ state: 'refused', failure: 'not_permitted' });
  });

  it('does nothing to other data than were signed for', async () => {
    await using reader = await ReaderRole.on(floor.test.url, 'clinic', 'visits');
    await reader.admin.query(
      `CREATE SCHEMA clinic; CREATE TABLE clinic.visits (person text, town text, cost int)`,
    );
    await reader.admin.query(`GRANT USAGE ON SCHEMA clinic TO ${reader.user}`);
    await reader.admin.query(`GRANT SELECT ON clinic.visits TO ${reader.user}`);
    floor.listed.databases = [reader.address];
    const there = await floor.declare('there', '4', { ...declaration, source: reader.source });
    dataset = await floor.seal(there, reader.login);
    const [, measure] = document.steps;
    const sql = 'SELECT COUNT(*) FROM there';
    const steps = [{ ...(measure as { step: 'measure'; epsilon: string }), sql }];
    const task = await queued({ ...document, steps });
    await new RenewData(floor.database, floor.datasets, floor.audit).execute(floor.actor, dataset);
    expect(await run(task)).toMatchObject({ state: 'refused', failure: 'data_version_moved' });
    expect(await floor.budget(dataset)).toMatchObject({ spent: '0', reserved: '0' });
  });

  it('refuses, before anybody signs, what can’t go through and what is not the next version', async () => {
    const refused = async (change: Partial<Pipeline>): Promise<unknown> =>
      work
        .request(dataset, { ...document, ...change })
        .catch((error: unknown) => (error as CastellanError).code);
    expect(await refused({ version: 2 })).toBe('pipeline_refused');
    expect(await refused({ steps: [{ step: 'measure', sql: 'SELECT * FROM visits', epsilon: '1' }] })).toBe(
      'question_refused',
    );
    expect(
      await refused({ steps: [{ step: 'measure', sql: 'SELECT COUNT(*) FROM visits', epsilon: '1e-400' }] }),
    ).toMatch(/^epsilon_/);
    expect(await refused({ steps: [{ step: 'synthesize', bins: 4, rowsPerUnit: 9, epsilon: '1' }] })).toBe(
      'question_refused',
    );
    await work.request(dataset, document);
    expect(await refused({})).toBe('pipeline_refused');
  });
});
