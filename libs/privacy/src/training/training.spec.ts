import { TrainingRequest } from '@castellan/contracts';
import { kerasEngine } from '@castellan/keras';
import { PrivacyFloor } from '../testing/privacy-floor.js';
import { wagePanelCsv, wagePanelDeclaration } from '../testing/wage-panel.js';
import { parseDeclaration } from '../declaration/protected-table.js';
import { featureTable, rowReader, scalingOf } from './feature-table.js';

const wanted = (part: Partial<TrainingRequest> = {}) =>
  TrainingRequest.parse({
    label: 'region',
    features: ['occupation', 'amount'],
    model: 'regions',
    hidden: [4],
    steps: 5,
    samplingRate: '0.2',
    epsilon: '2',
    delta: '1e-6',
    ...part,
  });

/** Finding the noise takes long under Jest, and once. */
const PATIENT_MS = 120_000;

describe('the rows that a model is trained on', () => {
  const table = parseDeclaration('wages', wagePanelDeclaration);
  const features = featureTable(table, 'amount', ['region', 'year']);
  const names = table.columns.map(({ name }) => name);

  it('are one-hot categories and numbers between their bounds, by the declaration alone', () => {
    expect([features.inputs, features.outputs, features.loss]).toEqual([12, 1, 'squared']);
    const row = rowReader(features, names)(['7', '1981', 'south', '3', '37500']);
    expect([...(row?.features ?? [])]).toEqual([0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    expect([...(row?.label ?? [])]).toEqual([0.5]);
    expect(scalingOf(features).output).toEqual({ offset: 25_000, factor: 25_000 });
  });

  it('clamp what lies outside, leave out what has no label, and take a missing feature for nothing', () => {
    const read = rowReader(features, names);
    expect([...(read(['7', '', 'atlantis', '3', '1e9'])?.label ?? [])]).toEqual([1]);
    expect(read(['7', '', 'atlantis', '3', '1e9'])?.features.every((value) => value === 0)).toBe(true);
    for (const none of ['', 'NaN', 'x']) expect(read(['7', '1981', 'south', '3', none])).toBeUndefined();
  });
});

describe('training a model on a protected dataset', () => {
  let floor: PrivacyFloor;
  beforeEach(async () => {
    floor = await PrivacyFloor.open();
    const { organizationId } = floor.actor;
    await floor.database.client.model.create({
      data: { organizationId, projectId: floor.projectId, name: 'regions', description: '' },
    });
  });
  afterEach(() => floor[Symbol.asyncDispose]());

  const wages = async (epsilon = '10', delta = '1e-5') =>
    floor.seal(await floor.declare('wages', epsilon, undefined, delta), await wagePanelCsv());

  it(
    'is charged epsilon and delta together, and gives a version with its card that the engine serves',
    async () => {
      const dataset = await wages();
      const { entryId } = await floor.train(dataset, wanted());
      await floor.settled();
      const shown = await floor.showTraining.show(dataset, await floor.showTraining.find(dataset, entryId));
      expect(shown).toMatchObject({
        state: 'done',
        epsilon: '2',
        delta: '1e-6',
        version: { ref: 'regions@1' },
      });
      expect(shown.points.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5]);
      expect(shown.points.every(({ loss }) => loss === undefined)).toBe(true);
      expect(await floor.budget(dataset)).toMatchObject({
        spent: '2',
        reserved: '0',
        delta: { spent: '1e-6', reserved: '0' },
      });
      const [published] = floor.versions.published;
      expect(published).toMatchObject({ author: { personId: floor.actor.personId }, model: 'regions' });
      const files = published?.files ?? new Map<string, Uint8Array>();
      const card = JSON.parse(Buffer.from(files.get('privacy-card.json') ?? []).toString('utf8'));
      expect(card).toMatchObject({
        epsilon: '2',
        delta: '1e-6',
        unit: 'person_id',
        steps: 5,
        parameters: 10 * 4 + 4 + 4 * 4 + 4,
        outputs: 'northeast; north_central; south; west',
      });
      expect(card.accountedEpsilon).toBeLessThanOrEqual(2);
      const model = await kerasEngine.load(
        new Map([['model.h5', files.get('model.h5') ?? new Uint8Array()]]),
      );
      const input = {
        name: 'features',
        datatype: 'FP32',
        shape: [1, 10],
        data: new Float32Array(10),
      } as const;
      const [answer] = await model.run([input]);
      expect([...(answer?.data as Float32Array)].reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5);
      await model.dispose();
      expect(await floor.recorded(dataset)).toEqual([
        'dataset.declared',
        'dataset.sealed',
        'privacy.reserved',
        'privacy.started',
        'privacy.released',
      ]);
    },
    PATIENT_MS,
  );

  it('tells progress on a synthetic table that was paid for, and is trained once for the same request', async () => {
    const dataset = await wages();
    const synthesis = await floor.synthesize(dataset, { epsilon: '1' });
    await floor.settled();
    const request = wanted({ evaluateOn: synthesis.entryId });
    const { entryId } = await floor.train(dataset, request);
    await floor.settled();
    const shown = await floor.showTraining.show(dataset, await floor.showTraining.find(dataset, entryId));
    expect(shown.points.at(-1)).toMatchObject({ loss: expect.any(Number), accuracy: expect.any(Number) });
    expect((await floor.train(dataset, request)).entryId).toBe(entryId);
    expect(await floor.budget(dataset)).toMatchObject({ spent: '3' });
    expect(floor.versions.published).toHaveLength(1);
  });

  it('tells price and noise before anything is paid', async () => {
    const dataset = await wages();
    const price = await floor.priceTraining(dataset, wanted());
    expect(price).toMatchObject({
      epsilon: '2',
      delta: '1e-6',
      remaining: '10',
      remainingDelta: '1e-5',
      free: false,
    });
    expect(price.accounted).toBeLessThanOrEqual(2);
    expect(price.accounted).toBeGreaterThan(1.9);
    expect(price.accountedByRenyi).toBeGreaterThan(price.accounted);
    expect(price.noise).toBeGreaterThan(0.5);
    expect(floor.keys.opened).toBe(0);
  });

  it('costs half the square of its epsilon where losses are added up in rho, with noise for that epsilon', async () => {
    const inRho = { ...wagePanelDeclaration, accounting: 'zcdp' } as const;
    const declared = await floor.declare('wages', '10', inRho, '1e-5');
    const dataset = await floor.seal(declared, await wagePanelCsv());
    const price = await floor.priceTraining(dataset, wanted());
    expect(price).toMatchObject({ rho: '2', delta: '1e-6', remaining: '10' });
    expect(price.accounted).toBeLessThanOrEqual(2);
    expect(price.accounted).toBeGreaterThan(1.9);
  });

  it('stays charged when it is cancelled after its start, and is refunded before', async () => {
    const dataset = await wages();
    floor.trainings.lost = true;
    const waiting = await floor.train(dataset, wanted({ l1: 0.1 }));
    await floor.cancelTraining(dataset, waiting);
    expect(await floor.budget(dataset)).toMatchObject({ spent: '0', reserved: '0', delta: { spent: '0' } });
    floor.trainings.lost = false;
    floor.trainings.stopping.abort();
    await floor.train(dataset, wanted({ l2: 0.1 }));
    await floor.settled();
    const [last] = await floor.showTraining.list(dataset);
    expect(last).toMatchObject({ state: 'failed', failure: 'cancelled' });
    expect(await floor.budget(dataset)).toMatchObject({ spent: '2', delta: { spent: '1e-6' } });
    expect(floor.versions.published).toHaveLength(0);
    expect(await floor.recorded(dataset)).toEqual(
      expect.arrayContaining([
        'privacy.training-cancelled',
        'privacy.refunded',
        'privacy.charged-without-answer',
      ]),
    );
  });

  it('of a process that died is charged as started; one that shows life is left alone', async () => {
    const dataset = await wages();
    floor.trainings.lost = true;
    const { entryId } = await floor.train(dataset, wanted());
    await floor.database.client.privacyLedgerEntry.update({
      where: { id: entryId },
      data: { startedAt: new Date(Date.now() - 600_000) },
    });
    await floor.runs.beat(entryId, []);
    await floor.settle(60_000);
    expect((await floor.showTraining.list(dataset))[0]).toMatchObject({ state: 'running' });
    await floor.database.client.privacyRun.update({
      where: { entryId },
      data: { heartbeatAt: new Date(Date.now() - 300_000) },
    });
    await floor.settle(60_000);
    expect((await floor.showTraining.list(dataset))[0]).toMatchObject({
      state: 'failed',
      failure: 'engine_lost',
    });
    expect(await floor.budget(dataset)).toMatchObject({ spent: '2' });
  });

  it.each([
    [{ label: 'person_id' }, 'question_refused'],
    [{ features: ['salary'] }, 'question_refused'],
    [{ rowsPerUnit: 9 }, 'question_refused'],
    [{ hidden: [1024, 1024] }, 'question_refused'],
    [{ epsilon: '50' }, 'question_refused'],
    [{ delta: '1e-12' }, 'question_refused'],
    [{ delta: '0' }, 'delta_out_of_range'],
    [{ evaluateOn: '018f0000-0000-7000-8000-000000000000' }, 'synthesis_unknown'],
  ])('is refused for %j with %s', async (part, code) => {
    const dataset = await wages();
    await expect(floor.train(dataset, wanted(part))).rejects.toMatchObject({ code });
    expect(await floor.budget(dataset)).toMatchObject({ spent: '0', reserved: '0' });
  });

  it.each([
    ['1', '1e-5'],
    ['10', '1e-7'],
  ])('is refused when the budget of ε %s and δ %s does not hold it', async (epsilon, delta) => {
    const dataset = await wages(epsilon, delta);
    await expect(floor.train(dataset, wanted())).rejects.toMatchObject({ code: 'budget_exhausted' });
    expect(await floor.budget(dataset)).toMatchObject({ spent: '0', reserved: '0', delta: { spent: '0' } });
  });

  it('opens a new model with the charge, once, and none where it is refused', async () => {
    const dataset = await wages('3');
    floor.trainings.lost = true;
    const models = () => floor.database.client.model.findMany({ where: { name: { not: 'regions' } } });
    await expect(floor.train(dataset, wanted({ model: 'fresh', epsilon: '4' }))).rejects.toMatchObject({
      code: 'budget_exhausted',
    });
    expect(await models()).toEqual([]);
    const request = wanted({ model: 'fresh' });
    const runs = await Promise.all([floor.train(dataset, request), floor.train(dataset, request)]);
    expect(new Set(runs.map(({ entryId }) => entryId)).size).toBe(1);
    expect(await models()).toMatchObject([{ name: 'fresh', projectId: floor.projectId }]);
    expect(await floor.budget(dataset)).toMatchObject({ reserved: '2' });
    const events = await floor.database.client.auditOutbox.findMany();
    expect(events.filter(({ event }) => event.includes('"model.created"'))).toHaveLength(1);
  });

  it('is refused to somebody who may ask but not publish', async () => {
    const dataset = await wages();
    const { actorOf } = await import('@castellan/access');
    const { privacyRules } = await import('../privacy-rules.js');
    const { registryRules } = await import('@castellan/registry');
    const analyst = actorOf({ ...floor.actor, roles: [{ role: 'analyst', projectId: null }] }, [
      privacyRules,
      registryRules,
    ]);
    for (const model of ['regions', 'fresh'])
      await expect(floor.train(dataset, wanted({ model }), analyst)).rejects.toMatchObject({
        code: 'not_permitted',
      });
  });
});
