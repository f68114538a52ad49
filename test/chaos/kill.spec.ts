import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RecordedEvent } from '@castellan/audit';
import type { DatasetDeclaration } from '@castellan/contracts';
import { Cast } from '../support/cast.js';
import { eventually } from '../support/eventually.js';
import { digitImages, fixture } from '../support/fixtures.js';
import { plaintextIn } from '../support/plaintext.js';
import {
  dataFolder,
  removeDataFolder,
  RunningCastellan,
  supervised,
  untilGone,
} from '../support/running-castellan.js';
import { Load } from './load.js';
import { OutsideView } from './outside-view.js';
import { nothingUnsigned, settledVersions, unevenBudgets } from './settlement.js';

const epsilonOf = { plenty: '10', scarce: '0.1' } as const;

/**
 * Everything may die at any moment, and nothing that was acknowledged is lost, nothing is half done, nothing is spent twice.
 * One installation under a small load; each process is killed in turn, then the supervisor, then the whole is looked over.
 */
describe('kill -9 under load', () => {
  let castellan: RunningCastellan;
  let cast: Cast;
  let load: Load;
  let outside: OutsideView;

  beforeAll(async () => {
    castellan = await RunningCastellan.up(await dataFolder());
    cast = await Cast.assemble(castellan);
    const model = await fixture('digits/digits-keras2.h5');
    const { id } = await cast.publish('digits', { 'model.h5': model });
    await cast.approve(id);
    await cast.admin.api.createDeployment({ name: 'digits', version: id });
    const table = await fixture('wage-panel/wage-panel.csv');
    for (const [name, epsilonLimit] of Object.entries(epsilonOf)) {
      await cast.steward.api.createDataset({ project: 'default', name, declaration: wages, epsilonLimit });
      await cast.steward.api.putContent(name, { body: table });
    }
    outside = new OutsideView(cast.admin.api);
    const [image = []] = await digitImages();
    load = new Load(cast, {
      ...{ gatewayUrl: castellan.gatewayUrl, image, model },
      tables: Object.keys(epsilonOf),
    });
    await load.goesOn();
  });
  afterAll(async () => {
    await load.stop();
    expect(await castellan.down()).toBe(0);
    await removeDataFolder(castellan.data);
  });

  it.each(supervised)('of the %s: it is started again, and all work goes on', async (name) => {
    await outside.holdCheckpoint();
    const times = castellan.said.filter((line) => line === `${name} is back`).length;
    const killed = await castellan.kill(name);
    await eventually(
      `${name} is back`,
      () => castellan.said.filter((line) => line === `${name} is back`).length > times || undefined,
    );
    expect(await castellan.pidOf(name)).not.toBe(killed);
    await load.goesOn();
    expect(load.defects).toEqual([]);
  });

  it('of the supervisor: nothing outlives it, and the next start over the folder goes on', async () => {
    await outside.holdCheckpoint();
    const orphans = await castellan.killSupervisor();
    expect(orphans.every((pid) => pid > 0)).toBe(true);
    await Promise.all(orphans.map(untilGone));
    const ports = { api: new URL(castellan.apiUrl).port, gateway: new URL(castellan.gatewayUrl).port };
    castellan = await RunningCastellan.up(castellan.data, [
      ...['--api-port', ports.api, '--gateway-port', ports.gateway],
    ]);
    await load.goesOn();
    expect(load.defects).toEqual([]);
  });

  describe('and when the dust has settled', () => {
    let events: readonly RecordedEvent[];
    const times = (wanted: (event: RecordedEvent) => boolean) => events.filter(wanted).length;

    beforeAll(async () => {
      await load.stop();
      await eventually('every event has its place under a signed checkpoint', () =>
        nothingUnsigned(castellan),
      );
      const seen = await outside.verify();
      expect(seen.verdict).toMatchObject({ ok: true, faults: [] });
      events = seen.events;
    });

    it('the log goes on from every checkpoint ever seen, and has each event once', () => {
      expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
    });

    it('everything that was acknowledged is in it exactly once', () => {
      const { predictions, versions, approvals, answers } = load.acknowledged;
      for (const done of [predictions, versions, approvals, answers]) expect(done.length).toBeGreaterThan(5);
      for (const id of predictions)
        expect(times((event) => event.action === 'prediction.served' && event.requestId === id)).toBe(1);
      for (const { id } of versions)
        expect(times(({ action, resource }) => action === 'version.finalized' && resource?.id === id)).toBe(
          1,
        );
      for (const digest of approvals)
        expect(
          times(({ action, resource }) => action === 'document.recorded' && resource?.digest === digest),
        ).toBe(1);
      for (const { answer } of answers)
        expect(
          times(
            ({ action, details }) => action === 'privacy.released' && details?.['entry'] === answer.entryId,
          ),
        ).toBe(1);
    });

    it('no version is half written: each file has its blob, each blob its file, each finalised version its verdict', async () => {
      const settled = await settledVersions(castellan);
      expect(settled.missing).toEqual([]);
      expect(settled.unexplained).toEqual([]);
      expect(await readdir(join(castellan.data, 'blobs', '.incoming'))).toEqual([]);
      for (const { id, digest } of load.acknowledged.versions)
        expect(await cast.author.api.version(id)).toMatchObject({ digest, stage: 'candidate' });
    });

    it('no weights and no rows are on disk, in the database, the queue, a log or behind an open file', async () => {
      const pids = await Promise.all(supervised.map((name) => castellan.pidOf(name)));
      const secrets = [await fixture('digits/digits-keras2.h5'), await fixture('wage-panel/wage-panel.csv')];
      const found = await plaintextIn(
        castellan,
        pids.filter((pid) => pid !== undefined),
        secrets.map((secret) => Buffer.from(secret)),
      );
      expect(found.places).toEqual([]);
      expect(found.files).toBeGreaterThan(100);
      expect(found.openFiles).toBeGreaterThan(0);
    });

    it('no process that holds keys or weights would leave them in a core dump', async () => {
      for (const name of supervised.filter((one) => one !== 'database')) {
        const filter = await readFile(`/proc/${await castellan.pidOf(name)}/coredump_filter`, 'utf8');
        expect([name, Number.parseInt(filter, 16)]).toEqual([name, 0]);
      }
    });

    it('no budget is overspent, no charge is lost, and an answer that was given is given again for nothing', async () => {
      expect(await unevenBudgets(castellan)).toEqual([]);
      const { answers } = load.acknowledged;
      expect(new Set(answers.map(({ answer }) => answer.entryId)).size).toBe(answers.length);
      for (const { sql, answer } of answers.slice(-5)) {
        const [, table = ''] = /FROM (\w+)/.exec(sql) ?? [];
        const again = await cast.analyst.api.ask(table, { sql, epsilon: '0.01' });
        expect(again).toMatchObject({ rows: answer.rows, entryId: answer.entryId, charged: '0' });
      }
      const { spent, limit } = await cast.analyst.api.budget('scarce');
      expect(Number(spent)).toBeLessThanOrEqual(Number(limit));
      expect(load.refusals).toContain('budget_exhausted');
    });
  });
});

const wages: DatasetDeclaration = {
  columns: [
    { name: 'person_id', type: 'id' },
    { name: 'year', type: 'number', lower: 1980, upper: 1987, decimals: 0 },
    { name: 'region', type: 'category', values: ['northeast', 'north_central', 'south', 'west'] },
    { name: 'occupation', type: 'category', values: ['1', '2', '3', '4', '5', '6', '7', '8', '9'] },
    { name: 'amount', type: 'number', lower: 0, upper: 30_000, decimals: 2 },
  ],
  privacyUnit: 'person_id',
  neighbours: 'add_remove_unit',
  maxGroupsPerUnit: 1,
  maxRowsPerGroup: 8,
  purpose: 'chaos',
};
