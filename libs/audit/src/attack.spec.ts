import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import type { Prisma } from '@castellan/database';
import { formatCheckpoint, NoteSigner, parseCheckpoint, parseNote, signNote } from '@castellan/signed-note';
import { CheckpointAuthority, Sequencer, verifyStoredLog, type LogFault } from './index.js';
import { entryRow } from './entry-row.js';
import { sequenceAll, SpecLog, VolatileMemory } from './testing/spec-log.js';

/**
 * Each attack is made with the database's own means on a log of 600 leaves, by somebody who can write every row but holds
 * no key. The auditor holds the checkpoint of 400 leaves from an earlier visit.
 */
let spec: SpecLog;
let held: string;
let newest: string;
const TABLES = ['AuditOutbox', 'AuditEntry', 'AuditTile', 'AuditCheckpoint'];
beforeAll(async () => {
  spec = await SpecLog.open();
  held = await spec.grow(400);
  newest = await spec.grow(200, 400);
  for (const table of TABLES) await sql(`CREATE TABLE "${table}Before" AS TABLE "${table}"`);
});
afterEach(async () => {
  for (const table of TABLES) {
    await sql(`TRUNCATE "${table}"`);
    await sql(`INSERT INTO "${table}" SELECT * FROM "${table}Before"`);
  }
  spec.memory.note = newest;
});
afterAll(() => spec.close());

const found = async (notes: readonly string[] = [held]): Promise<readonly LogFault[]> => {
  const { ok, faults } = await verifyStoredLog(spec.database, spec.identity, notes);
  expect(ok).toBe(faults.length === 0);
  return faults;
};
const codes = async (notes?: readonly string[]): Promise<string[]> =>
  (await found(notes)).map(({ index, code }) => `${code} ${index}`);
const sql = (text: string, ...values: unknown[]): Promise<number> =>
  spec.database.client.$executeRawUnsafe(text, ...values);
const eventAt = async (index: number): Promise<string> =>
  (await spec.database.client.auditEntry.findUniqueOrThrow({ where: { index } })).event;

/** Replaces a leaf, its hash and its columns, as the sequencer would have written them. */
async function rewriteRow(index: number, event: string): Promise<void> {
  const { eventId, occurredAt } = await spec.database.client.auditEntry.findUniqueOrThrow({
    where: { index },
  });
  const { leafHash, ...row } = entryRow(index, event, { id: eventId, createdAt: occurredAt });
  const data: Prisma.AuditEntryUpdateInput = { ...row, leafHash: Buffer.from(leafHash) };
  await spec.database.client.auditEntry.update({ where: { index }, data });
}

/** Makes tiles anew from the rows, as an attacker who knows the format would. */
async function rebuildTiles(): Promise<void> {
  await spec.database.client.auditTile.deleteMany();
  await spec.database.client.auditCheckpoint.deleteMany();
  const key = generateKeyPairSync('ed25519').privateKey;
  const forger = new CheckpointAuthority(new NoteSigner(spec.identity.origin, key), new VolatileMemory());
  const vkey = new NoteSigner(spec.identity.origin, key).verifierKey.toString();
  await new Sequencer(spec.database, forger, { origin: spec.identity.origin, vkey }).round();
}

describe('an untouched log', () => {
  it('verifies, with and without checkpoints held from earlier', async () => {
    expect(await found()).toEqual([]);
    expect(await found([])).toEqual([]);
    expect(await found([newest, held])).toEqual([]);
  });

  it('verifies while events wait and leaves are unsigned', async () => {
    await spec.record(5, 600);
    expect(await found()).toEqual([]);
  });
});

describe('editing a row', () => {
  it.each([0, 255, 256, 511, 599])('is found at leaf %i', async (index) => {
    await rewriteRow(index, (await eventAt(index)).replace('Ada', 'Eve'));
    expect(await codes()).toEqual([`leaf_edited ${index}`]);
  });

  it('is found when only the text was changed and its hash beside it kept', async () => {
    await sql(`UPDATE "AuditEntry" SET event = replace(event, 'Ada', 'Eve') WHERE index = 7`);
    expect(await codes()).toEqual(['leaf_edited 7', 'index_differs 7']);
  });

  it('is found when nothing but a space was added', async () => {
    await sql(`UPDATE "AuditEntry" SET event = event || ' ' WHERE index = 7`);
    expect(await codes()).toEqual(['leaf_edited 7', 'index_differs 7']);
  });

  it.each(['action', 'actorId', 'organizationId', 'resourceId', 'decision', 'eventId'])(
    'is found when only the search column %s was changed, to hide the leaf',
    async (column) => {
      await sql(`UPDATE "AuditEntry" SET "${column}" = 'elsewhere' WHERE index = 7`);
      expect(await codes()).toEqual(['index_differs 7']);
    },
  );

  it('is found to the block when its tile was changed to fit', async () => {
    await rewriteRow(7, (await eventAt(7)).replace('Ada', 'Eve'));
    const { leafHash } = await spec.database.client.auditEntry.findUniqueOrThrow({ where: { index: 7 } });
    await sql(
      `UPDATE "AuditTile" SET hashes = overlay(hashes placing $1 from ${7 * 32 + 1}) WHERE level = 0 AND index = 0`,
      leafHash,
    );
    expect(await codes()).toEqual(['tile_edited 0', 'range_differs 0']);
  });

  it('is found between two checkpoints when every tile was made anew to fit', async () => {
    const checkpoints = await spec.database.client.auditCheckpoint.findMany();
    await rewriteRow(450, (await eventAt(450)).replace('Ada', 'Eve'));
    await rebuildTiles();
    await spec.database.client.auditCheckpoint.deleteMany();
    await spec.database.client.auditCheckpoint.createMany({ data: checkpoints });
    expect(await codes()).toEqual(['range_differs 400']);
  });
});

describe('deleting a row', () => {
  it('is found', async () => {
    await sql(`DELETE FROM "AuditEntry" WHERE index = 300`);
    expect(await codes()).toEqual(['leaf_missing 300']);
  });

  it('is found when the rows after it were moved up', async () => {
    await sql(`DELETE FROM "AuditEntry" WHERE index = 590`);
    await sql(`UPDATE "AuditEntry" SET index = -index WHERE index > 590`);
    await sql(`UPDATE "AuditEntry" SET index = -index - 1 WHERE index < 0`);
    const faults = await codes();
    expect(faults).toContain('leaf_missing 590');
    expect(faults).toContain('log_truncated 599');
    expect(faults.filter((fault) => fault.startsWith('leaf_moved'))).toHaveLength(9);
    expect(faults).toHaveLength(11);
  });
});

describe('inserting a row', () => {
  it('is found when the rows after it were moved down', async () => {
    await sql(`UPDATE "AuditEntry" SET index = -index - 1 WHERE index >= 590`);
    await sql(`UPDATE "AuditEntry" SET index = -index WHERE index < 0`);
    const forged = entryRow(590, (await eventAt(3)).replace('Ada', 'Eve'), {
      id: 'forged',
      createdAt: new Date(0),
    });
    await spec.database.client.auditEntry.create({
      data: { ...forged, leafHash: Buffer.from(forged.leafHash) },
    });
    const faults = await codes();
    expect(faults).toContain('leaf_edited 590');
    expect(faults.filter((fault) => fault.startsWith('leaf_moved'))).toHaveLength(9);
  });

  it('is found when the row stands outside the log, where only searches would see it', async () => {
    const forged = entryRow(-1, await eventAt(3), { id: 'forged', createdAt: new Date(0) });
    await spec.database.client.auditEntry.create({
      data: { ...forged, leafHash: Buffer.from(forged.leafHash) },
    });
    expect(await codes()).toEqual(['leaf_foreign -1']);
  });
});

describe('changing the order of rows', () => {
  it('is found, and says where each belongs', async () => {
    await sql(`UPDATE "AuditEntry" SET index = -1 WHERE index = 10`);
    await sql(`UPDATE "AuditEntry" SET index = 10 WHERE index = 500`);
    await sql(`UPDATE "AuditEntry" SET index = 500 WHERE index = -1`);
    expect(await found()).toEqual([
      { index: 10, code: 'leaf_moved', detail: 'The leaf stored at 10 was signed at 500.' },
      { index: 500, code: 'leaf_moved', detail: 'The leaf stored at 500 was signed at 10.' },
    ]);
  });
});

describe('cutting off the tail', () => {
  it('is found while the checkpoint stands', async () => {
    await sql(`DELETE FROM "AuditEntry" WHERE index >= 450`);
    expect(await codes()).toEqual(['log_truncated 450']);
  });

  it('is found by whoever holds a checkpoint from after the cut, however clean it was', async () => {
    await cutTo400();
    expect(await codes([held])).toEqual([]);
    expect(await codes([newest])).toEqual([
      'checkpoint_rolled_back 400',
      'tile_edited 400',
      'log_truncated 400',
    ]);
  });

  it('stops the sequencer, whose signer remembers', async () => {
    await cutTo400();
    await expect(spec.sequencer().round()).rejects.toMatchObject({ code: 'audit_fork_detected' });
  });

  /** Back to exactly what the database was when `held` was signed: what restoring a backup does, too. */
  async function cutTo400(): Promise<void> {
    await sql(`DELETE FROM "AuditEntry" WHERE index >= 400`);
    await sql(
      `UPDATE "AuditTile" SET hashes = substring(hashes from 1 for 144 * 32) WHERE level = 0 AND index = 1`,
    );
    await sql(`DELETE FROM "AuditTile" WHERE level = 0 AND index = 2`);
    await sql(`UPDATE "AuditTile" SET hashes = substring(hashes from 1 for 32) WHERE level = 1`);
    await sql(`DELETE FROM "AuditCheckpoint" WHERE size > 400`);
    await sql(`INSERT INTO "AuditCheckpoint" (size, note) VALUES (400, $1) ON CONFLICT DO NOTHING`, held);
  }
});

describe('replacing the checkpoint', () => {
  it('by one of another key is found', async () => {
    const forger = new NoteSigner(spec.identity.origin, generateKeyPairSync('ed25519').privateKey);
    const { text } = parseNote(newest);
    await sql(`UPDATE "AuditCheckpoint" SET note = $1 WHERE size = 600`, signNote(text, [forger]));
    expect(await codes()).toContain('checkpoint_invalid 0');
  });

  it('by an older one is found by whoever holds a newer', async () => {
    await sql(`DELETE FROM "AuditCheckpoint" WHERE size = 600`);
    await sql(`INSERT INTO "AuditCheckpoint" (size, note) VALUES (400, $1) ON CONFLICT DO NOTHING`, held);
    expect(await codes([newest])).toEqual(['checkpoint_rolled_back 400']);
  });

  it('by none is found by whoever holds one', async () => {
    await sql(`DELETE FROM "AuditCheckpoint"`);
    expect(await codes([held])).toContain('checkpoint_invalid 0');
  });
});

describe('changing tiles', () => {
  it('is found, and told apart from changed leaves', async () => {
    await sql(
      `UPDATE "AuditTile" SET hashes = set_byte(hashes, 40, 255 - get_byte(hashes, 40)) WHERE level = 0 AND index = 1`,
    );
    expect(await codes()).toEqual(['tile_edited 256']);
  });

  it('is found at the right edge', async () => {
    await sql(
      `UPDATE "AuditTile" SET hashes = set_byte(hashes, 40, 255 - get_byte(hashes, 40)) WHERE level = 1`,
    );
    expect(await codes()).toEqual(['tile_edited 600']);
  });

  it('is found when they are gone', async () => {
    await sql(`DELETE FROM "AuditTile" WHERE level = 0 AND index = 0`);
    expect(await codes()).toEqual(['tile_missing 0']);
  });

  it('is found when they hold other things than hashes', async () => {
    await sql(`UPDATE "AuditTile" SET hashes = 'junk'::bytea WHERE level = 0 AND index = 0`);
    expect(await codes()).toEqual(['tile_missing 0']);
  });
});

describe('a second history under the log’s own key', () => {
  it('is found by whoever holds a checkpoint of the first', async () => {
    // Restoring the database *and* the signer's memory, and going on from there, is the one way to it.
    const theirs = await SpecLog.open();
    try {
      const authority = new CheckpointAuthority(spec.signer, new VolatileMemory());
      await theirs.record(700);
      await sequenceAll(new Sequencer(theirs.database, authority, spec.identity));
      const { faults } = await verifyStoredLog(theirs.database, spec.identity, [held]);
      expect(faults).toEqual([
        {
          index: 0,
          code: 'log_forked',
          detail: 'The signed log of 400 leaves that the verifier holds is no prefix of this one.',
        },
      ]);
    } finally {
      await theirs.close();
    }
  });

  it('is not signed by an authority that remembers the first', async () => {
    const { origin } = spec.identity;
    const text = formatCheckpoint({
      ...parseCheckpoint(parseNote(held).text),
      origin,
      size: 700,
      extensions: [],
    });
    await expect(spec.authority.sign({ oldSize: 600, proof: [], checkpoint: text })).rejects.toMatchObject({
      code: 'checkpoint_refused',
    });
  });
});

describe('two sequencers that do not know of each other', () => {
  it('cannot make two histories: the second finds its checkpoint taken and goes on from the first', async () => {
    const [one, two] = [spec.sequencer(), spec.sequencer()];
    await Promise.all([one.round(), two.round()]);
    const ids = await spec.record(50, 600);
    await Promise.all([sequenceAll(one), sequenceAll(two)]);
    await Promise.all([sequenceAll(one), sequenceAll(two)]);
    expect(await found([held, newest])).toEqual([]);
    expect(await spec.database.client.auditEntry.count({ where: { eventId: { in: ids } } })).toBe(50);
  });
});
