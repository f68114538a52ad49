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

  describe('when two transactions want the same rows', () => {
    /** Each reads the number of projects, waits until `all` have, and adds one named by it. */
    const addProjects = (organizationId: string, all: number, attempts: number) => {
      const met = Promise.withResolvers<true>();
      let counted = 0;
      const addOne = () =>
        test.database.transaction(
          async (tx) => {
            const count = await tx.project.count({ where: { organizationId } });
            if (++counted >= all) met.resolve(true);
            await met.promise;
            await tx.project.create({ data: { organizationId, name: `number-${count}` } });
          },
          { isolation: 'Serializable', attempts },
        );
      return Promise.allSettled(Array.from({ length: all }, addOne));
    };
    const organization = async (name: string) =>
      (await test.database.client.organization.create({ data: { name } })).id;

    it('tells the one that lost', async () => {
      const id = await organization('contended');
      const outcomes = await addProjects(id, 2, 1);
      const lost = outcomes.filter(({ status }) => status === 'rejected');
      expect(lost).toMatchObject([{ reason: { code: 'database_conflict', kind: 'conflict' } }]);
    });

    it('runs it again when it may', async () => {
      const id = await organization('patient');
      await addProjects(id, 3, 10);
      const projects = await test.database.client.project.findMany({ where: { organizationId: id } });
      expect(projects.map(({ name }) => name).toSorted()).toEqual(['number-0', 'number-1', 'number-2']);
    });
  });

  it('starts from a database whose migrations are all applied', async () => {
    await expect(migrate(test.url)).resolves.toEqual([]);
  });
});
