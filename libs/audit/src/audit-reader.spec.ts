import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  decodeEntryBundle,
  decodeTile,
  leafHash,
  rootOf,
  tilesOf,
  verifyConsistency,
  verifyLogProof,
} from '@castellan/merkle-log';
import { openTreeHead } from './log-identity.js';
import { numbered, sequenceAll, SpecLog } from './testing/spec-log.js';
import { verifyLog, type AuditSearch } from './index.js';

let spec: SpecLog;
let ids: string[];
let early: string;
beforeAll(async () => {
  spec = await SpecLog.open();
  early = await spec.grow(100);
  ids = await spec.record(500, 100);
  await sequenceAll(spec.sequencer());
});
afterAll(() => spec.close());

const open = (note: string) => openTreeHead(note, spec.identity);

describe('the reader', () => {
  it('serves a log that verifies from nothing but its files and its key', async () => {
    const bundle = async (index: number, width: number): Promise<Uint8Array[]> =>
      decodeEntryBundle((await spec.reader.entries(index, width)) ?? new Uint8Array());
    const verdict = await verifyLog({
      checkpointNote: (await spec.reader.checkpoint()) ?? '',
      vkey: spec.identity.vkey,
      held: [early],
      readEntries: bundle,
      readTile: async ({ level, index, width }) => {
        const bytes = await spec.reader.tile(level, index, width);
        return bytes === undefined ? undefined : decodeTile(bytes);
      },
    });
    expect(verdict).toEqual({ ok: true, size: 600, faults: [] });
  });

  it('serves every tile of the signed tree and no other', async () => {
    for (const { level, index, width } of tilesOf(600))
      expect(await spec.reader.tile(level, index, width)).toHaveLength(width * 32);
    expect(await spec.reader.tile(0, 2, 89)).toBeUndefined();
    expect(await spec.reader.tile(0, 2)).toBeUndefined();
    expect(await spec.reader.tile(0, 3, 1)).toBeUndefined();
    expect(await spec.reader.tile(2, 0, 1)).toBeUndefined();
    expect(await spec.reader.tile(0, -1, 1)).toBeUndefined();
    expect(await spec.reader.tile(0, 0, 0)).toBeUndefined();
    expect(await spec.reader.entries(2, 89)).toBeUndefined();
    expect(await spec.reader.entries(2, 88)).toBeDefined();
  });

  it('proves an event so that its leaf and the log’s key suffice to check it', async () => {
    const [id = ''] = ids;
    const { leaf, index } = await spec.reader.inclusionProof(id);
    const proof = await spec.reader.logProof(id);
    expect(verifyLogProof(proof, Buffer.from(leaf), open)).toMatchObject({ index: Number(index), size: 600 });
    expect(() => verifyLogProof(proof, Buffer.from(`${leaf} `), open)).toThrow('root_mismatch');
  });

  it('proves that the log continues an earlier checkpoint', async () => {
    const { hashes, checkpoint } = await spec.reader.consistencyProof(100);
    const [older, newer] = [open(early), open(checkpoint)];
    verifyConsistency(
      { oldSize: 100, oldRoot: older.root, newSize: newer.size, newRoot: newer.root },
      hashes,
    );
    await expect(spec.reader.consistencyProof(601)).rejects.toMatchObject({ code: 'tree_position_invalid' });
  });

  it('proves all leaves about some resources against one checkpoint', async () => {
    const { checkpoint, leaves } = await spec.reader.proveAbout(['version-3', 'version-500', 'nothing']);
    expect(leaves.map(({ action }) => action)).toEqual(['key.released', 'version.finalized']);
    expect(leaves.every(({ proof }) => proof.checkpoint === checkpoint)).toBe(true);
  });

  it('knows an unknown event from one that waits', async () => {
    for (const id of ['never', 'a\0b', '\ud800'])
      await expect(spec.reader.inclusionProof(id)).rejects.toMatchObject({ code: 'event_unknown' });
    const [id = ''] = await spec.record(1, 600);
    await expect(spec.reader.inclusionProof(id)).rejects.toMatchObject({ code: 'event_not_sequenced' });
    expect(await spec.reader.backlog()).toMatchObject({ waiting: 1, unsigned: 0 });
    expect((await spec.reader.backlog()).oldestMs).toBeGreaterThanOrEqual(0);
    await spec.database.client.auditOutbox.deleteMany();
  });

  it('has the leaves of the tree it serves', async () => {
    const entries = await Promise.all([
      spec.reader.entries(0),
      spec.reader.entries(1),
      spec.reader.entries(2, 88),
    ]);
    const leaves = entries.flatMap((bundle) => decodeEntryBundle(bundle ?? new Uint8Array())).map(leafHash);
    expect(rootOf(leaves)).toEqual(open((await spec.reader.checkpoint()) ?? '').root);
  });

  it('says so when nothing is signed yet', async () => {
    const empty = await SpecLog.open();
    try {
      expect(await empty.reader.checkpoint()).toBeUndefined();
      expect(await empty.reader.tile(0, 0, 1)).toBeUndefined();
      await expect(empty.reader.inclusionProof('x')).rejects.toMatchObject({ code: 'checkpoint_missing' });
    } finally {
      await empty.close();
    }
  });
});

describe('a search', () => {
  const numbers = async (search: Partial<AuditSearch>): Promise<unknown[]> => {
    const { records } = await spec.reader.search({ limit: 500, ...search });
    return records.map(({ event }) => JSON.parse(event).details.n).sort((a, b) => a - b);
  };
  const where = (predicate: (n: number) => boolean): number[] =>
    Array.from({ length: 600 }, (_, n) => n).filter(predicate);

  it.each<[string, Partial<AuditSearch>, (n: number) => boolean]>([
    ['an organization', { organizationId: 'org-5' }, (n) => n % 5 === 0],
    ['an actor', { actorId: 'person-2' }, (n) => n % 3 === 2],
    ['an action', { action: 'version.finalized' }, (n) => n % 2 === 0],
    ['the first word of an action', { action: 'key' }, (n) => n % 2 === 1],
    ['a resource', { resourceId: 'version-77' }, (n) => n === 77],
    ['a decision', { decision: 'deny' }, (n) => n % 7 === 0],
    ['words in any case', { text: 'VERSION-59' }, (n) => /^version-59/.test(`version-${n}`)],
    ['several at once', { action: 'key', decision: 'deny', organizationId: 'org-5' }, (n) => n % 70 === 35],
  ])('finds by %s', async (_, search, predicate) => {
    expect(await numbers(search)).toEqual(where(predicate).slice(0, 500));
  });

  it('does not take % and _ for wildcards, nor half a word for a word', async () => {
    expect(await numbers({ text: '%' })).toEqual([]);
    expect(await numbers({ text: 'version_7' })).toEqual([]);
    expect(await numbers({ action: 'ke' })).toEqual([]);
    expect(await numbers({ action: '_ey' })).toEqual([]);
    expect(await numbers({ text: 'a\0b', actorId: '\ud800' })).toEqual([]);
  });

  it('finds by time, the beginning included and the end not', async () => {
    const { records } = await spec.reader.search({ limit: 1 });
    const time = new Date(records[0]?.time ?? 0);
    const after = new Date(time.getTime() + 1);
    expect((await spec.reader.search({ limit: 500, from: time, to: after })).records.length).toBeGreaterThan(
      0,
    );
    expect((await spec.reader.search({ limit: 500, from: after })).records).toEqual([]);
  });

  it('goes through everything page by page, newest first', async () => {
    const indexes: string[] = [];
    let before: bigint | undefined;
    do {
      const page = await spec.reader.search({
        action: 'key',
        limit: 70,
        ...(before === undefined ? {} : { before }),
      });
      indexes.push(...page.records.map(({ index }) => index));
      expect(page.treeSize).toBe('600');
      before = page.next === undefined ? undefined : BigInt(page.next);
    } while (before !== undefined);
    expect(indexes).toHaveLength(300);
    expect(indexes).toEqual(indexes.toSorted((a, b) => Number(b) - Number(a)));
  });

  it('shows what the leaf says', async () => {
    const { records } = await spec.reader.search({ limit: 1, resourceId: 'version-77' });
    expect(records).toEqual([
      {
        index: expect.any(String),
        eventId: expect.any(String),
        time: expect.any(String),
        action: numbered(77).action,
        actor: 'Ada',
        resource: 'version:version-77',
        decision: 'deny',
        leafHash: expect.stringMatching(/^[0-9a-f]{64}$/),
        event: expect.stringContaining('"n":77'),
      },
    ]);
  });
});
