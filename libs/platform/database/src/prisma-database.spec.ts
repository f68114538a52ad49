import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isUniqueViolation, migrate, testDatabase, type TestDatabase } from './index.js';

describe('PrismaDatabase', () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await testDatabase();
  });
  afterAll(() => test.close());

  it('keeps what a transaction did', async () => {
    const { id } = await test.database.transaction((tx) =>
      tx.organization.create({ data: { name: 'kept' } }),
    );
    await expect(test.database.client.organization.findUnique({ where: { id } })).resolves.toMatchObject({
      name: 'kept',
    });
  });

  it('keeps nothing of a transaction that throws, and lets the error out as it is', async () => {
    const refusal = new Error('no');
    const attempt = test.database.transaction(async (tx) => {
      await tx.organization.create({ data: { name: 'dropped' } });
      throw refusal;
    });
    await expect(attempt).rejects.toBe(refusal);
    expect(await test.database.client.organization.count({ where: { name: 'dropped' } })).toBe(0);
  });

  it('tells a unique violation', async () => {
    await test.database.client.organization.create({ data: { name: 'twice' } });
    const again = test.database.client.organization.create({ data: { name: 'twice' } });
    await expect(again.catch(isUniqueViolation)).resolves.toBe(true);
  });

  it('starts from a database whose migrations are all applied', async () => {
    await expect(migrate(test.url)).resolves.toEqual([]);
  });
});
