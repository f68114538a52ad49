import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  decodeEntryBundle,
  decodeTile,
  encodeEntryBundle,
  encodeTile,
  entryBundlePath,
  leafHash,
  MAX_ENTRY_BYTES,
  MerkleError,
  newTiles,
  parseTilePath,
  RightEdge,
  tilePath,
  tilesOf,
} from './index.js';
import { numberedEntries } from './testing/memory-tiles.js';

function refusal(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    if (error instanceof MerkleError) return error.code;
    throw error;
  }
  return undefined;
}

describe('tile paths', () => {
  it.each([
    [{ level: 0, index: 0, width: 256 }, 'tile/0/000'],
    [{ level: 0, index: 273, width: 112 }, 'tile/0/273.p/112'],
    [{ level: 1, index: 1, width: 17 }, 'tile/1/001.p/17'],
    [{ level: 0, index: 1234067, width: 256 }, 'tile/0/x001/x234/067'],
    [{ level: 63, index: 1000, width: 1 }, 'tile/63/x001/000.p/1'],
  ])('of %j is %s', (tile, path) => {
    expect(tilePath(tile)).toBe(path);
    expect(parseTilePath(path)).toEqual({ kind: 'hashes', ...tile });
  });

  it('of an entry bundle has the word entries for a level', () => {
    expect(entryBundlePath({ index: 1234067, width: 8 })).toBe('tile/entries/x001/x234/067.p/8');
    expect(parseTilePath('tile/entries/000')).toEqual({ kind: 'entries', index: 0, width: 256 });
  });

  it.each([
    '',
    'tile/0',
    'tile/00/000',
    'tile/64/000',
    'tile/-1/000',
    'tile/0/0',
    'tile/0/0000',
    'tile/0/x000/001',
    'tile/0/001/000',
    'tile/0/x001/x000',
    'tile/0/000.p/0',
    'tile/0/000.p/256',
    'tile/0/000.p/01',
    'tile/0/000.p/',
    'tile/0/000/',
    '/tile/0/000',
    'tile/data/000',
    'tile/0/x009/x007/x199/x254/x740/992',
    'tile/0/000\n',
  ])('refuse %j', (path) => {
    expect(refusal(() => parseTilePath(path))).toBe('tile_malformed');
  });

  it.each([
    { level: -1, index: 0, width: 1 },
    { level: 64, index: 0, width: 1 },
    { level: 0, index: -1, width: 1 },
    { level: 0, index: 2 ** 53, width: 1 },
    { level: 0, index: 0, width: 0 },
    { level: 0, index: 0, width: 257 },
  ])('cannot be made for %j', (tile) => {
    expect(refusal(() => tilePath(tile))).toBe('tile_malformed');
  });

  it('survive the round trip', () => {
    const tile = fc.record({
      level: fc.nat(63),
      index: fc.maxSafeNat(),
      width: fc.integer({ min: 1, max: 256 }),
    });
    fc.assert(fc.property(tile, (t) => expect(parseTilePath(tilePath(t))).toEqual({ kind: 'hashes', ...t })));
  });
});

describe('the tiles of a tree', () => {
  it('of 70,000 leaves are those of the specification', () => {
    const tiles = tilesOf(70_000);
    expect(tiles.filter(({ width }) => width < 256).map(tilePath)).toEqual([
      'tile/0/273.p/112',
      'tile/1/001.p/17',
      'tile/2/000.p/1',
    ]);
    expect(tiles.filter(({ level, width }) => level === 0 && width === 256)).toHaveLength(273);
    expect(tiles.filter(({ level, width }) => level === 1 && width === 256)).toHaveLength(1);
  });

  it('of 256 leaves are a full one and a partial one above', () => {
    expect(tilesOf(256).map(tilePath)).toEqual(['tile/0/000', 'tile/1/000.p/1']);
  });

  it('that a growth writes are exactly those with a new hash', () => {
    expect(newTiles(0, 0)).toEqual([]);
    expect(newTiles(300, 300)).toEqual([]);
    expect(newTiles(255, 257).map(tilePath)).toEqual(['tile/0/000', 'tile/0/001.p/1', 'tile/1/000.p/1']);
    expect(refusal(() => newTiles(2, 1))).toBe('tree_position_invalid');
    const growth = fc.tuple(fc.nat(2000), fc.nat(2000));
    fc.assert(
      fc.property(growth, ([from, by]) => {
        const { edge } = RightEdge.empty().grow(numberedEntries(from).map(leafHash));
        const { tiles } = edge.grow(numberedEntries(by, from).map(leafHash));
        expect(tiles.map(tilePath)).toEqual(newTiles(from, from + by).map(tilePath));
        for (const tile of tiles) expect(tile.hashes).toHaveLength(tile.width);
      }),
      { numRuns: 20 },
    );
  });

  it('survive the round trip as bytes', () => {
    const hashes = numberedEntries(9).map(leafHash);
    expect(decodeTile(encodeTile(hashes))).toEqual(hashes);
    expect(encodeTile(hashes)).toHaveLength(288);
  });

  it.each([0, 31, 33, 257 * 32])('refuse %i bytes', (length) => {
    expect(refusal(() => decodeTile(new Uint8Array(length)))).toBe('tile_malformed');
  });
});

describe('entry bundles', () => {
  it('put two bytes of length before each entry', () => {
    const bundle = encodeEntryBundle([Buffer.from('abc'), new Uint8Array(), new Uint8Array(258)]);
    expect(Buffer.from(bundle.slice(0, 9)).toString('hex')).toBe('000361626300000102');
  });

  it('survive the round trip', () => {
    const entries = fc.array(fc.uint8Array({ maxLength: 70 }), { minLength: 1, maxLength: 256 });
    fc.assert(
      fc.property(entries, (list) => {
        const copies = list.map((entry) => new Uint8Array(entry));
        expect(decodeEntryBundle(encodeEntryBundle(copies))).toEqual(copies);
      }),
    );
  });

  it('hold an entry of 65,535 bytes and refuse one more', () => {
    const longest = new Uint8Array(MAX_ENTRY_BYTES);
    expect(decodeEntryBundle(encodeEntryBundle([longest]))).toEqual([longest]);
    expect(refusal(() => encodeEntryBundle([new Uint8Array(MAX_ENTRY_BYTES + 1)]))).toBe('entry_too_long');
  });

  it('refuse no entry and more than 256', () => {
    expect(refusal(() => encodeEntryBundle([]))).toBe('bundle_malformed');
    expect(refusal(() => encodeEntryBundle(numberedEntries(257)))).toBe('bundle_malformed');
    expect(refusal(() => decodeEntryBundle(new Uint8Array(257 * 2)))).toBe('bundle_malformed');
  });

  it('that were cut anywhere but between entries are refused', () => {
    const bundle = encodeEntryBundle([Buffer.from('abc'), Buffer.from('defg')]);
    const whole = [5, 11];
    for (let length = 0; length <= bundle.length; length += 1)
      expect(refusal(() => decodeEntryBundle(bundle.slice(0, length)))).toBe(
        whole.includes(length) ? undefined : 'bundle_malformed',
      );
  });
});
