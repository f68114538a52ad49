import { describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import type { ColumnMask, MaskingRequest } from '@castellan/contracts';
import { parseDeclaration, type ProtectedTable } from '../declaration/protected-table.js';
import { TaskProgress } from '../task/task-progress.js';
import { planMasking } from './masking-plan.js';
import { maskTable } from './mask-table.js';
import { Distribution } from './value-distance.js';

const table = parseDeclaration('patients', {
  columns: [
    { name: 'person', type: 'id' },
    { name: 'phone', type: 'id' },
    { name: 'city', type: 'category', values: ['a', 'b'] },
    { name: 'age', type: 'number', lower: 0, upper: 120, decimals: 0 },
    { name: 'illness', type: 'category', values: ['flu', 'cold', 'rare'] },
    { name: 'seen', type: 'id' },
  ],
  privacyUnit: 'person',
  neighbours: 'add_remove_unit',
  maxGroupsPerUnit: 1,
  maxRowsPerGroup: 9,
  purpose: 'spec',
});
const confirmed = {
  columns: table.columns.map(({ name }) => ({
    name,
    kinds: name === 'phone' ? (['cn_mobile'] as const).slice() : [],
  })),
};
const masks: Record<string, ColumnMask> = {
  person: { operator: 'token' },
  phone: { operator: 'encrypt', alphabet: 'digits' },
  city: { operator: 'keep' },
  age: { operator: 'generalise_number', width: 10 },
  illness: { operator: 'keep' },
  seen: { operator: 'generalise_date', to: 'month' },
};
function asking(
  changes: Partial<MaskingRequest['gates']> = {},
  other: Record<string, ColumnMask> = {},
): MaskingRequest {
  return {
    kind: 'mask',
    purpose: 'research',
    columns: Object.entries({ ...masks, ...other }).map(([name, mask]) =>
      name === 'illness' ? { name, mask, role: 'sensitive' as const } : { name, mask },
    ),
    gates: { k: 2, suppressAtMost: 0, ...changes },
  };
}

const row = (n: number, changes: Record<string, string> = {}) => ({
  ...{ person: `p${n}`, phone: `1380013${String(8000 + n)}`, city: 'a', age: String(30 + (n % 10)) },
  ...{ illness: n % 2 === 0 ? 'flu' : 'cold', seen: '2026-03-09' },
  ...changes,
});
type Row = ReturnType<typeof row>;
const csvOf = (rows: readonly Row[]) =>
  ['person,phone,city,age,illness,seen', ...rows.map((each) => Object.values(each).join(','))].join('\n');
const ten = Array.from({ length: 10 }, (_, n) => row(n));

const release = (given: readonly Row[], request: MaskingRequest, secret?: string) =>
  releaseOf(table, csvOf(given), request, secret);

async function releaseOf(table: ProtectedTable, text: string, request: MaskingRequest, secret = 'one') {
  const bytes = Buffer.from(text);
  const progress = new TaskProgress(bytes.byteLength, () => Promise.resolve(true));
  const derive = (label: string, length: number) => Buffer.alloc(length, `${secret} ${label}`);
  const { summary, result } = await maskTable({
    table,
    bytes,
    request,
    classification: confirmed,
    progress,
    requestOf: () => Promise.resolve(undefined),
    derive,
  });
  const pieces: Uint8Array[] = [];
  for await (const piece of result) pieces.push(piece);
  const [, ...rows] = parse(Buffer.concat(pieces).toString()) as string[][];
  return { summary, rows };
}

describe('a masked release', () => {
  it('has the columns as planned, joins with itself, and says what its classes attain', async () => {
    const { summary, rows } = await release(ten, asking({ k: 5, l: 2 }));
    expect(summary).toEqual({ kind: 'mask', rows: 10, suppressedRows: 0, classes: 1, k: 10, l: 2, t: 0 });
    expect(rows[0]).toEqual([
      expect.stringMatching(/^[0-9a-f]{32}$/),
      expect.stringMatching(/^\d{11}$/),
      'a',
      '[30, 40)',
      'flu',
      '2026-03',
    ]);
    expect((await release(ten, asking())).rows).toEqual(rows);
    expect((await release(ten, asking(), 'another dataset')).rows[0]?.[0]).not.toBe(rows[0]?.[0]);
  });

  it('is the same from JSON lines as from CSV', async () => {
    const lines = ten.map(({ age, ...others }) => JSON.stringify({ ...others, age: Number(age) })).join('\n');
    const asLines = { ...table, format: 'jsonl' as const };
    expect(await releaseOf(asLines, lines, asking())).toEqual(await release(ten, asking()));
  });

  it('shows no value of a column that is hidden', async () => {
    const text = JSON.stringify((await release(ten, asking({}, { illness: { operator: 'redact' } }))).rows);
    for (const { person, phone, seen } of ten)
      for (const value of [`"${person}"`, phone, seen]) expect(text).not.toContain(value);
  });

  it('counts persons for k: one with ten rows hides nobody', async () => {
    const alone = Array.from({ length: 10 }, () => row(1, { city: 'b' }));
    await expect(release([...ten, ...alone], asking())).rejects.toMatchObject({ code: 'gate_unmet' });
    const { summary, rows } = await release([...ten, ...alone], asking({ suppressAtMost: 0.5 }));
    expect(summary).toMatchObject({ rows: 10, suppressedRows: 10, k: 10 });
    expect(rows.every(([, , city]) => city === 'a')).toBe(true);
  });

  it('counts nobody for rows without a unit', async () => {
    const nobodies = ten.map((each) => ({ ...each, person: '' }));
    await expect(release(nobodies, asking())).rejects.toMatchObject({ code: 'gate_unmet' });
  });

  it('is refused where all of a class have the same illness, or where it tells much about it', async () => {
    const same = ten.map((each) => ({ ...each, city: 'b', illness: 'rare' }));
    const both = [...ten, ...same.map((each, n) => ({ ...each, person: `q${n}` }))];
    await expect(release(both, asking({ l: 2 }))).rejects.toMatchObject({ code: 'gate_unmet' });
    await expect(release(both, asking({ t: 0.4 }))).rejects.toMatchObject({ code: 'gate_unmet' });
    expect((await release(both, asking({ t: 0.5 }))).summary).toMatchObject({ t: 0.5, l: 1, classes: 2 });
  });

  it('never attains less than its gates, whatever the table', async () => {
    const person = fc.record({
      n: fc.integer({ min: 0, max: 30 }),
      city: fc.constantFrom('a', 'b'),
      age: fc.integer({ min: 0, max: 60 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(person, { minLength: 1, maxLength: 60 }), async (people) => {
        const rows = people.map(({ n, city, age }) => row(n, { city, age: String(age) }));
        const outcome = await release(rows, asking({ k: 3, suppressAtMost: 0.5 })).catch(
          (error: unknown) => error,
        );
        if (!(outcome && typeof outcome === 'object' && 'rows' in outcome)) {
          expect(outcome).toMatchObject({ code: 'gate_unmet' });
          return;
        }
        const classes = Map.groupBy(
          (outcome as { rows: string[][] }).rows,
          ([, , city, age]) => `${city} ${age}`,
        );
        for (const alike of classes.values())
          expect(new Set(alike.map(([token]) => token)).size).toBeGreaterThanOrEqual(3);
      }),
      { numRuns: 60 },
    );
  });

  it('is refused, naming the column and no value, where a text is too short for encryption', async () => {
    const refusal = release([...ten, row(11, { phone: '12345' })], asking());
    await expect(refusal).rejects.toMatchObject({ code: 'masking_refused' });
    await expect(refusal).rejects.toThrow(/"phone"/);
    await expect(refusal).rejects.not.toThrow(/12345/);
  });
});

describe('a plan', () => {
  const refusalOf = (request: MaskingRequest) => () => planMasking(table, confirmed, request);

  it.each<[string, RegExp, Record<string, ColumnMask>]>([
    ['the unit in clear', /"person" says whose row/, { person: { operator: 'keep' } }],
    ['the unit half hidden', /"person" says whose row/, { person: { operator: 'mask', first: 1, last: 1 } }],
    ['personal data in clear', /"phone" holds personal data/, { phone: { operator: 'keep' } }],
    ['a column that is not there', /"nope" is not a column/, { nope: { operator: 'keep' } }],
  ])('is refused with %s', (_, why, changes) => {
    expect(refusalOf(asking({}, changes))).toThrow(why);
  });

  it('is refused with a column left out, named twice, or in clear and called neither', () => {
    const { columns, ...rest } = asking();
    expect(refusalOf({ ...rest, columns: columns.slice(1) })).toThrow(/"person" is left out/);
    expect(refusalOf({ ...rest, columns: [...columns, ...columns.slice(0, 1)] })).toThrow(/named twice/);
    const open = columns.map((each) => (each.name === 'age' ? { ...each, role: 'other' as const } : each));
    expect(refusalOf({ ...rest, columns: open })).toThrow(/"age" is in clear/);
  });

  it('is refused before a steward has said what the columns hold', () => {
    expect(() => planMasking(table, undefined, asking())).toThrow(
      expect.objectContaining({ code: 'classification_missing' }),
    );
  });
});

describe('the distance of values', () => {
  it('is that of the paper’s example, where values have an order', () => {
    const salaries = new Distribution(true);
    for (const salary of ['3', '4', '5', '6', '7', '8', '9', '10', '11']) salaries.add(salary);
    const counts = (...values: string[]) => new Map(values.map((value) => [value, 1]));
    expect(salaries.distanceOf(counts('3', '4', '5'))).toBeCloseTo(0.375, 12);
    expect(salaries.distanceOf(counts('6', '8', '11'))).toBeCloseTo(0.167, 3);
  });

  it('is half of all differences, where they have none', () => {
    const kinds = new Distribution(false);
    for (const kind of ['x', 'x', 'y', 'z']) kinds.add(kind);
    expect(kinds.distanceOf(new Map([['y', 2]]))).toBeCloseTo(0.75, 12);
    expect(
      kinds.distanceOf(
        new Map([
          ['x', 2],
          ['y', 1],
          ['z', 1],
        ]),
      ),
    ).toBe(0);
  });
});
