import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  beforeCommit,
  BinaryRows,
  copyRows,
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

describe('rows that are copied in binary form', () => {
  const table =
    'CREATE TEMP TABLE copied (n bigint PRIMARY KEY, word text, bytes bytea, at timestamp) ON COMMIT DROP';
  const statement = 'COPY copied (n, word, bytes, at) FROM STDIN BINARY';
  const at = new Date('1969-07-20T20:17:40.123Z');
  const rows = (...numbers: readonly bigint[]): BinaryRows => {
    const made = new BinaryRows(4);
    for (const n of numbers)
      made
        .row()
        .bigint(n)
        .text(n % 2n === 0n ? null : `\u{1f5dd} ${'long'.repeat(100)}\\`)
        .bytes(Uint8Array.of(0, 255, Number(n % 256n)))
        .timestamp(new Date(at.getTime() + Number(n)));
    return made;
  };

  it('arrive as they were given, between what was asked for before and after, however many', async () => {
    const many = Array.from({ length: 3_000 }, (_, n) => BigInt(n));
    const [[before], , [after], last] = await test.database.transaction(async (tx) => {
      await tx.$executeRawUnsafe(table);
      const count = { text: 'SELECT count(*)::text FROM copied', values: [] };
      const all = {
        text: 'SELECT n::text, word, bytes, at::text FROM copied ORDER BY copied.n DESC LIMIT 2',
        values: [],
      };
      return Promise.all([
        rowsOf(tx, count),
        copyRows(tx, statement, rows(...many)),
        rowsOf(tx, count),
        rowsOf(tx, all),
      ]);
    });
    expect([before, after]).toEqual([['0'], ['3000']]);
    expect(last.map(([n, word, bytes, time]) => [n, word, [...(bytes as Uint8Array)], time])).toEqual([
      ['2999', `\u{1f5dd} ${'long'.repeat(100)}\\`, [0, 255, 183], '1969-07-20 20:17:43.122'],
      ['2998', null, [0, 255, 182], '1969-07-20 20:17:43.121'],
    ]);
  });

  it('are refused with the cause, and the connection goes on', async () => {
    const copying = (into: string) =>
      test.database.transaction(async (tx) => {
        await tx.$executeRawUnsafe(table);
        await Promise.all([copyRows(tx, into, rows(1n, 1n)), tx.$queryRaw`SELECT 1`]);
      });
    await expect(copying(statement).catch(isUniqueViolation)).resolves.toBe(true);
    await expect(copying('COPY nowhere FROM STDIN BINARY')).rejects.toThrow('"nowhere" does not exist');
    expect(await test.database.client.$queryRaw`SELECT 1 AS one`).toEqual([{ one: 1 }]);
  });
});
