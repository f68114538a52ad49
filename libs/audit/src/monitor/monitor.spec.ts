import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CompactRange, type ReadTile } from '@castellan/merkle-log';
import { formatCheckpoint, signNote } from '@castellan/signed-note';
import { openTreeHead } from '../log-identity.js';
import { PrismaLogStore } from '../prisma-log-store.js';
import { SpecLog, VolatileMemory } from '../testing/spec-log.js';
import { CheckpointAuthority, readNewEntries, visitLog, type ReadEntries } from '../index.js';

const spec = await SpecLog.open();
afterAll(() => spec.close());

let early: string;
let late: string;
beforeEach(async () => {
  await spec.reset();
  early = await spec.grow(300);
  late = await spec.grow(300, 300);
});

const { identity } = spec;
const readTile: ReadTile = (tile) => new PrismaLogStore(spec.database.client).readTile(tile);
const readEntries: ReadEntries = async (index, width) => {
  const rows = await new PrismaLogStore(spec.database.client).rows(index * 256, index * 256 + width);
  return rows.map(({ event }) => Buffer.from(event));
};
const visit = (held: string | undefined, presented: string) =>
  visitLog({ identity, held, presented, readTile });

describe('a monitor', () => {
  it('finds a log that grew sound, from the first look on', async () => {
    expect((await visit(undefined, early)).size).toBe(300);
    expect((await visit(early, late)).size).toBe(600);
    expect((await visit(late, late)).size).toBe(600);
  });

  it('tells a log that was set back, though what it presents was signed once', async () => {
    await expect(visit(late, early)).rejects.toMatchObject({
      code: 'checkpoint_rolled_back',
      meta: { held: late, presented: early },
    });
  });

  it('tells two histories under one key, whichever is longer', async () => {
    await spec.reset();
    await spec.record(700, 1);
    const forkedMemory = new VolatileMemory();
    const forked = new CheckpointAuthority(spec.signer, forkedMemory);
    const sequencer = spec.sequencerOf(forked);
    while ((await sequencer.round()) > 0);
    await expect(visit(late, forkedMemory.note ?? '')).rejects.toMatchObject({ code: 'log_forked' });
  });

  it('tells another root of the same size', async () => {
    const root = new Uint8Array(32);
    const other = signNote(formatCheckpoint({ origin: identity.origin, size: 600, root, extensions: [] }), [
      spec.signer,
    ]);
    await expect(visit(late, other)).rejects.toMatchObject({ code: 'log_forked' });
  });

  it('tells a checkpoint that nobody signed from one that the log signed', async () => {
    await expect(visit(early, late.replace('\n600\n', '\n601\n'))).rejects.toMatchObject({
      code: 'checkpoint_invalid',
    });
  });

  it('tells changed and missing tiles from a second history', async () => {
    const changed: ReadTile = async (tile) =>
      (await readTile(tile))?.map((hash) => hash.map((byte) => byte ^ 1));
    await expect(
      visitLog({ identity, held: early, presented: late, readTile: changed }),
    ).rejects.toMatchObject({ code: 'tiles_differ' });
    await expect(
      visitLog({ identity, held: early, presented: late, readTile: async () => undefined }),
    ).rejects.toMatchObject({ code: 'log_incomplete' });
  });
});

describe('a monitor that reads entries', () => {
  const head = (note: string) => openTreeHead(note, identity);
  const reading = { identity, readTile, readEntries };

  it('goes on where it stopped, also within a bundle', async () => {
    const seen = await readNewEntries(new CompactRange(), head(early), reading, early);
    const asked: number[] = [];
    const counting: ReadEntries = (index, width) => (asked.push(index), readEntries(index, width));
    expect((await readNewEntries(seen, head(late), { ...reading, readEntries: counting }, late)).size).toBe(
      600,
    );
    expect(asked).toEqual([1, 2]);
  });

  it('tells an entry that was changed, with tiles and all, and one that is withheld', async () => {
    const seen = await readNewEntries(new CompactRange(), head(early), reading, early);
    const edited: ReadEntries = async (index, width) =>
      (await readEntries(index, width)).map((entry, i) =>
        index === 2 && i === 5 ? Buffer.from('{}') : entry,
      );
    await expect(
      readNewEntries(seen, head(late), { ...reading, readEntries: edited }, late),
    ).rejects.toMatchObject({
      code: 'entries_differ',
      meta: { presented: late },
    });
    const short: ReadEntries = async (index, width) => (await readEntries(index, width)).slice(0, -1);
    await expect(
      readNewEntries(seen, head(late), { ...reading, readEntries: short }, late),
    ).rejects.toMatchObject({
      code: 'log_incomplete',
    });
  });
});
