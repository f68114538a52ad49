import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import ct from '../vectors/ct-reference.json' with { type: 'json' };
import sumdb from '../vectors/sumdb-tlog.json' with { type: 'json' };
import {
  CompactRange,
  emptyRoot,
  leafHash,
  MerkleError,
  nodeHash,
  proveConsistency,
  proveInclusion,
  RightEdge,
  rootFromTiles,
  rootOf,
  verifyConsistency,
  verifyInclusion,
  type Hash,
} from './index.js';
import { MemoryTiles, numberedEntries } from './testing/memory-tiles.js';

const hex = (hash: Uint8Array): string => Buffer.from(hash).toString('hex');
const fromHex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));
const fromBase64 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));

const entries = ct.leaves.map(fromHex);
const leaves = entries.map(leafHash);
const roots = ct.roots.map(fromHex);
const ctRoot = (size: number): Hash => roots[size] ?? emptyRoot();

function refusal(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    if (error instanceof MerkleError) return error.code;
    throw error;
  }
  return undefined;
}

describe('hashing', () => {
  it('gives the leaves and nodes of the reference tree', () => {
    let level = leaves;
    for (const expected of ct.nodes) {
      expect(level.map(hex)).toEqual(expected);
      level = level.flatMap((right, i) => (i % 2 === 1 ? [nodeHash(level[i - 1] ?? right, right)] : []));
    }
  });

  it('refuses to join what is not a hash', () => {
    expect(refusal(() => nodeHash(new Uint8Array(31), emptyRoot()))).toBe('hash_malformed');
  });
});

describe('CompactRange', () => {
  it('gives the root of the reference tree at every size', () => {
    const range = new CompactRange();
    expect(hex(range.root())).toBe(ct.roots[0]);
    leaves.forEach((leaf, i) => {
      range.append(leaf);
      expect(hex(range.root())).toBe(ct.roots[i + 1]);
    });
  });

  it('goes on from what it saved', () => {
    const leaf = fc.uint8Array({ minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(fc.array(leaf, { maxLength: 70 }), fc.array(leaf, { maxLength: 70 }), (head, tail) => {
        const range = new CompactRange();
        head.forEach((hash) => range.append(hash));
        const restored = CompactRange.restore(range.size, range.roots);
        tail.forEach((hash) => restored.append(hash));
        expect(restored.root()).toEqual(rootOf([...head, ...tail]));
      }),
    );
  });

  it('refuses hashes that do not fit its size', () => {
    expect(refusal(() => CompactRange.restore(3, [emptyRoot()]))).toBe('tree_position_invalid');
    expect(refusal(() => CompactRange.restore(1, [new Uint8Array(5)]))).toBe('hash_malformed');
    expect(refusal(() => CompactRange.restore(2 ** 53, []))).toBe('tree_position_invalid');
  });
});

describe('tiles', () => {
  it('carry the roots and proofs that Go computes, hash for hash, up to 70,000 leaves', async () => {
    const log = await MemoryTiles.of(numberedEntries(70_000));
    expect(log.edge.root()).toEqual(fromBase64(sumdb.roots.at(-1)?.root ?? ''));
    for (const { size, root } of sumdb.roots)
      expect(await rootFromTiles(size, log.read)).toEqual(fromBase64(root));
    for (const { index, size, proof } of sumdb.inclusion)
      expect(await proveInclusion(index, size, log.read)).toEqual(proof.map(fromBase64));
    for (const { oldSize, newSize, proof } of sumdb.consistency)
      expect(await proveConsistency(oldSize, newSize, log.read)).toEqual(proof.map(fromBase64));
  });

  it('come out the same however the entries were batched', async () => {
    const batches = fc.array(fc.integer({ min: 0, max: 600 }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(batches, async (sizes) => {
        const log = new MemoryTiles();
        for (const size of sizes) await log.append(numberedEntries(size, log.edge.size));
        const whole = await MemoryTiles.of(numberedEntries(log.edge.size));
        expect(log.tiles).toEqual(whole.tiles);
        expect(log.edge.root()).toEqual(rootOf(numberedEntries(log.edge.size).map(leafHash)));
      }),
      { numRuns: 25 },
    );
  });

  it('show another root at the right edge when one stored hash was changed', async () => {
    const log = await MemoryTiles.of(numberedEntries(300));
    const tile = [...(log.tiles.get('0/1') ?? [])];
    tile[7] = leafHash(Buffer.from('forged'));
    log.tiles.set('0/1', tile);
    expect((await RightEdge.read(300, log.read)).root()).not.toEqual(log.edge.root());
  });

  it('that are missing or narrow are reported, never guessed', async () => {
    const log = await MemoryTiles.of(numberedEntries(300));
    log.tiles.set('0/1', (log.tiles.get('0/1') ?? []).slice(0, 43));
    await expect(RightEdge.read(300, log.read)).rejects.toMatchObject({ code: 'tile_missing' });
    await expect(rootFromTiles(300, log.read)).rejects.toMatchObject({ code: 'tile_missing' });
    await expect(rootFromTiles(299, log.read)).resolves.toEqual(rootOf(numberedEntries(299).map(leafHash)));
    log.tiles.delete('0/0');
    await expect(proveInclusion(0, 299, log.read)).rejects.toMatchObject({ code: 'tile_missing' });
  });
});

describe('proofs', () => {
  it('of the reference tree are those of the reference suite', async () => {
    const log = await MemoryTiles.of(entries);
    for (const { index, size, proof } of ct.inclusion)
      expect((await proveInclusion(index, size, log.read)).map(hex)).toEqual(proof);
    for (const { oldSize, newSize, proof } of ct.consistency)
      expect((await proveConsistency(oldSize, newSize, log.read)).map(hex)).toEqual(proof);
  });

  const SMALL = 40;
  const small = numberedEntries(SMALL).map(leafHash);
  const smallRoots = Array.from({ length: SMALL + 1 }, (_, size) => rootOf(small.slice(0, size)));
  const rootAt = (size: number): Hash => smallRoots[size] ?? emptyRoot();
  const leafAt = (index: number): Hash => small[index] ?? emptyRoot();

  it(`show every leaf of every tree up to ${SMALL}, and no leaf elsewhere`, async () => {
    const log = await MemoryTiles.of(numberedEntries(SMALL));
    for (let size = 1; size <= SMALL; size += 1)
      for (let index = 0; index < size; index += 1) {
        const proof = await proveInclusion(index, size, log.read);
        verifyInclusion({ index, size, leaf: leafAt(index), root: rootAt(size) }, proof);
        for (let other = 0; other < size; other += 1)
          if (other !== index)
            expect(
              refusal(() =>
                verifyInclusion({ index: other, size, leaf: leafAt(index), root: rootAt(size) }, proof),
              ),
            ).toBeDefined();
      }
  });

  it(`show every tree up to ${SMALL} to be a prefix of every larger one, and of no other`, async () => {
    const log = await MemoryTiles.of(numberedEntries(SMALL));
    for (let newSize = 0; newSize <= SMALL; newSize += 1)
      for (let oldSize = 0; oldSize <= newSize; oldSize += 1) {
        const proof = await proveConsistency(oldSize, newSize, log.read);
        const claim = { oldSize, oldRoot: rootAt(oldSize), newSize, newRoot: rootAt(newSize) };
        verifyConsistency(claim, proof);
        const forged = leafHash(Buffer.from('forged'));
        expect(refusal(() => verifyConsistency({ ...claim, oldRoot: forged }, proof))).toBe('root_mismatch');
        if (oldSize > 0)
          expect(refusal(() => verifyConsistency({ ...claim, newRoot: forged }, proof))).toBe(
            'root_mismatch',
          );
      }
  });

  it('fail when any bit of any hash is flipped, and when a hash is dropped, doubled or added', async () => {
    const log = await MemoryTiles.of(numberedEntries(SMALL));
    const positions = fc.integer({ min: 2, max: SMALL }).chain((size) =>
      fc.record({
        size: fc.constant(size),
        index: fc.nat(size - 1),
        old: fc.integer({ min: 1, max: size - 1 }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(positions, fc.nat(), fc.nat(255), async ({ size, index, old }, at, bit) => {
        const inclusion = await proveInclusion(index, size, log.read);
        const consistency = await proveConsistency(old, size, log.read);
        const leafClaim = { index, size, leaf: leafAt(index), root: rootAt(size) };
        const prefixClaim = { oldSize: old, oldRoot: rootAt(old), newSize: size, newRoot: rootAt(size) };
        for (const [proof, verify] of [
          [inclusion, (hashes: Hash[]) => verifyInclusion(leafClaim, hashes)],
          [consistency, (hashes: Hash[]) => verifyConsistency(prefixClaim, hashes)],
        ] as const) {
          verify(proof);
          const k = at % proof.length;
          const flipped = proof.map((hash, i) =>
            i === k ? hash.map((b, j) => (j === bit >> 3 ? b ^ (1 << (bit & 7)) : b)) : hash,
          );
          expect(refusal(() => verify(flipped))).toBe('root_mismatch');
          const without = proof.filter((_, i) => i !== k);
          expect(refusal(() => verify(without))).toBeDefined();
          const doubled = [...proof.slice(0, k + 1), ...proof.slice(k)];
          expect(refusal(() => verify(doubled))).toBe('proof_length_invalid');
          expect(refusal(() => verify([...proof, rootAt(size)]))).toBe('proof_length_invalid');
          expect(refusal(() => verify(proof.map((hash) => hash.slice(1))))).toBe('hash_malformed');
        }
      }),
    );
  });

  it.each([
    ['an index past the end', { index: 8, size: 8 }],
    ['a negative index', { index: -1, size: 8 }],
    ['half an index', { index: 0.5, size: 8 }],
    ['an empty tree', { index: 0, size: 0 }],
    ['a size of 2^53', { index: 0, size: 2 ** 53 }],
    ['no number', { index: NaN, size: 8 }],
  ])('refuse %s', async (_, place) => {
    const log = await MemoryTiles.of(entries);
    const claim = { ...place, leaf: leafHash(new Uint8Array()), root: ctRoot(8) };
    expect(refusal(() => verifyInclusion(claim, []))).toBe('tree_position_invalid');
    await expect(proveInclusion(place.index, place.size, log.read)).rejects.toMatchObject({
      code: 'tree_position_invalid',
    });
  });

  it('refuse a tree that shrank, and a proof between equal trees', () => {
    const claim = { oldSize: 8, oldRoot: ctRoot(8), newSize: 7, newRoot: ctRoot(7) };
    expect(refusal(() => verifyConsistency(claim, []))).toBe('tree_position_invalid');
    const same = { oldSize: 8, oldRoot: ctRoot(8), newSize: 8, newRoot: ctRoot(8) };
    expect(refusal(() => verifyConsistency(same, [ctRoot(8)]))).toBe('proof_length_invalid');
    expect(refusal(() => verifyConsistency({ ...same, oldSize: 0 }, []))).toBe('root_mismatch');
    const empty = { oldSize: 0, oldRoot: emptyRoot(), newSize: 0, newRoot: ctRoot(1) };
    expect(refusal(() => verifyConsistency(empty, []))).toBe('root_mismatch');
  });

  it('never raise anything but a MerkleError, whatever is claimed', () => {
    const number = fc.oneof(fc.nat(50), fc.double(), fc.maxSafeInteger());
    const hash = fc.oneof(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.uint8Array({ maxLength: 3 }));
    fc.assert(
      fc.property(number, number, hash, hash, fc.array(hash, { maxLength: 60 }), (a, b, x, y, proof) => {
        refusal(() => verifyInclusion({ index: a, size: b, leaf: x, root: y }, proof));
        refusal(() => verifyConsistency({ oldSize: a, oldRoot: x, newSize: b, newRoot: y }, proof));
      }),
    );
  });
});
