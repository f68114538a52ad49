import { describe, expect, it } from '@jest/globals';
import type { DatasetDeclaration } from '@castellan/contracts';
import type { Scene } from './scene.js';

const person = { name: 'person', type: 'id' } as const;
const declaration: DatasetDeclaration = {
  columns: [
    person,
    { name: 'region', type: 'category', values: ['north', 'süd'] },
    { name: 'amount', type: 'number', lower: 0, upper: 100, decimals: 2 },
  ],
  privacyUnit: 'person',
  neighbours: 'add_remove_unit',
  maxGroupsPerUnit: 1,
  maxRowsPerGroup: 1,
  purpose: 'bad input',
};
const header = 'person,region,amount\n';

export function tablesAndQuestions(onStage: () => Scene): void {
  let names = 0;

  const declared = async (): Promise<{ id: string; name: string }> =>
    onStage().cast.steward.api.createDataset({
      ...{ project: 'default', name: `table-${++names}`, declaration, epsilonLimit: '3' },
    });

  describe('a table that can not be sealed', () => {
    it.each<[what: string, csv: string | Uint8Array<ArrayBuffer>, detail: RegExp]>([
      ['nothing', '', /empty; the first line names the columns/],
      ['a column missing', 'person,region\n1,north\n', /lacks "amount"/],
      [
        'a column too many',
        'person,region,amount,name\n1,north,1,Ada\n',
        /"name", which the declaration lacks/,
      ],
      ['a column twice', 'person,region,amount,amount\n1,north,1,1\n', /a column twice/],
      ['semicolons', 'person;region;amount\n1;north;1\n', /lacks "person", "region", "amount"/],
      ['a short line', `${header}1,north,1\n2,süd\n`, /Line 3 has another number of fields/],
      ['an open quote', `${header}1,"north,1\n`, /Line 2 opens a quote that is never closed/],
      ['Latin-1', new Uint8Array(Buffer.from(`${header}1,süd,1\n`, 'latin1')), /not UTF-8/],
      ['UTF-16', new Uint8Array(Buffer.from(`\ufeff${header}1,süd,1\n`, 'utf16le')), /not UTF-8/],
      ['an image', new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), /not UTF-8/],
    ])('is refused by the line, and stays declared: %s', async (_, body, detail) => {
      const scene = onStage();
      const { api } = scene.cast.steward;
      const { id } = await declared();
      expect(await scene.refusedWithoutTrace(() => api.putContent(id, { body }))).toMatchObject({
        code: 'table_malformed',
        kind: 'invalid',
        detail: expect.stringMatching(detail),
      });
      expect(await api.putContent(id, { body: `${header}1,north,1\n` })).toMatchObject({ state: 'sealed' });
    });

    it('is sealed already', async () => {
      const scene = onStage();
      const { api } = scene.cast.steward;
      const { id } = await declared();
      await api.putContent(id, { body: header });
      expect(await scene.refusedWithoutTrace(() => api.putContent(id, { body: header }))).toMatchObject({
        code: 'dataset_already_sealed',
        detail: expect.stringContaining('New data are a new dataset'),
      });
    });

    it.each<[what: string, change: Partial<DatasetDeclaration>, limit: string, detail: RegExp]>([
      ['an unknown unit', { privacyUnit: 'nobody' }, '3', /privacy unit must be one of the columns/],
      [
        'bounds upside down',
        { columns: [person, { name: 'a', type: 'number', lower: 5, upper: 1, decimals: 0 }] },
        '3',
        /lower bound of "a" must be below/,
      ],
      ['no budget', {}, '0', /above 0/],
      ['a budget beyond all privacy', {}, '9'.repeat(60), /below 1000000/],
    ])('is declared wrongly: %s', async (_, change, epsilonLimit, detail) => {
      const scene = onStage();
      const request = { project: 'default', name: `table-${++names}`, epsilonLimit };
      const attempt = () =>
        scene.cast.steward.api.createDataset({ ...request, declaration: { ...declaration, ...change } });
      expect(await scene.refusedWithoutTrace(attempt)).toMatchObject({
        code: 'declaration_invalid',
        detail: expect.stringMatching(detail),
      });
    });
  });

  describe('a table with cells that are no numbers, or no bounded ones', () => {
    it('is answered for what can be read, clamped, and never fails over a row', async () => {
      const { cast } = onStage();
      const { id, name } = await declared();
      const cells = ['NaN', 'Infinity', '-1e400', '9'.repeat(60), '', 'abc', '1e2', '0x10', '١٢'];
      const body = header + cells.map((cell, person) => `${person},north,${cell}\n`).join('');
      await cast.steward.api.putContent(id, { body });
      const sql = `SELECT region, COUNT(*), SUM(amount) FROM "${name}" GROUP BY region`;
      const answer = await cast.analyst.api.ask(id, { sql, epsilon: '2' });
      expect(answer.charged).toBe('2');
      expect(answer.rows.map(([region]) => region)).toEqual(['north', 'süd']);
      for (const figure of answer.rows.flatMap(([, ...figures]) => figures))
        expect(Number.isFinite(figure)).toBe(true);
    });
  });

  describe('a question that can not be asked', () => {
    it.each<[sql: string, epsilon: string, code: string, detail: RegExp]>([
      ['DROP TABLE t', '1', 'question_refused', /only SELECT can be asked/],
      ['SELECT * FROM t', '1', 'question_refused', /\* would show rows/],
      ['SELECT COUNT(*) FROM pg_authid', '1', 'question_refused', /this question goes to the table/],
      ['SELECT COUNT(*) FROM t; DELETE FROM t', '1', 'question_malformed', /exactly one question/],
      ['SELECT person, COUNT(*) FROM t', '1', 'question_refused', /neither aggregated nor in GROUP BY/],
      ['SELEKT', '1', 'question_malformed', /./],
      ['SELECT COUNT(*) FROM t', '0', 'epsilon_out_of_range', /between 1e-9 and 100/],
      ['SELECT COUNT(*) FROM t', '-1', 'epsilon_malformed', /positive decimal/],
      ['SELECT COUNT(*) FROM t', 'NaN', 'epsilon_malformed', /positive decimal/],
      ['SELECT COUNT(*) FROM t', '1e9', 'epsilon_out_of_range', /between 1e-9 and 100/],
      ['SELECT COUNT(*) FROM t', '3.000000000001', 'budget_exhausted', /has 3 left\. Nothing was charged/],
    ])('costs nothing, and says why: %s for %s', async (sql, epsilon, code, detail) => {
      const scene = onStage();
      const { cast } = scene;
      const { id, name } = await declared();
      await cast.steward.api.putContent(id, { body: `${header}1,north,1\n` });
      const asked = () => cast.analyst.api.ask(id, { sql: sql.replaceAll(/\bt\b/g, `"${name}"`), epsilon });
      expect(await scene.refusedWithoutTrace(asked)).toMatchObject({
        code,
        detail: expect.stringMatching(detail),
      });
    });

    it('is about a table that is not there yet', async () => {
      const scene = onStage();
      const { id, name } = await declared();
      const asked = () =>
        scene.cast.analyst.api.ask(id, { sql: `SELECT COUNT(*) FROM "${name}"`, epsilon: '1' });
      expect(await scene.refusedWithoutTrace(asked)).toMatchObject({ code: 'dataset_not_sealed' });
    });
  });
}
