import { generateKeyPairSync } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { leafHash, proveConsistency, RightEdge, type Hash } from '@castellan/merkle-log';
import { formatCheckpoint, NoteSigner, openCheckpoint } from '@castellan/signed-note';
import { CheckpointAuthority } from './index.js';
import { VolatileMemory } from './testing/spec-log.js';

const ORIGIN = 'castellan.local/audit/spec';
const leaves = Array.from({ length: 20 }, (_, i) => leafHash(Buffer.from(`entry ${i}`)));
const treeOf = (size: number) => RightEdge.empty().grow(leaves.slice(0, size));
const text = (
  size: number,
  root: Hash = treeOf(size).edge.root(),
  origin = ORIGIN,
  extensions: string[] = [],
) => formatCheckpoint({ origin, size, root, extensions });
const proof = (oldSize: number, newSize: number): Promise<Hash[]> => {
  const { tiles } = treeOf(newSize);
  return proveConsistency(
    oldSize,
    newSize,
    async ({ level }) => tiles.find((tile) => tile.level === level)?.hashes,
  );
};

let memory: VolatileMemory;
let authority: CheckpointAuthority;
const signer = new NoteSigner(ORIGIN, generateKeyPairSync('ed25519').privateKey);
beforeEach(() => {
  memory = new VolatileMemory();
  authority = new CheckpointAuthority(signer, memory);
});

const sign = async (oldSize: number, newSize: number): Promise<string> =>
  authority.sign({ oldSize, proof: await proof(oldSize, newSize), checkpoint: text(newSize) });

describe('the checkpoint authority', () => {
  it('signs growth from its last checkpoint', async () => {
    await sign(0, 5);
    const note = await sign(5, 12);
    expect(openCheckpoint(note, ORIGIN, [signer.verifierKey]).size).toBe(12);
    expect(await authority.last()).toBe(note);
  });

  it('remembers before it answers', async () => {
    memory.save = async () => {
      throw new RangeError('disk full');
    };
    await expect(sign(0, 5)).rejects.toThrow('disk full');
    expect(await authority.last()).toBeUndefined();
  });

  it('signs again what it signed last, to the same bytes', async () => {
    const note = await sign(0, 5);
    expect(await authority.sign({ oldSize: 5, proof: [], checkpoint: text(5) })).toBe(note);
  });

  it.each([0, 4, 6])('answers with its own when asked to grow from %i after it signed 5', async (oldSize) => {
    const note = await sign(0, 5);
    await expect(authority.sign({ oldSize, proof: [], checkpoint: text(7) })).rejects.toMatchObject({
      code: 'checkpoint_conflict',
      kind: 'conflict',
      meta: { last: note },
    });
  });

  it('signs one of two that were asked for at once', async () => {
    await sign(0, 5);
    const both = await Promise.allSettled([sign(5, 7), sign(5, 9)]);
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  });

  it.each<[string, () => Promise<{ proof: Hash[]; checkpoint: string }>]>([
    [
      'another root',
      async () => ({ proof: await proof(5, 9), checkpoint: text(9, leafHash(Buffer.from('x'))) }),
    ],
    ['a proof of something else', async () => ({ proof: await proof(4, 9), checkpoint: text(9) })],
    ['a smaller tree', async () => ({ proof: [], checkpoint: text(4) })],
    [
      'another tree of the same size',
      async () => ({ proof: [], checkpoint: text(5, leafHash(Buffer.from('x'))) }),
    ],
    [
      'another log',
      async () => ({ proof: await proof(5, 9), checkpoint: text(9, undefined, 'another.example') }),
    ],
    [
      'extension lines',
      async () => ({ proof: await proof(5, 9), checkpoint: text(9, undefined, ORIGIN, ['more']) }),
    ],
    ['no checkpoint', async () => ({ proof: [], checkpoint: 'hello\n' })],
    ['a root that is no hash', async () => ({ proof: [new Uint8Array(3)], checkpoint: text(9) })],
  ])('refuses %s', async (_, request) => {
    const note = await sign(0, 5);
    await expect(authority.sign({ oldSize: 5, ...(await request()) })).rejects.toMatchObject({
      code: 'checkpoint_refused',
    });
    expect(await authority.last()).toBe(note);
  });

  it('refuses to go on from a memory that is not its own', async () => {
    await sign(0, 5);
    memory.note = memory.note?.replace('\n5\n', '\n6\n');
    await expect(sign(6, 9)).rejects.toMatchObject({ code: 'signature_invalid' });
  });
});
