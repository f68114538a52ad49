import type { DatasetDeclaration } from '@castellan/contracts';
import { encode, int, list, long, parquetFile, struct, text } from '../testing/hostile-parquet.js';
import { checkApart } from './check-apart.js';
import { parseDeclaration } from './protected-table.js';
import { requireColumns } from './table-malformed.js';

const declaration: DatasetDeclaration = {
  columns: [{ name: 'who', type: 'id' }],
  privacyUnit: 'who',
  neighbours: 'add_remove_unit',
  maxGroupsPerUnit: 1,
  maxRowsPerGroup: 1,
  purpose: 'test',
  format: 'parquet',
};
const table = parseDeclaration('t', declaration);

const root = (children: number) => struct([4, text('schema')], [5, int(children)]);
/** A required column of INT32. */
const who = struct([1, int(1)], [3, int(0)], [4, text('who')]);

interface Claims {
  readonly rows: number | bigint;
  readonly inGroup?: number | bigint;
  readonly values?: number | bigint;
  readonly unpacked?: number | bigint;
  readonly page?: Buffer;
  readonly codec?: number;
}

/** One column in one row group, whose index and page claim what they like. */
function file({
  rows,
  inGroup = rows,
  values = rows,
  unpacked = 100,
  page = Buffer.alloc(0),
  codec = 0,
}: Claims) {
  const column = struct(
    [1, int(1)],
    [2, list(int(0))],
    [3, list(text('who'))],
    [4, int(codec)],
    [5, long(values)],
    [6, long(unpacked)],
    [7, long(page.length)],
    [9, long(4)],
  );
  const group = struct([1, list(struct([2, long(4)], [3, column]))], [2, long(unpacked)], [3, long(inGroup)]);
  return parquetFile(struct([1, int(1)], [2, list(root(1), who)], [3, long(rows)], [4, list(group)]), page);
}

/** A data page (v1, plain) whose header claims so many values and bytes. */
function page(values: number, unpackedBytes: number, body = Buffer.alloc(4)): Buffer {
  const data = struct([1, int(values)], [2, int(0)], [3, int(3)], [4, int(3)]);
  const header = struct([1, int(0)], [2, int(unpackedBytes)], [3, int(body.length)], [5, data]);
  return Buffer.concat([encode(header), body]);
}

const outcome = (bytes: Uint8Array, patience = { heapMb: 64, timeLimit: 20_000 }) =>
  checkApart(bytes, table, patience).then(
    () => 'read',
    (error: unknown) => error,
  );

describe('a Parquet file that lies', () => {
  it('is not the reason why an honest one is refused', async () => {
    expect(await outcome(file({ rows: 1, page: page(1, 4) }))).toBe('read');
  });

  it.each([
    ['more rows than its groups have', file({ rows: 2n ** 50n, inGroup: 1 }), /disagrees with itself/],
    ['more rows than anybody has', file({ rows: 2n ** 50n }), /claims more than 1000000000 rows/],
    ['fewer than none', file({ rows: -5n, inGroup: -5n, values: -5n }), /disagrees with itself/],
    ['other numbers of values than rows', file({ rows: 1, values: 2n ** 40n }), /disagrees with itself/],
    ['to unpack to a tebibyte', file({ rows: 1, unpacked: 2n ** 40n }), /more than 2 GiB/],
    [
      'a page larger than it is',
      file({ rows: 1, page: page(1, 2 ** 31 - 1), codec: 2 }),
      /claims 1 values in 2147483647 bytes/,
    ],
    ['values that its page lacks', file({ rows: 900, page: page(900, 4) }), /can’t be read/],
    [
      'columns within columns',
      parquetFile(
        struct(
          [1, int(1)],
          [2, list(root(1), struct([4, text('who')], [5, int(1)]), who)],
          [3, int(0)],
          [4, list()],
        ),
      ),
      /"who" is nested/,
    ],
    [
      'an index longer than itself',
      Buffer.concat([Buffer.from('PAR1'), Buffer.from([255, 255, 255, 127]), Buffer.from('PAR1')]),
      /not a Parquet file/,
    ],
  ])('and claims %s is refused as malformed', async (_, bytes, message) => {
    expect(await outcome(bytes)).toMatchObject({
      code: 'table_malformed',
      publicDetail: expect.stringMatching(message) as string,
    });
  });

  it('by nesting its index a hundred thousand deep is refused, and the process goes on', async () => {
    // Field 1, a structure, within field 1, within …
    const deep = Buffer.concat([Buffer.alloc(100_000, 0x1c), Buffer.alloc(100_001)]);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(deep.length);
    const bytes = Buffer.concat([Buffer.from('PAR1'), deep, length, Buffer.from('PAR1')]);
    expect(await outcome(bytes)).toMatchObject({ code: 'table_malformed' });
  });

  it('by five hundred million values in a dozen bytes is refused before room is made for them', async () => {
    // Nullable, and one run of 500 million missing values in a dozen bytes.
    const run = Buffer.concat([Buffer.of(6, 0, 0, 0), Buffer.from([0x80, 0x94, 0xeb, 0xdc, 0x03, 0])]);
    const nullable = struct([1, int(1)], [3, int(1)], [4, text('who')]);
    const rows = 500_000_000;
    const body = page(rows, run.length, run);
    const column = struct(
      ...([
        [1, int(1)],
        [2, list(int(0))],
        [3, list(text('who'))],
        [4, int(0)],
        [5, long(rows)],
      ] as const),
      ...([
        [6, long(100)],
        [7, long(body.length)],
        [9, long(4)],
      ] as const),
    );
    const group = struct([1, list(struct([2, long(4)], [3, column]))], [2, long(100)], [3, long(rows)]);
    const index = struct([1, int(1)], [2, list(root(1), nullable)], [3, long(rows)], [4, list(group)]);
    expect(await outcome(parquetFile(index, body), { heapMb: 64, timeLimit: 20_000 })).toMatchObject({
      code: 'table_malformed',
      publicDetail: expect.stringMatching(/A page claims 500000000 values/) as string,
    });
  });
});

it('a refusal names a few columns, however many a file has', () => {
  const many = Array.from({ length: 100_000 }, (_, i) => `${'x'.repeat(500)}${i}`);
  const detail = () => requireColumns('The schema', ['who', ...many], ['who']);
  expect(detail).toThrow(expect.objectContaining({ code: 'table_malformed' }));
  try {
    detail();
  } catch (error) {
    expect((error as { publicDetail: string }).publicDetail.length).toBeLessThan(600);
    expect((error as { publicDetail: string }).publicDetail).toContain('and 99995 more');
  }
});
