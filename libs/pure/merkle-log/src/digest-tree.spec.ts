import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { DigestTree, LEAF_BYTES, leafHashes } from './index.js';

interface Vector {
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly sha256Tree: string;
}
const vectors: Vector[] = JSON.parse(
  readFileSync(new URL('../vectors/digest-tree-v1.json', import.meta.url), 'utf8'),
);
const longest = Math.max(...vectors.map(({ sizeBytes }) => sizeBytes));
const sample = Buffer.concat(
  Array.from({ length: longest / 32 + 1 }, (_, number) => {
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(number));
    return createHash('sha256').update(counter).digest();
  }),
);

describe('the digest tree', () => {
  it.each(vectors)('of $sizeBytes bytes is what another implementation makes', (vector) => {
    const bytes = sample.subarray(0, vector.sizeBytes);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(vector.sha256);
    const tree = new DigestTree();
    tree.add([leafHashes(bytes)]);
    expect(tree.root()).toBe(vector.sha256Tree);
  });

  it('is gone on with after any whole number of leaves', () => {
    const whole = new DigestTree();
    whole.add([leafHashes(sample)]);
    for (const leaves of [0, 1, 7, 32, 65]) {
      const before = new DigestTree();
      before.add([leafHashes(sample.subarray(0, leaves * LEAF_BYTES))]);
      const after = new DigestTree(before.save());
      after.add([leafHashes(sample.subarray(leaves * LEAF_BYTES))]);
      expect(after.root()).toBe(whole.root());
    }
  });

  it.each([0, 7, 8 + 31, 8 + 64])('refuses a state of %d bytes that is none', (length) => {
    const state = Buffer.alloc(length, 1);
    expect(() => new DigestTree(state)).toThrow(expect.objectContaining({ kind: 'invalid' }));
  });
});
