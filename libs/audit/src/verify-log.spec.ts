import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RightEdge, leafHash, TILE_WIDTH, type Hash, type Tile } from '@castellan/merkle-log';
import { formatCheckpoint, NoteSigner, signNote } from '@castellan/signed-note';
import { verifyLog, type LogVerdict } from './index.js';

const signer = new NoteSigner('example.com/log', generateKeyPairSync('ed25519').privateKey);
const vkey = signer.verifierKey.toString();

/** A log in memory that anybody may tamper with. */
class OpenLog {
  readonly entries: (Uint8Array | undefined)[] = [];
  readonly tiles = new Map<string, Hash[]>();
  #edge = RightEdge.empty();

  constructor(size: number) {
    this.append(size);
  }

  append(count: number): string {
    const added = Array.from({ length: count }, (_, i) => Buffer.from(`entry ${this.entries.length + i}`));
    this.entries.push(...added);
    const { edge, tiles } = this.#edge.grow(added.map(leafHash));
    for (const tile of tiles) this.tiles.set(key(tile), [...tile.hashes]);
    this.#edge = edge;
    return this.checkpoint();
  }

  checkpoint(): string {
    const { size } = this.#edge;
    const text = formatCheckpoint({
      origin: 'example.com/log',
      size,
      root: this.#edge.root(),
      extensions: [],
    });
    return signNote(text, [signer]);
  }

  verify(checkpointNote: string, held: readonly string[] = []): Promise<LogVerdict> {
    return verifyLog({
      checkpointNote,
      held,
      vkey,
      readEntries: async (index, width) => this.entries.slice(index * TILE_WIDTH, index * TILE_WIDTH + width),
      readTile: async (tile) => this.tiles.get(key(tile)),
    });
  }
}

function key({ level, index }: Pick<Tile, 'level' | 'index'>): string {
  return `${level}/${index}`;
}

describe('verifyLog', () => {
  it('accepts a sound log of any size, with any of its checkpoints held', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(400), { minLength: 1, maxLength: 4 }), async (growth) => {
        const log = new OpenLog(0);
        const notes = growth.map((count) => log.append(count));
        const size = growth.reduce((sum, count) => sum + count, 0);
        expect(await log.verify(notes.at(-1) ?? '', notes)).toEqual({ ok: true, size, faults: [] });
      }),
      { numRuns: 30 },
    );
  });

  it('says of any changed leaf that it was edited, and of no other', async () => {
    const size = fc.integer({ min: 1, max: 700 });
    await fc.assert(
      fc.asyncProperty(size, fc.nat(), fc.string(), async (count, at, text) => {
        const log = new OpenLog(count);
        const index = at % count;
        log.entries[index] = Buffer.from(`${text} is no entry`);
        const { ok, faults } = await log.verify(log.checkpoint());
        expect(ok).toBe(false);
        expect(faults).toMatchObject([{ index, code: 'leaf_edited' }]);
      }),
      { numRuns: 30 },
    );
  });

  it('never calls sound a log in which anything was changed', async () => {
    type Tampering = (log: OpenLog, at: number) => void;
    const tamperings: Record<string, Tampering> = {
      'a leaf dropped': (log, at) => void (log.entries[at % log.entries.length] = undefined),
      'leaves closed up over a gap': (log, at) => void log.entries.splice(at % log.entries.length, 1),
      'a leaf put in': (log, at) => void log.entries.splice(at % log.entries.length, 0, Buffer.from('new')),
      'two leaves swapped': (log, at) => {
        const i = at % (log.entries.length - 1);
        [log.entries[i], log.entries[i + 1]] = [log.entries[i + 1], log.entries[i]];
      },
      'a tail cut off': (log, at) => void log.entries.splice(at % log.entries.length),
      'a tile dropped': (log, at) => void log.tiles.delete([...log.tiles.keys()][at % log.tiles.size] ?? ''),
      'a hash changed': (log, at) => {
        const tile = [...log.tiles.values()][at % log.tiles.size] ?? [];
        tile[at % tile.length] = leafHash(Buffer.from('forged'));
      },
      'a leaf and its hash changed': (log, at) => {
        const i = at % log.entries.length;
        log.entries[i] = Buffer.from('forged');
        const tile = log.tiles.get(`0/${Math.floor(i / TILE_WIDTH)}`) ?? [];
        tile[i % TILE_WIDTH] = leafHash(Buffer.from('forged'));
      },
    };
    const plan = fc.array(fc.tuple(fc.constantFrom(...Object.keys(tamperings)), fc.nat()), {
      minLength: 1,
      maxLength: 2,
    });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 3, max: 600 }), plan, async (size, steps) => {
        const log = new OpenLog(size);
        const note = log.checkpoint();
        const before = fingerprint(log, size);
        for (const [name, at] of steps) tamperings[name]?.(log, at);
        fc.pre(fingerprint(log, size) !== before);
        const { ok, faults } = await log.verify(note);
        expect(ok).toBe(false);
        expect(faults.length).toBeGreaterThan(0);
      }),
      {
        numRuns: 150,
        examples: [
          [
            3,
            [
              ['a leaf put in', 2],
              ['two leaves swapped', 2],
              ['two leaves swapped', 0],
            ],
          ],
          [
            3,
            [
              ['a leaf put in', 0],
              ['two leaves swapped', 0],
            ],
          ],
        ],
      },
    );
  });

  it('accepts leaves beyond the checkpoint: they are not signed yet', async () => {
    const log = new OpenLog(300);
    const note = log.checkpoint();
    log.append(300);
    expect(await log.verify(note)).toEqual({ ok: true, size: 300, faults: [] });
  });

  it('finds a history that was rewritten and signed again', async () => {
    const held = new OpenLog(300).checkpoint();
    const other = new OpenLog(0);
    const note = forgedHistory(other, 500);
    const { faults } = await other.verify(note, [held]);
    expect(faults).toMatchObject([{ code: 'log_forked', index: 0 }]);
  });

  it('says of a checkpoint that it is not the log’s', async () => {
    const log = new OpenLog(3);
    for (const note of ['', 'nonsense', log.checkpoint().replace('example.com/log\n3', 'example.com/log\n4')])
      expect(await log.verify(note)).toMatchObject({
        ok: false,
        size: 0,
        faults: [{ code: 'checkpoint_invalid' }],
      });
  });

  it('names no more faults than it was asked for', async () => {
    const log = new OpenLog(600);
    log.entries.fill(Buffer.from('gone'));
    const verdict = await verifyLog({
      checkpointNote: log.checkpoint(),
      vkey,
      maxFaults: 10,
      readEntries: async (index, width) => log.entries.slice(index * TILE_WIDTH, index * TILE_WIDTH + width),
      readTile: async (tile) => log.tiles.get(key(tile)),
    });
    expect(verdict.ok).toBe(false);
    expect(verdict.faults).toHaveLength(10);
  });
});

/** Fills `log` with other entries than every `OpenLog` has, and signs it. */
function forgedHistory(log: OpenLog, size: number): string {
  const entries = Array.from({ length: size }, (_, i) => Buffer.from(`rewritten ${i}`));
  const { edge, tiles } = RightEdge.empty().grow(entries.map(leafHash));
  log.entries.push(...entries);
  for (const tile of tiles) log.tiles.set(key(tile), [...tile.hashes]);
  const text = formatCheckpoint({ origin: 'example.com/log', size, root: edge.root(), extensions: [] });
  return signNote(text, [signer]);
}

/** Of all that a checkpoint of `size` leaves vouches for: what lies beyond is not signed yet, and may be anything. */
function fingerprint(log: OpenLog, size: number): string {
  const entries = Array.from({ length: size }, (_, i) => log.entries[i])
    .map((entry) => (entry === undefined ? '-' : Buffer.from(entry).toString()))
    .join();
  const tiles = [...log.tiles].map(
    ([place, hashes]) => `${place}:${hashes.map((h) => Buffer.from(h).toString('hex'))}`,
  );
  return `${entries}|${tiles.join()}`;
}
