import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CompactRange, decodeEntryBundle } from '@castellan/merkle-log';
import { NoteSigner } from '@castellan/signed-note';
import { AuditLog } from '../audit-log.js';
import { closeStoredLog } from '../close-stored-log.js';
import { openTreeHead } from '../log-identity.js';
import { readNewEntries } from '../monitor/read-new-entries.js';
import { PrismaLogStore } from '../prisma-log-store.js';
import { SearchIndex } from '../search/search-index.js';
import { numbered, sequenceAll, SpecLog } from '../testing/spec-log.js';
import type { LogFaultCode } from '../log-fault.js';
import { verifyStoredLog } from '../verify-stored-log.js';
import { legalMinima } from './event-class.js';
import { expirePayloads } from './expire-payloads.js';
import { ExpiryAuthority } from './expiry-authority.js';
import { EXPIRY_ACTION, signPermit } from './expiry-permit.js';
import { formatRanges, indexesOf, type IndexRange } from './index-ranges.js';

const now = new Date('2040-01-01T00:00:00Z');
const old = new Date('2024-01-01T00:00:00Z');
const ranges: IndexRange[] = [
  { begin: 3, end: 260 },
  { begin: 300, end: 301 },
];
const gone = indexesOf(ranges);
const leaves = formatRanges(ranges);

let spec: SpecLog;
let ids: string[];
let authority: ExpiryAuthority;
beforeAll(async () => {
  spec = await SpecLog.open();
  authority = new ExpiryAuthority(spec.database, spec.signer, spec.memory, legalMinima, { now: () => now });
});
afterAll(() => spec.close());

beforeEach(async () => {
  await spec.reset();
  const log = new AuditLog(spec.database, { now: () => old });
  ids = await Promise.all(Array.from({ length: 400 }, (_, n) => log.appendDurably(numbered(n))));
  await sequenceAll(spec.sequencer());
});

async function announce(permit: string): Promise<void> {
  const actor = { kind: 'process', name: 'jobs' } as const;
  await spec.log.appendDurably({ action: EXPIRY_ACTION, actor, decision: 'allow', details: { permit } });
  await sequenceAll(spec.sequencer());
}

const remove = (indexes = gone) => spec.database.transaction((tx) => expirePayloads(tx, indexes));
const faults = async (): Promise<LogFaultCode[]> =>
  (await verifyStoredLog(spec.database, spec.identity)).faults.map(({ code }) => code);

describe('payloads that expired', () => {
  it('are gone with all that names somebody, and the log verifies and says how many', async () => {
    await new SearchIndex(spec.database).round();
    const held = spec.memory.note ?? '';
    const proofBefore = await spec.reader.logProof(ids[5] ?? '');
    await announce(await authority.permit(leaves));
    // A death here leaves a log that says what will go while it is all still there.
    expect(await verifyStoredLog(spec.database, spec.identity)).toEqual({ ok: true, size: 401, faults: [] });

    expect(await remove()).toBe(gone.length);
    expect(await remove()).toBe(0);
    expect(await verifyStoredLog(spec.database, spec.identity, [held])).toEqual({
      ok: true,
      size: 401,
      expired: gone.length,
      faults: [],
    });

    const { records } = await spec.reader.search({ before: 6n, limit: 3 });
    expect(records).toEqual(
      records.map((record) => ({ ...record, expired: true, event: '', actor: '', time: old.toISOString() })),
    );
    expect(
      (await spec.reader.search({ text: 'version-5', limit: 500 })).records.map(({ index }) => index),
    ).toEqual([]);
    expect(
      (await spec.reader.search({ actorId: 'person-2', limit: 500 })).records.every(
        ({ expired }) => expired === undefined,
      ),
    ).toBe(true);
    const [dump] = await spec.database.client.$queryRaw<{ text: string }[]>`
      SELECT string_agg(e::text, ' ') AS text FROM "AuditEntry" e WHERE index BETWEEN 3 AND 259`;
    for (const named of ['Ada', 'person-1', 'version-7', ids[7] ?? ''])
      expect(dump?.text).not.toContain(named);
    const terms = await spec.database.client.$queryRaw<{ text: string }[]>`
      SELECT terms::text AS text FROM "AuditSearchRange" WHERE "begin" = 0`;
    expect(terms[0]?.text).not.toContain('version-100');

    expect(decodeEntryBundle((await spec.reader.entries(0)) ?? new Uint8Array())[5]).toHaveLength(0);
    await expect(spec.reader.inclusionProof(ids[5] ?? '')).rejects.toMatchObject({
      code: 'event_expired',
      meta: { index: '5' },
    });
    await expect(spec.reader.inclusionProof(ids[5] ?? '', 'another')).rejects.toMatchObject({
      code: 'event_unknown',
    });
    expect(await spec.reader.logProof(ids[5] ?? '')).toContain('index 5');
    expect(proofBefore).toContain('index 5');
  });

  it('are accepted by a monitor that reads entries, when it comes late or for the first time', async () => {
    await announce(await authority.permit(leaves));
    const [store, presented] = [new PrismaLogStore(spec.database.client), spec.memory.note ?? ''];
    const head = openTreeHead(presented, spec.identity);
    const readEntries = async (index: number, width: number) =>
      decodeEntryBundle((await spec.reader.entries(index, width)) ?? new Uint8Array());
    const reading = { identity: spec.identity, readTile: store.readTile, readEntries };
    const visit = () => readNewEntries(new CompactRange(), head, reading, presented);
    await remove();
    expect((await visit()).size).toBe(401);
    await remove([1]);
    await expect(visit()).rejects.toMatchObject({ code: 'payload_missing' });
  });

  it('are carried over into a log that succeeds this one, by their hashes', async () => {
    await announce(await authority.permit(leaves));
    await remove();
    const root = openTreeHead(spec.memory.note, spec.identity).root;
    expect(await spec.database.transaction(closeStoredLog)).toBe(401);
    spec.memory.note = undefined;
    await sequenceAll(spec.sequencer());
    expect(openTreeHead(spec.memory.note, spec.identity).root).toEqual(root);
  });
});

describe('a payload that was taken away', () => {
  it('is told from one that expired: no event, an event without a permit, a permit of another key, of another log', async () => {
    await remove([7]);
    expect(await faults()).toEqual(['payload_missing']);
    await announce('0-399');
    expect(await faults()).toEqual(['payload_missing']);
    const { privateKey } = generateKeyPairSync('ed25519');
    await announce(signPermit(ranges, now, new NoteSigner(spec.signer.name, privateKey)));
    await announce(signPermit(ranges, now, new NoteSigner('castellan.local/audit/other', privateKey)));
    expect(await faults()).toEqual(['payload_missing']);
    await announce(await authority.permit('8-19'));
    expect(await faults()).toEqual(['payload_missing']);
  });

  it('is told when the permit is in no signed leaf, or was edited out of it', async () => {
    const permit = await authority.permit(leaves);
    await remove();
    expect(new Set(await faults())).toEqual(new Set(['payload_missing']));
    await announce(permit);
    expect(await faults()).toEqual([]);
    await spec.database.client
      .$executeRaw`UPDATE "AuditEntry" SET event = replace(event, '3-259', '3-258') WHERE index = 400`;
    expect(await faults()).toEqual(expect.arrayContaining(['payload_missing', 'leaf_edited']));
  });

  it('does not come back as another payload, and its kept hash cannot be changed', async () => {
    await announce(await authority.permit(leaves));
    await remove();
    await spec.database.client.$executeRaw`UPDATE "AuditEntry" SET event = '{}' WHERE index = 7`;
    expect(await faults()).toContain('leaf_edited');
    await spec.database.client.$executeRaw`UPDATE "AuditEntry" SET event = '' WHERE index = 7`;
    expect(await faults()).toEqual([]);
    await spec.database.client
      .$executeRaw`UPDATE "AuditEntry" SET "leafHash" = sha256('x'), "actorId" = 'x' WHERE index = 7`;
    expect(await faults()).toEqual(['index_differs', 'index_differs']);
  });
});

describe('the signer', () => {
  const refusal = (text: string) =>
    expect.objectContaining({ code: 'expiry_refused', publicDetail: expect.stringContaining(text) });

  it('lets no payload go that is younger than the law allows, whoever asks', async () => {
    const at = (date: string) =>
      new ExpiryAuthority(spec.database, spec.signer, spec.memory, legalMinima, {
        now: () => new Date(date),
      });
    await expect(at('2033-12-31T00:00:00Z').permit('0')).rejects.toEqual(
      refusal('must be kept for 3653 days'),
    );
    await expect(at('2034-01-02T00:00:00Z').permit('0')).resolves.toContain('/expiry\n0\n');
  });

  it('lets no payload go of a leaf that is not what was signed, nor signed at all, nor gone already', async () => {
    await spec.database.client
      .$executeRaw`UPDATE "AuditEntry" SET event = replace(event, '2024', '2004') WHERE index = 9`;
    await expect(authority.permit('8-9')).rejects.toEqual(refusal('Leaf 9 is not what was signed'));
    await expect(authority.permit('399-400')).rejects.toEqual(refusal('Leaf 400 is not signed yet'));
    await expect(authority.permit('0-999999999999998')).rejects.toEqual(refusal('is not signed yet'));
    await remove([3]);
    await expect(authority.permit(leaves)).rejects.toEqual(refusal('Leaf 3 is not what was signed'));
  });

  it('never lets go of what the log says of itself', async () => {
    await announce(await authority.permit(leaves));
    await expect(authority.permit('400')).rejects.toEqual(refusal('Leaf 400 never expires'));
  });
});
