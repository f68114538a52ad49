import { createHash, randomUUID } from 'node:crypto';
import { actorOf } from '@castellan/access';
import { TrainingRequest } from '@castellan/contracts';
import { kerasEngine } from '@castellan/keras';
import { registryRules } from '@castellan/registry';
import type { DatasetRow } from '../dataset/dataset-store.js';
import { PrivacyError } from '../privacy-error.js';
import { privacyRules } from '../privacy-rules.js';
import { PrivacyFloor } from '../testing/privacy-floor.js';
import { wagePanelCsv } from '../testing/wage-panel.js';

/** Finding the noise takes long under Jest, and once. */
const PATIENT_MS = 120_000;

const wanted = (part: Partial<TrainingRequest> = {}) =>
  TrainingRequest.parse({
    label: 'region',
    features: ['occupation', 'amount'],
    model: 'regions',
    hidden: [4],
    steps: 3,
    samplingRate: '0.2',
    epsilon: '2',
    delta: '1e-6',
    ...part,
  });

const sha256 = (bytes: string | Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe('a training that goes on from an approved version', () => {
  let floor: PrivacyFloor;
  let dataset: DatasetRow;
  let organization: string;
  beforeAll(async () => {
    floor = await PrivacyFloor.open();
    organization = floor.actor.organizationName;
    await newModel(floor.actor.organizationId, floor.projectId, 'regions');
    dataset = await floor.seal(await floor.declare('wages', '100', undefined, '1e-4'), await wagePanelCsv());
    await floor.train(dataset, wanted());
    await floor.settled();
  }, PATIENT_MS);
  afterAll(() => floor[Symbol.asyncDispose]());

  const newModel = (organizationId: string, projectId: string, name: string) =>
    floor.database.client.model.create({ data: { organizationId, projectId, name, description: '' } });

  /** What a training published, or anybody did, as a version that the broker would release. */
  async function version(files: ReadonlyMap<string, Uint8Array>, of = { model: 'regions', organization }) {
    const model = await floor.database.client.model.findFirstOrThrow({ where: { name: of.model } });
    const count = await floor.database.client.version.count({ where: { modelId: model.id } });
    const digest = sha256(randomUUID());
    const row = await floor.database.client.version.create({
      data: {
        modelId: model.id,
        number: count + 1,
        stage: 'candidate',
        authorId: 'x',
        authorName: 'x',
        digest,
      },
    });
    floor.bases.opened.set(row.id, { organization: of.organization, files });
    return { ...row, digest, ref: `${of.model}@${count + 1}` };
  }

  const trained = () => floor.versions.published[0]?.files ?? new Map<string, Uint8Array>();
  const shown = async (id: string) =>
    floor.showTraining.show(dataset, await floor.showTraining.find(dataset, id));
  const spent = async () => (await floor.budget(dataset)).spent;

  /** Trains to the end, and what became of it. */
  async function tune(part: Partial<TrainingRequest>) {
    const { entryId } = await floor.train(dataset, wanted(part));
    await floor.settled();
    return shown(entryId);
  }

  it('is charged by itself, names its base in card and question, and gives a model that predicts', async () => {
    const base = await version(trained());
    const before = Number(await spent());
    const price = await floor.priceTraining(dataset, wanted({ base: base.ref }));
    expect(price).toMatchObject({ base: base.ref, epsilon: '2', parameters: 100_000 });
    const done = await tune({ base: base.ref });
    expect(done).toMatchObject({ state: 'done', base: base.ref });
    expect(done.question).toContain(`TRAIN regions ON ${base.ref} TO PREDICT`);
    expect(Number(await spent())).toBe(before + 2);
    const files = floor.versions.published.at(-1)?.files ?? new Map<string, Uint8Array>();
    const card = JSON.parse(Buffer.from(files.get('privacy-card.json') ?? []).toString('utf8'));
    expect(card).toMatchObject({
      base: base.ref,
      baseDigest: base.digest,
      epsilon: '2',
      parameters: 10 * 4 + 4 + 4 * 4 + 4,
      trainedLayers: 'dense_1; output',
      frozenLayers: '',
      baseCharge: expect.stringContaining('not in this epsilon') as string,
    });
    expect(done.card).toEqual(card);
    const model = await kerasEngine.load(new Map([['model.h5', files.get('model.h5') ?? new Uint8Array()]]));
    const data = new Float32Array(10).fill(0.1);
    const [answer] = await model.run([{ name: 'features', datatype: 'FP32', shape: [1, 10], data }]);
    expect([...(answer?.data as Float32Array)].reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5);
    await model.dispose();
    expect(floor.bases.disposed).toBeGreaterThan(0);
  });

  it('trains the last layers alone where that is asked', async () => {
    const base = await version(trained());
    const done = await tune({ base: base.ref, trainLast: 1 });
    expect(done.card).toMatchObject({ trainedLayers: 'output', frozenLayers: 'dense_1', parameters: 20 });
  });

  it.each([
    [
      'other columns',
      { features: ['year', 'amount'] },
      'base_differs',
      /Its input 1 is occupation = 1, and here .* year = 1980/,
    ],
    ['another label', { label: 'occupation', features: ['region', 'amount'] }, 'base_differs', /Its input 1/],
    ['more layers than there are', { trainLast: 5 }, 'base_incompatible', /2 dense layers .* not in 5/],
  ])('gives its charge back for %s, naming what differs', async (_, part, failure, message) => {
    const base = await version(trained());
    const before = await spent();
    const ended = await tune({ ...part, base: base.ref });
    expect(ended).toMatchObject({ state: 'refunded', failure });
    expect(ended.failureDetail).toMatch(message);
    expect(await spent()).toBe(before);
  });

  it('is checked against the columns of a foreign model by their number', async () => {
    const foreign = new Map([['m.h5', trained().get('model.h5') ?? new Uint8Array()]]);
    const base = await version(foreign);
    const ended = await tune({ base: base.ref, features: ['occupation', 'amount', 'year'] });
    expect(ended).toMatchObject({ state: 'refunded', failure: 'base_incompatible' });
    expect(ended.failureDetail).toMatch(/takes 10 numbers .* a row, and the features give/);
  });

  describe('somebody who wants what is not theirs', () => {
    it('is refused a base that is unknown, unapproved or another organisation’s, and nothing is spent', async () => {
      const { client } = floor.database;
      const other = await client.organization.create({ data: { name: `org-${randomUUID().slice(0, 8)}` } });
      const project = await client.project.create({ data: { organizationId: other.id, name: 'default' } });
      await newModel(other.id, project.id, 'theirs');
      const theirs = await version(trained(), { model: 'theirs', organization: other.name });
      const before = [await spent(), (await floor.recorded(dataset)).length];
      for (const ref of ['regions@99', theirs.ref, theirs.id])
        await expect(floor.train(dataset, wanted({ base: ref }))).rejects.toMatchObject({
          code: 'base_unknown',
        });
      const unapproved = await version(trained());
      floor.unapproved.add(unapproved.id);
      await expect(floor.train(dataset, wanted({ base: unapproved.ref }))).rejects.toMatchObject({
        code: 'base_not_approved',
        publicDetail: expect.stringContaining('0 of 1 required approvals') as string,
      });
      await expect(floor.priceTraining(dataset, wanted({ base: unapproved.ref }))).rejects.toMatchObject({
        code: 'base_not_approved',
      });
      expect([await spent(), (await floor.recorded(dataset)).length]).toEqual(before);
      expect(floor.keys.opened).toBe(floor.keys.disposed);
    });

    it('is refused a version that they may not read', async () => {
      const base = await version(trained());
      const analyst = actorOf({ ...floor.actor, roles: [{ role: 'analyst', projectId: null }] }, [
        privacyRules,
        registryRules,
      ]);
      await expect(floor.findBase.execute(analyst, base.ref)).rejects.toMatchObject({
        code: 'not_permitted',
      });
    });

    it('has the charge given back when the base is revoked before its key left', async () => {
      const base = await version(trained());
      const before = await spent();
      const released = floor.bases.opened.get(base.id);
      const fault = new PrivacyError('base_not_approved', {
        kind: 'forbidden',
        publicDetail: 'It was revoked.',
      });
      if (released) floor.bases.opened.set(base.id, { ...released, fault });
      const ended = await tune({ base: base.ref, l2: 0.25 });
      expect(ended).toMatchObject({ state: 'refunded', failureDetail: 'It was revoked.' });
      expect(await spent()).toBe(before);
    });

    it('gets nothing by writing another base into the row of an admitted training', async () => {
      const [mine, stolen] = [await version(trained()), await version(trained())];
      floor.bases.opened.delete(stolen.id);
      const before = [await spent(), floor.keys.opened];
      floor.trainings.lost = true;
      const { entryId } = await floor.train(dataset, wanted({ base: mine.ref, l2: 0.5 }));
      floor.trainings.lost = false;
      const { request } = await floor.database.client.privacyRun.findUniqueOrThrow({ where: { entryId } });
      const changed = request.replaceAll(mine.id, stolen.id);
      expect(changed).not.toBe(request);
      await floor.database.client.privacyRun.update({ where: { entryId }, data: { request: changed } });
      await floor.trainings.train(entryId);
      expect(await shown(entryId)).toMatchObject({ state: 'refunded', failure: 'ledger_inconsistent' });
      expect([await spent(), floor.keys.opened]).toEqual(before);
    });

    it('gets nothing from a version whose manifest is another organisation’s', async () => {
      const planted = await version(trained(), { model: 'regions', organization: 'somebody-else' });
      const before = await spent();
      const ended = await tune({ base: planted.ref });
      expect(ended).toMatchObject({ state: 'refunded', failure: 'base_differs' });
      expect(await spent()).toBe(before);
    });
  });
});
