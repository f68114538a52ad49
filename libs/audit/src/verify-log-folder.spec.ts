import { generateKeyPairSync } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  decodeEntryBundle,
  decodeTile,
  encodeEntryBundle,
  encodeTile,
  entryBundlePath,
  leafHash,
  RightEdge,
  rootOf,
  TILE_WIDTH,
  tilePath,
  type Hash,
  type ReadTile,
} from '@castellan/merkle-log';
import { formatCheckpoint, NoteSigner, signNote } from '@castellan/signed-note';
import { leafText } from './audit-event.js';
import { payloadsExpired } from './retention/expiry-event.js';
import { signPermit } from './retention/expiry-permit.js';
import { verifyLogFolder, type ReadEntries } from './index.js';

const LEAVES = 33_000;
const HELD = 300;

const signer = new NoteSigner('castellan.local/audit/spec', generateKeyPairSync('ed25519').privateKey);
const checkpointOf = (size: number, root: Hash, by = signer) =>
  signNote(formatCheckpoint({ origin: by.name, size, root, extensions: [] }), [by]);
const entries = Array.from({ length: LEAVES }, (_, n) => Buffer.from(`{"entry":${n}}`));
const permitted = [772, 32_775].map((begin) => ({ begin, end: begin + 1 }));
const expiry = payloadsExpired(permitted, signPermit(permitted, new Date(0), signer), {
  actor: { kind: 'process', name: 'jobs' },
});
entries[30_000] = Buffer.from(leafText(expiry, '019a0000-0000-7000-8000-000000000000', new Date(0)));
const leaves = entries.map((entry) => leafHash(entry));
const { edge, tiles } = RightEdge.empty().grow(leaves);
const checkpointNote = checkpointOf(LEAVES, edge.root());
const early = checkpointOf(HELD, rootOf(leaves.slice(0, HELD)));

const folder = await mkdtemp(join(tmpdir(), 'castellan-copy-'));
beforeAll(async () => {
  for (const tile of tiles) {
    await write(tilePath(tile), encodeTile(tile.hashes));
    const begin = tile.index * TILE_WIDTH;
    if (tile.level === 0)
      await write(entryBundlePath(tile), encodeEntryBundle(entries.slice(begin, begin + tile.width)));
  }
});
afterAll(() => rm(folder, { recursive: true }));

async function write(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), bytes);
}
const readTile: ReadTile = async (tile) => decodeTile(await readFile(join(folder, tilePath(tile))));
const readEntries: ReadEntries = async (index, width) =>
  decodeEntryBundle(await readFile(join(folder, entryBundlePath({ index, width }))));
const verify = async (held: readonly string[] = []) =>
  verifyLogFolder({
    folder,
    vkey: signer.verifierKey.toString(),
    checkpointNote,
    held,
    readTile,
    readEntries,
    threads: 2,
  });

describe('verifying a copy with threads', () => {
  it('finds a sound one sound, and a beginning of itself in what was held', async () => {
    expect(await verify([early])).toEqual({ ok: true, size: LEAVES, faults: [] });
  });

  it('finds payloads that expired by a permit in it, and tells one that was taken away', async () => {
    const taken = async (place: string, index: number) => {
      const path = `tile/entries/${place}`;
      const bundle = decodeEntryBundle(await readFile(join(folder, path)));
      await write(path, encodeEntryBundle(bundle.map((entry, i) => (i === index ? Buffer.alloc(0) : entry))));
    };
    await taken('003', 4);
    await taken('128.p/232', 7);
    expect(await verify([early])).toEqual({ ok: true, size: LEAVES, expired: 2, faults: [] });
    await taken('001', 0);
    const faults = [{ index: 256, code: 'payload_missing' }];
    expect(await verify()).toMatchObject({ ok: false, expired: 3, faults });
    for (const index of [1, 3, 128]) {
      const bundle = encodeEntryBundle(entries.slice(index * TILE_WIDTH, (index + 1) * TILE_WIDTH));
      await write(
        entryBundlePath({ index, width: Math.min(TILE_WIDTH, LEAVES - index * TILE_WIDTH) }),
        bundle,
      );
    }
  });

  it.each([
    ['the first thread’s', '000', 5],
    ['the last thread’s', '127', 5],
    ['the last, narrow bundle’s', '128.p/232', 5],
  ])('names an entry of %s share that was changed', async (_, place, at) => {
    const path = `tile/entries/${place}`;
    const bytes = await readFile(join(folder, path));
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ 1;
    await write(path, changed);
    const index = Number(place.slice(0, 3)) * 256;
    expect(await verify()).toMatchObject({ ok: false, faults: [{ index, code: 'leaf_edited' }] });
    await write(path, bytes);
  });

  it('names a tile that was changed with its leaves, and a held checkpoint of another history', async () => {
    const bytes = await readFile(join(folder, 'tile/0/007'));
    await write('tile/0/007', Buffer.from(bytes).fill(0, 0, 32));
    const { faults } = await verify();
    expect(faults.map(({ code }) => code)).toContain('tile_edited');
    await write('tile/0/007', bytes);
    const forked = checkpointOf(HELD, rootOf(leaves.slice(1, HELD + 1)));
    expect((await verify([forked])).faults).toMatchObject([{ code: 'log_forked' }]);
  });
});
