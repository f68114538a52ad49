import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { startS3Server, type S3Server } from '@castellan/blob-store/testing';
import { S3Source, type DatasetDeclaration } from '@castellan/contracts';
import { DuckDBInstance } from '@duckdb/node-api';
import { writeDocument, readDocument } from '../dataset/dataset-document.js';
import type { DatasetRow } from '../dataset/dataset-store.js';
import { RenewData } from '../dataset/renew-data.js';
import { DuckdbEngine } from '../measurement/duckdb-engine.js';
import { PostgresEngine, EngineBySource } from '../measurement/postgres-engine.js';
import { PrivacyFloor } from '../testing/privacy-floor.js';

const accessKey = { accessKeyId: 'AKIDREADER', secretAccessKey: 'never-shown' };
const login = JSON.stringify(accessKey);
const visits = (units: number) =>
  `SELECT 'p' || i AS person, CASE WHEN i % 2 = 0 THEN 'east' ELSE 'west' END AS town, 10 AS cost FROM range(${units}) t(i)`;

async function file(units: number, format: 'csv' | 'jsonl' | 'parquet'): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'castellan-object-'));
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const written = { csv: 'csv, HEADER', jsonl: 'json', parquet: 'parquet' }[format];
  try {
    await connection.run(`COPY (${visits(units)}) TO '${folder}/table' (FORMAT ${written})`);
    return await readFile(join(folder, 'table'));
  } finally {
    connection.closeSync();
    instance.closeSync();
    await rm(folder, { recursive: true });
  }
}

describe('a dataset that stays in somebody’s bucket', () => {
  let floor: PrivacyFloor;
  let server: S3Server;
  let client: S3Client;
  let count = 0;
  let key = '';
  let byTown = '';

  beforeAll(async () => {
    const sealed = new DuckdbEngine({ threads: 1, memoryLimitMb: 128 });
    floor = await PrivacyFloor.open(new EngineBySource(sealed, new PostgresEngine()));
    server = await startS3Server('clinic');
    client = new S3Client({
      ...{
        endpoint: server.endpoint,
        region: 'us-east-1',
        forcePathStyle: true,
        credentials: { ...accessKey },
      },
    });
  });
  afterAll(async () => {
    client.destroy();
    await server.close();
    await floor[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    floor.listed.buckets = [`${server.endpoint}/clinic`];
    key = `2026/visits-${++count}`;
    byTown = `SELECT town, COUNT(*) FROM visits_${count} GROUP BY town`;
    await put(await file(1_000, 'parquet'));
  });

  const put = (Body: Buffer) => client.send(new PutObjectCommand({ Bucket: 'clinic', Key: key, Body }));
  const source = (change: Partial<S3Source> = {}) =>
    S3Source.parse({ kind: 's3', bucket: 'clinic', key, endpoint: server.endpoint, ...change });
  const declaration = (): DatasetDeclaration => ({
    columns: [
      { name: 'person', type: 'id' },
      { name: 'town', type: 'category', values: ['east', 'west'] },
      { name: 'cost', type: 'number', lower: 0, upper: 100, decimals: 2 },
    ],
    format: 'parquet',
    source: source(),
    privacyUnit: 'person',
    neighbours: 'add_remove_unit',
    maxGroupsPerUnit: 1,
    maxRowsPerGroup: 1,
    purpose: 'test',
  });
  const declared = (change: Partial<DatasetDeclaration> = {}) =>
    floor.declare(`visits_${count}`, '100', { ...declaration(), ...change });
  const sealed = async (change: Partial<DatasetDeclaration> = {}) =>
    floor.seal(await declared(change), login);
  const east = async (dataset: DatasetRow) => Number((await floor.ask(dataset, byTown, '10')).rows[0]?.[1]);
  const asked = (of = key) => server.requests.filter((request) => request.includes(of)).length;
  const untouched = async (dataset: DatasetRow) => {
    expect(await floor.budget(dataset)).toMatchObject({ spent: '0', reserved: '0' });
    expect(await floor.recorded(dataset)).toContain('privacy.refunded');
    expect(await floor.recorded(dataset)).not.toContain('privacy.started');
  };

  it.each(['parquet', 'csv', 'jsonl'] as const)('is asked where it is, as %s', async (format) => {
    await put(await file(1_000, format));
    const dataset = await sealed({ format });
    const first = await floor.ask(dataset, byTown, '10');
    expect(Number(first.rows[0]?.[1])).toBeGreaterThan(400);
    expect(await floor.ask(dataset, byTown, '10')).toMatchObject({ charged: '0', rows: first.rows });
    expect(await floor.recorded(dataset)).toEqual([
      ...['dataset.declared', 'dataset.sealed', 'privacy.reserved', 'privacy.started', 'privacy.released'],
      'privacy.repeated',
    ]);
  });

  it('keeps its access key sealed: no row and no event has it', async () => {
    await sealed();
    const { client: rows } = floor.database;
    const all = [await rows.dataset.findMany(), await rows.auditOutbox.findMany()];
    const text = JSON.stringify(all, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value));
    expect(text).toContain(`s3://clinic/${key} at ${server.endpoint}/clinic`);
    expect(text).not.toMatch(/AKIDREADER|never-shown/);
  });

  it('that has changed ends a question, refunded, until its steward takes what is there now', async () => {
    const dataset = await sealed();
    await put(await file(50_000, 'parquet'));
    await expect(floor.ask(dataset, byTown, '10')).rejects.toMatchObject({
      ...{ code: 'source_changed', kind: 'conflict' },
      publicDetail: expect.stringContaining(`s3://clinic/${key} is another one`) as string,
    });
    await untouched(dataset);
    await floor.seal(dataset, login);
    const renew = new RenewData(floor.database, floor.datasets, floor.audit);
    const renewed = await renew.execute(floor.actor, await floor.find(floor.actor, dataset.name));
    expect(await east(renewed)).toBeGreaterThan(20_000);
    await client.send(new DeleteObjectCommand({ Bucket: 'clinic', Key: key }));
    await expect(floor.ask(renewed, `SELECT COUNT(*) FROM visits_${count}`)).rejects.toMatchObject({
      code: 'source_changed',
    });
    expect(await floor.budget(dataset)).toMatchObject({ spent: '10', reserved: '0' });
  });

  it('whose store is away, or gives half of it, ends a question, refunded; it is answered afterwards', async () => {
    const dataset = await sealed();
    const isIt = ({ method, url }: { method?: string | undefined; url?: string | undefined }) =>
      method === 'GET' && (url ?? '').includes(key);
    for (const kind of ['answer-lost', 'half-body'] as const) {
      server.inject(isIt, { kind }, { kind });
      await expect(floor.ask(dataset, byTown, '10')).rejects.toMatchObject({ code: 'source_unavailable' });
    }
    await untouched(dataset);
    expect(await east(dataset)).toBeGreaterThan(400);
  });

  it('is where its sealed declaration says: a reference exchanged in the database opens nothing', async () => {
    const dataset = await sealed();
    const inner = await startS3Server('clinic');
    try {
      floor.listed.buckets.push(`${inner.endpoint}/clinic`);
      const { document } = readDocument(dataset);
      for (const change of [{ endpoint: inner.endpoint }, { key: '2026/visits-1' }]) {
        const before = asked('');
        const exchanged = { ...document, declaration: { ...declaration(), source: source(change) } };
        const { text, digest } = writeDocument(exchanged);
        const row = await floor.database.client.dataset.update({
          where: { id: dataset.id },
          data: { declaration: text, declarationDigest: digest },
        });
        await expect(floor.ask({ ...dataset, ...row }, byTown)).rejects.toMatchObject({
          code: 'measurement_refused',
        });
        expect(inner.requests).toEqual([]);
        expect(asked('')).toBe(before);
      }
      await untouched(dataset);
    } finally {
      await inner.close();
    }
  });

  it('lets nobody make this installation talk to a place that its operator has not listed', async () => {
    const inner = await startS3Server('clinic');
    const elsewhere = { source: source({ endpoint: inner.endpoint }) };
    const notAllowed = { code: 'source_not_allowed', kind: 'forbidden' };
    try {
      await expect(declared(elsewhere)).rejects.toMatchObject(notAllowed);
      // Nor by a row that was exchanged before the access key is sealed.
      const dataset = await declared();
      const { document } = readDocument(dataset);
      const { text } = writeDocument({ ...document, declaration: { ...declaration(), ...elsewhere } });
      await expect(floor.seal({ ...dataset, declaration: text }, login)).rejects.toMatchObject(notAllowed);
      expect(inner.requests).toEqual([]);
      // Nor by one that was listed once.
      const honest = await floor.seal(dataset, login);
      floor.listed.buckets = [];
      const before = asked();
      await expect(floor.ask(honest, byTown)).rejects.toMatchObject({
        meta: { failure: 'source_not_allowed' },
      });
      expect(asked()).toBe(before);
      await untouched(honest);
    } finally {
      await inner.close();
    }
  });

  it('refuses what is no access key, and an object that is not the declared table', async () => {
    const dataset = await declared();
    for (const text of ['person,town\n', '{"user":"x","password":"y"}', '{"accessKeyId":"x"}'])
      await expect(floor.seal(dataset, text)).rejects.toMatchObject({ code: 'source_refused' });
    await put(await file(10, 'csv'));
    await expect(floor.seal(dataset, login)).rejects.toMatchObject({ code: 'table_malformed' });
    expect(await floor.recorded(dataset)).toEqual(['dataset.declared']);
    await expect(floor.declare('another', '1', declaration())).rejects.toMatchObject({
      code: 'source_taken',
    });
    await expect(
      floor.declare('parted', '1', { ...declaration(), onePartPerUnit: 'town' }),
    ).rejects.toMatchObject({ code: 'declaration_invalid' });
  });

  it('gives its rows to synthetic tables too', async () => {
    const dataset = await sealed();
    await floor.synthesize(dataset, { columns: ['town', 'cost'], epsilon: '10' });
    await floor.settled();
    expect(await floor.recorded(dataset)).toContain('privacy.released');
  });
});
