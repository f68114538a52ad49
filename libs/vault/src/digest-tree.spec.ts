import { createCipheriv, createHash, createSecretKey, randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FolderBlobStore } from '@castellan/blob-store';
import { DigestTree, leafHash, rootOf as merkleRoot } from '@castellan/merkle-log';
import { CHUNK_BYTES, HEADER_BYTES, StreamKey } from '@castellan/sealed-stream';
import {
  rootOf,
  SealedStore,
  sealedFileContext,
  Sha256Stream,
  unsealFile,
  type ExpectedFile,
  type SealedFile,
} from './index.js';

const LEAF = 65_536;
const path = 'model.safetensors';
const bytes = randomBytes(9_000_001);
const sha256 = (data: Uint8Array) => createHash('sha256').update(data).digest('hex');
/** By the definition, leaf by leaf. */
const treeOf = (data: Uint8Array) => {
  const leaves = [];
  for (let at = 0; at < data.length; at += LEAF) leaves.push(leafHash(data.subarray(at, at + LEAF)));
  return Buffer.from(merkleRoot(leaves)).toString('hex');
};
const named = { sizeBytes: bytes.length, sha256: sha256(bytes), sha256Tree: treeOf(bytes) };
const byTree: ExpectedFile = { sizeBytes: named.sizeBytes, sha256Tree: named.sha256Tree };

async function* pieces(data: Uint8Array, size = 1_000_000) {
  for (let at = 0; at < data.length; at += size) yield data.subarray(at, at + size);
}

describe('a file that is named by its digest tree', () => {
  const dataKey = { dataKeyId: randomUUID(), key: createSecretKey(randomBytes(32)) };
  let root: string;
  let blobs: FolderBlobStore;
  let store: SealedStore;
  let sealed: SealedFile;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'castellan-tree-'));
    blobs = await FolderBlobStore.open(root);
    store = new SealedStore(blobs);
    sealed = await write(bytes);
  });
  afterAll(() => rm(root, { recursive: true }));

  const write = (data: Uint8Array) => store.write({ ...dataKey, path, source: pieces(data), withTree: true });
  const onDisk = ({ blobKey }: SealedFile) => join(root, `${blobKey}.blob`);
  const open = ({ blobKey }: SealedFile, expected: ExpectedFile) =>
    unsealFile({ store: blobs, ...dataKey, blobKey, path, expected });
  const differs = expect.objectContaining({ code: 'file_differs' });

  it('has it taken while it is sealed, beside its SHA-256', () => {
    expect(sealed).toMatchObject(named);
  });

  it.each([0, 1, 4 * CHUNK_BYTES])('has none where it is only %d bytes long', async (length) => {
    expect(await write(bytes.subarray(0, length))).not.toHaveProperty('sha256Tree');
    expect(await write(bytes.subarray(0, 4 * CHUNK_BYTES + 1))).toHaveProperty('sha256Tree');
  });

  it('opens by the tree alone, by the SHA-256 alone, and by both', async () => {
    const { sizeBytes } = named;
    for (const expected of [byTree, { sizeBytes, sha256: named.sha256 }, named])
      expect((await open(sealed, expected)).bytes.equals(bytes)).toBe(true);
  });

  it('does not open where one of the two digests names other content, as a scan compares them', async () => {
    const other = randomBytes(bytes.length);
    await expect(open(sealed, { ...named, sha256Tree: treeOf(other) })).rejects.toEqual(differs);
    await expect(open(sealed, { ...named, sha256: sha256(other) })).rejects.toEqual(differs);
    await expect(open(sealed, { ...byTree, sha256Tree: treeOf(other) })).rejects.toEqual(differs);
  });

  it('does not open as another file that a holder of its key sealed in its place', async () => {
    const other = Buffer.from(bytes);
    other.writeUInt8(other.readUInt8(5_000_000) ^ 1, 5_000_000);
    await expect(open(await write(other), byTree)).rejects.toEqual(differs);
  });

  it('does not open with a chunk that a holder of its key made to have the same tag', async () => {
    const forged = await write(bytes);
    const file = await readFile(onDisk(forged));
    const context = sealedFileContext(dataKey.dataKeyId, path);
    const { chunkKey } = StreamKey.from(file.subarray(0, HEADER_BYTES), dataKey.key, context);
    // GHASH is a polynomial in H: a change of one block, and H times that change of the next, cancel out.
    const h = createCipheriv('aes-256-ecb', chunkKey.key, null).update(Buffer.alloc(16));
    const change = randomBytes(16);
    xorInto(file, HEADER_BYTES + 1600, change);
    xorInto(file, HEADER_BYTES + 1616, product(change, h));
    await writeFile(onDisk(forged), file);
    const opened = await unsealFile({ store: blobs, ...dataKey, blobKey: forged.blobKey, path });
    expect(opened.bytes.equals(bytes)).toBe(false);
    await expect(open(forged, byTree)).rejects.toEqual(differs);
    await expect(open(forged, named)).rejects.toEqual(differs);
  });

  it('does not open when it is cut at a chunk or a leaf', async () => {
    for (const kept of [CHUNK_BYTES, 3 * LEAF, 8 * CHUNK_BYTES]) {
      const short = await write(bytes.subarray(0, kept));
      await expect(open(short, byTree)).rejects.toEqual(differs);
    }
    const cut = await write(bytes);
    await truncate(onDisk(cut), 6_000_000);
    await expect(open(cut, byTree)).rejects.toMatchObject({
      code: expect.stringMatching(/^(unsealing_failed|file_differs)$/),
    });
  });

  it('has the same tree when it comes in by segments, and opens by it', async () => {
    const cuts = [0, 3 * LEAF, 70 * LEAF, bytes.length];
    let state = new DigestTree().save();
    const segments = [];
    let sha256Tree: string | undefined;
    for (const [turn, startBytes] of cuts.slice(0, -1).entries()) {
      const blobKey = store.newBlobKey('versions/1');
      const tree = new DigestTree(state);
      const digest = { sha256: new Sha256Stream(), tree };
      const source = pieces(bytes.subarray(startBytes, cuts[turn + 1]), 130_000);
      await store.writeSegment({ ...dataKey, path, blobKey, startBytes, source, digest });
      await digest.sha256.digest();
      state = tree.save();
      ({ sha256Tree } = rootOf(tree, bytes.length));
      segments.push({ ...dataKey, blobKey });
    }
    expect(sha256Tree).toBe(named.sha256Tree);
    const [first, ...further] = segments;
    if (first === undefined) throw new Error('no segment');
    const opened = await unsealFile({ store: blobs, ...first, further, path, expected: named });
    expect(opened.bytes.equals(bytes)).toBe(true);
  });
});

function xorInto(target: Buffer, at: number, mask: Uint8Array): void {
  for (const [turn, byte] of mask.entries()) target.writeUInt8(target.readUInt8(at + turn) ^ byte, at + turn);
}

/** Of two blocks, in the field of GHASH (NIST SP 800-38D, section 6.3). */
function product(a: Uint8Array, b: Uint8Array): Buffer {
  let [result, v] = [0n, BigInt(`0x${Buffer.from(b).toString('hex')}`)];
  const bits = BigInt(`0x${Buffer.from(a).toString('hex')}`);
  for (let bit = 127n; bit >= 0n; bit--) {
    if (((bits >> bit) & 1n) === 1n) result ^= v;
    v = (v & 1n) === 1n ? (v >> 1n) ^ (0xe1n << 120n) : v >> 1n;
  }
  return Buffer.from(result.toString(16).padStart(32, '0'), 'hex');
}
