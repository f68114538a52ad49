import { randomUUID } from 'node:crypto';
import { get as httpGet } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Problem } from '@castellan/contracts';
import { decodeEntryBundle, parseLogProof, tilePath, tilesOf, verifyLogProof } from '@castellan/merkle-log';
import { openCheckpoint, VerifierKey } from '@castellan/signed-note';
import { numbered } from '../../libs/audit/src/testing/spec-log.js';
import { AuditStand } from '../support/audit-stand.js';

const organization = randomUUID();
let stand: AuditStand;
let auditor: string;
let administrator: string;
let consumer: string;
beforeAll(async () => {
  stand = await AuditStand.start();
  auditor = await stand.key(['auditor'], organization);
  administrator = await stand.key(['platform_admin', 'auditor'], organization);
  consumer = await stand.key(['consumer'], organization);
  await stand.spec.grow(600);
});
afterAll(() => stand.close());

const open = (note: string) =>
  openCheckpoint(note, stand.spec.identity.origin, [VerifierKey.parse(stand.spec.identity.vkey)]);

describe('the log as C2SP tlog-tiles has it', () => {
  it('serves the checkpoint as text that nobody keeps', async () => {
    const answer = await stand.get('/audit/log/checkpoint', auditor);
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(open(await answer.text()).size).toBe(600);
  });

  it('serves every tile of the tree as bytes that may be kept for ever, by the asker alone', async () => {
    for (const coordinate of tilesOf(600)) {
      const answer = await stand.get(`/audit/log/${tilePath(coordinate)}`, auditor);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toBe('application/octet-stream');
      expect(answer.headers.get('cache-control')).toBe('private, max-age=31536000, immutable');
      expect((await answer.arrayBuffer()).byteLength).toBe(coordinate.width * 32);
    }
  });

  it.each(['tile/0/003', 'tile/0/002', 'tile/0/002.p/89', 'tile/2/000', 'tile/entries/002'])(
    'has no %s, and lets nobody keep that answer: it may come',
    async (path) => {
      const answer = await stand.get(`/audit/log/${path}`, administrator);
      expect(answer.status).toBe(404);
      expect(answer.headers.get('cache-control')).not.toContain('immutable');
    },
  );

  it.each(['tile/0/2', 'tile/0/0002', 'tile/00/002', 'tile/64/000', 'tile/0/002.p/256', 'tile/0/x000/002'])(
    'refuses the spelling %s',
    async (path) => {
      expect((await stand.get(`/audit/log/${path}`, auditor)).status).toBe(400);
    },
  );

  it('serves entry bundles compressed to whom that is welcome, else as they are', async () => {
    const path = '/audit/log/tile/entries/002.p/88';
    const compressed = await stand.get(path, administrator, { 'accept-encoding': 'gzip' });
    expect(compressed.headers.get('content-encoding')).toBe('gzip');
    const plain = await plainly(`${stand.url}${path}`, administrator);
    expect(Buffer.from(await compressed.arrayBuffer())).toEqual(plain);
    const entries = decodeEntryBundle(plain).map((entry) => JSON.parse(Buffer.from(entry).toString()));
    expect(entries.map(({ details }) => details.n)).toEqual(Array.from({ length: 88 }, (_, i) => 512 + i));
  });
});

describe('proofs', () => {
  it('by index show the leaf that stands there', async () => {
    const answer = await stand.get('/audit/log/proof/77', auditor);
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    const [row] = await stand.spec.database.client.auditEntry.findMany({ where: { index: 77n } });
    const proof = await answer.text();
    expect(verifyLogProof(proof, Buffer.from(row?.event ?? ''), open)).toMatchObject({
      index: 77,
      size: 600,
    });
    expect(() => verifyLogProof(proof, Buffer.from('another'), open)).toThrow('root_mismatch');
  });

  it('by event show it to its own organisation and to nobody else', async () => {
    const id = await stand.spec.log.appendDurably({ ...numbered(600), organizationId: organization });
    await stand.spec.grow(1, 601);
    const answer = await stand.get(`/audit/log/proof/event/${id}`, auditor);
    const row = await stand.spec.database.client.auditEntry.findUnique({ where: { eventId: id } });
    expect(parseLogProof(await answer.text()).index).toBe(Number(row?.index));
    const stranger = await stand.key(['auditor']);
    const refused = await stand.get(`/audit/log/proof/event/${id}`, stranger);
    const unknown = await stand.get(`/audit/log/proof/event/${randomUUID()}`, stranger);
    expect([refused.status, unknown.status]).toEqual([404, 404]);
    const details = [await refused.json(), await unknown.json()].map(
      (answer) => Problem.parse(answer).detail,
    );
    expect(details[0]).toBe(details[1]);
  });

  it.each([
    ['100000', 404],
    ['-1', 400],
    ['1.5', 400],
    ['x', 400],
  ])('refuse the index %s', async (index, status) => {
    expect((await stand.get(`/audit/log/proof/${index}`, auditor)).status).toBe(status);
  });
});

describe('access by role', () => {
  it.each([
    ['checkpoint', [401, 403, 200, 200]],
    ['tile/0/000', [401, 403, 200, 200]],
    ['proof/0', [401, 403, 200, 200]],
    ['tile/entries/000', [401, 403, 403, 200]],
  ])('%s: nobody, a consumer, an auditor, a platform administrator', async (path, expected) => {
    const asked = [undefined, consumer, auditor, administrator];
    const statuses = asked.map(async (key) => (await stand.get(`/audit/log/${path}`, key)).status);
    expect(await Promise.all(statuses)).toEqual(expected);
  });
});

/** As a client that says nothing of encodings: fetch always does. */
function plainly(url: string, key: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    httpGet(url, { headers: { authorization: `Bearer ${key}` } }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('end', () => resolve(Buffer.concat(pieces)));
    }).on('error', reject);
  });
}
