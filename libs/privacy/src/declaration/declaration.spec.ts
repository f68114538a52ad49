import type { DatasetColumn } from '@castellan/contracts';
import fc from 'fast-check';
import { wagePanelCsv, wagePanelDeclaration } from '../testing/wage-panel.js';
import { readCsv } from './csv-table.js';
import { decimalText, fixedPoint } from './fixed-point.js';
import { parseDeclaration } from './protected-table.js';
import { checkedSource } from './table-format.js';

const table = parseDeclaration('wages', wagePanelDeclaration);

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

async function passedThrough(text: string | Uint8Array, size = 7): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(checkedSource(pieces(Buffer.from(text), size), table)));
}

function withColumns(...columns: DatasetColumn[]) {
  return { ...wagePanelDeclaration, columns: [{ name: 'person_id', type: 'id' as const }, ...columns] };
}

describe('a declaration', () => {
  it('turns bounds into integers of the column', () => {
    expect(table.columns.at(-1)).toEqual({
      kind: 'number',
      name: 'amount',
      decimals: 2,
      lower: 0n,
      upper: 5_000_000n,
    });
    expect(table.privacyUnit.name).toBe('person_id');
  });

  it.each<[string, DatasetColumn]>([
    ['equal bounds', { name: 'x', type: 'number', lower: 1, upper: 1, decimals: 0 }],
    ['crossed bounds', { name: 'x', type: 'number', lower: 2, upper: 1, decimals: 0 }],
    ['bounds finer than the column', { name: 'x', type: 'number', lower: 0, upper: 0.125, decimals: 2 }],
    ['bounds too wide to be exact', { name: 'x', type: 'number', lower: 0, upper: 1e15, decimals: 6 }],
    ['an infinite bound', { name: 'x', type: 'number', lower: 0, upper: Infinity, decimals: 0 }],
    ['a value listed twice', { name: 'x', type: 'category', values: ['a', 'a'] }],
    ['a missing value as a category', { name: 'x', type: 'category', values: ['a', ''] }],
    ['two columns of one name', { name: 'person_id', type: 'category', values: ['a'] }],
  ])('with %s is refused', (_, column) => {
    expect(() => parseDeclaration('t', withColumns(column))).toThrow(
      expect.objectContaining({ code: 'declaration_invalid' }),
    );
  });

  it.each(['nosuch', 'region'])('whose privacy unit is %s is refused', (privacyUnit) => {
    expect(() => parseDeclaration('t', { ...wagePanelDeclaration, privacyUnit })).toThrow(/privacy unit/);
  });
});

describe('fixed point', () => {
  it('is exact or nothing', () => {
    expect(fixedPoint(0.07, 2)).toBe(7n);
    expect(fixedPoint(-1.5, 1)).toBe(-15n);
    expect(fixedPoint(0.075, 2)).toBeUndefined();
    expect(fixedPoint(NaN, 2)).toBeUndefined();
    expect(fixedPoint(9e15, 6)).toBeUndefined();
  });

  it('writes the decimal that it stands for', () => {
    expect(decimalText(1250n, 3)).toBe('1.25');
    expect(decimalText(-5n, 2)).toBe('-0.05');
    expect(decimalText(100n, 0)).toBe('100');
    expect(decimalText(0n, 12)).toBe('0');
    fc.assert(
      fc.property(fc.integer({ min: -1e9, max: 1e9 }), fc.integer({ min: 0, max: 6 }), (value, decimals) => {
        expect(Number(decimalText(BigInt(value), decimals))).toBe(value / 10 ** decimals);
      }),
    );
  });
});

describe('a table of the declared columns', () => {
  it('passes through unchanged', async () => {
    const csv = await wagePanelCsv();
    expect((await passedThrough(csv, 64 << 10)).equals(csv)).toBe(true);
  });

  it('may have its columns in any order, quotes, a byte order mark and CRLF', async () => {
    const csv = '\ufeffregion,year,"person_id",amount,occupation\r\n"so""uth",1980,7,"1,5",\r\n\r\n';
    await passedThrough(csv);
    expect(await Array.fromAsync(readCsv(Buffer.from(csv), table))).toEqual([
      ['7', '1980', 'so"uth', '', '1,5'],
    ]);
  });

  it('may have no rows', async () => {
    await passedThrough('person_id,year,region,occupation,amount\n');
    expect(
      await Array.fromAsync(readCsv(Buffer.from('person_id,year,region,occupation,amount'), table)),
    ).toEqual([]);
  });

  const header = 'person_id,year,region,occupation,amount\n';
  it.each([
    ['no bytes', '', /empty/],
    ['a missing column', 'person_id,year,region,amount\n', /lacks "occupation"/],
    ['an undeclared column', header.replace('\n', ',name\n'), /"name"/],
    ['a column twice', header.replace('\n', ',year\n'), /twice/],
    [
      'a short line',
      `${header}1,1980,south,1,5\n2,1980,south\n3,1981,west,1,1\n`,
      /Line 3 has another number/,
    ],
    ['an open quote', `${header}1,1980,"south,1,5\n`, /quote/],
    ['text after a quote', `${header}1,1980,"south"x,1,5\n`, /Line 2 has text after/],
    ['an endless line', `${header}1,1980,${'x'.repeat(2 << 20)}`, /Line 2 is longer/],
    ['letters of Latin-1', Buffer.from(`${header}1,1980,s\u00fcd,1,5\n`, 'latin1'), /not UTF-8/],
    ['UTF-16', Buffer.from(`\ufeff${header}1,1980,south,1,5\n`, 'utf16le'), /not UTF-8/],
    ['half a letter at its end', Buffer.from(`${header}1,1980,s\u00fc`).subarray(0, -1), /not UTF-8/],
    ['a picture', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), /./],
  ])('is refused with %s', async (_, text, message) => {
    const outcome = passedThrough(text, 1 << 16);
    await expect(outcome).rejects.toEqual(
      expect.objectContaining({ code: 'table_malformed', publicDetail: expect.stringMatching(message) }),
    );
  });

  it('is refused without a word of what a bad line holds', async () => {
    const outcome = passedThrough(`${header}1,1980,secret-region\n`);
    await expect(outcome).rejects.toEqual(
      expect.objectContaining({ publicDetail: expect.not.stringContaining('secret') }),
    );
  });
});
