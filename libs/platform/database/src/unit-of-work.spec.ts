import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  beforeCommit,
  isUniqueViolation,
  rowsOf,
  testDatabase,
  type TestDatabase,
  type Tx,
} from './index.js';

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
});
beforeEach(async () => {
  await test.database.client.project.deleteMany();
  await test.database.client.organization.deleteMany();
});
afterAll(() => test.close());

const adding = (tx: Tx, name: string): Promise<void> =>
  beforeCommit(tx, {
    text: 'INSERT INTO "Organization" (id, name) VALUES ($1, $2)',
    values: [name, name],
  });
const names = async (): Promise<string[]> =>
  (await test.database.client.organization.findMany({ orderBy: { name: 'asc' } })).map(({ name }) => name);

describe('a statement that goes with the commit', () => {
  it('is kept with what the transaction did, and not seen before', async () => {
    const seen = await test.database.transaction(async (tx) => {
      await adding(tx, 'last');
      await adding(tx, 'very last');
      await tx.organization.create({ data: { name: 'first' } });
      return tx.organization.count();
    });
    expect(seen).toBe(1);
    expect(await names()).toEqual(['first', 'last', 'very last']);
  });

  it('is dropped with a transaction that throws', async () => {
    const attempt = test.database.transaction(async (tx) => {
      await adding(tx, 'last');
      throw new Error('no');
    });
    await expect(attempt).rejects.toThrow('no');
    expect(await names()).toEqual([]);
  });

  it('takes the whole transaction with it when it fails, and the connection goes on', async () => {
    await test.database.client.organization.create({ data: { id: 'taken', name: 'taken' } });
    for (let n = 0; n < 20; n += 1) {
      const attempt = test.database.transaction(async (tx) => {
        await tx.organization.create({ data: { name: 'first' } });
        await adding(tx, 'taken');
        await adding(tx, 'after it');
      });
      await expect(attempt.catch(isUniqueViolation)).resolves.toBe(true);
    }
    expect(await names()).toEqual(['taken']);
  });

  it('belongs to its own transaction, whichever others begin and end inside', async () => {
    await test.database.transaction(async (outer) => {
      await adding(outer, 'outer');
      await test.database.transaction((inner) => adding(inner, 'inner'));
      await test.database.client.organization.create({
        data: { name: 'beside', projects: { create: { name: 'nested' } } },
      });
      expect(await names()).toEqual(['beside', 'inner']);
    });
    expect(await names()).toEqual(['beside', 'inner', 'outer']);
  });

  it('is done at most once when the transaction is tried again', async () => {
    let tries = 0;
    await test.database.transaction(
      async (tx) => {
        await adding(tx, 'once');
        tries += 1;
        if (tries === 1) await tx.$executeRaw`DO $$ BEGIN RAISE SQLSTATE '40001'; END $$`;
      },
      { attempts: 2 },
    );
    expect([tries, await names()]).toEqual([2, ['once']]);
  });
});

describe('rows straight from the driver', () => {
  const statement = {
    text: 'SELECT $1::text, $2::bytea, $3::text',
    values: ['a', Buffer.from([0, 1]), null],
  };

  it('are the same inside a transaction and outside', async () => {
    const [[text, bytes, nothing] = []] = await test.database.transaction((tx) => rowsOf(tx, statement));
    expect([text, Buffer.from(bytes as Uint8Array), nothing]).toEqual(['a', Buffer.from([0, 1]), null]);
    const outside = { text: 'SELECT $1::text AS a, $2::text AS b', values: ['a', null] };
    expect(await rowsOf(test.database.client, outside)).toEqual([['a', null]]);
  });

  it('come in the order in which they were asked for, and see what was done before', async () => {
    const counts = await test.database.transaction((tx) =>
      Promise.all([
        rowsOf(tx, { text: 'SELECT count(*)::text FROM "Organization"', values: [] }),
        rowsOf(tx, {
          text: `INSERT INTO "Organization" (id, name) VALUES ($1, 'x') RETURNING id`,
          values: ['x'],
        }),
        rowsOf(tx, { text: 'SELECT count(*)::text FROM "Organization"', values: [] }),
      ]),
    );
    expect(counts).toEqual([[['0']], [['x']], [['1']]]);
  });
});
