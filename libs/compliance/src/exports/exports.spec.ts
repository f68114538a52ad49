import { spawnSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AuditEvent } from '@castellan/audit';
import { AuditExport } from '@castellan/contracts';
import { eventually } from '../../../../test/support/eventually.js';
import { ComplianceStand } from '../testing/compliance-stand.js';
import { exportRows } from './export-rows.js';
import { ExportStore } from './export-store.js';
import { ocsfProblems } from './formats/testing/ocsf-problems.js';

const mine = randomUUID();
const theirs = randomUUID();

const formula = '=HYPERLINK("http://evil.example","click")';
const event = (n: number): AuditEvent => ({
  action: ['prediction.served', 'session.opened', 'person.created', 'session.refused'][n % 4] ?? '',
  actor:
    n % 5 === 0
      ? { kind: 'process', name: 'jobs' }
      : { kind: 'person', id: `person-${n % 3}`, name: formula },
  resource: { kind: 'deployment', id: `d|=\\-${n}` },
  organizationId: n % 10 === 0 ? theirs : mine,
  decision: n % 7 === 0 ? 'deny' : 'allow',
  ...(n % 7 === 0 ? { reason: '+cmd|\' /C calc\'!A0\n"quoted"' } : {}),
  ...(n % 2 === 0 ? { source: '10.1.2.3' } : {}),
  details: { n, name: 'Ada' },
});

describe('compliance exports', () => {
  let stand: ComplianceStand;
  let auditor: string;
  let stranger: string;
  let folder: string;
  beforeAll(async () => {
    stand = await ComplianceStand.start();
    await stand.record(Array.from({ length: 600 }, (_, n) => event(n)));
    auditor = await stand.key(mine, 'auditor');
    stranger = await stand.key(theirs, 'auditor');
    folder = await mkdtemp(join(tmpdir(), 'castellan-export-'));
  }, 60_000);
  afterAll(async () => {
    await stand.close();
    await rm(folder, { recursive: true, force: true });
  });

  const ask = async (format: string, filter: object = {}): Promise<AuditExport> =>
    AuditExport.parse(await (await stand.call(auditor, 'POST', 'exports', { format, filter })).json());
  const finished = (id: string): Promise<AuditExport> =>
    eventually(`export ${id} ends`, async () => {
      const shown = AuditExport.parse(await (await stand.call(auditor, 'GET', `exports/${id}`)).json());
      return ['queued', 'running'].includes(shown.state) ? undefined : shown;
    });

  /** Downloads and unpacks with tar; gives the folder. */
  async function unpacked(id: string): Promise<string> {
    const answer = await stand.call(auditor, 'GET', `exports/${id}/content`);
    expect(answer.status).toBe(200);
    const file = join(folder, `${id}.tar`);
    await writeFile(file, Buffer.from(await answer.arrayBuffer()));
    const into = await mkdtemp(join(folder, 'x-'));
    expect(spawnSync('tar', ['-xf', file, '-C', into]).status).toBe(0);
    return join(into, (await readdir(into))[0] ?? '');
  }
  const rowsOf = async (place: string, file: string): Promise<string[]> =>
    (await readFile(join(place, file), 'utf8')).trimEnd().split('\n');

  it('hold exactly what the search finds, signed so that openssl and sha256sum accept it', async () => {
    const { id } = await ask('jsonl', { decision: 'deny' });
    const { state, rows, scanned, treeSize } = await finished(id);
    expect({ state, rows, scanned }).toEqual({ state: 'done', rows: '77', scanned: treeSize });
    const place = await unpacked(id);
    const openssl = [
      'cms',
      '-verify',
      '-binary',
      '-inform',
      'PEM',
      '-in',
      'SHA256SUMS.cms',
      '-content',
      'SHA256SUMS',
    ];
    const trusted = ['-CAfile', 'ca.pem', '-purpose', 'any', '-out', '/dev/null'];
    expect(spawnSync('openssl', [...openssl, ...trusted], { cwd: place }).status).toBe(0);
    expect(spawnSync('sha256sum', ['-c', 'SHA256SUMS'], { cwd: place }).status).toBe(0);
    const lines = (await rowsOf(place, 'events.jsonl')).map((line) => JSON.parse(line));
    const { records } = await stand.reader.search({ organizationId: mine, decision: 'deny', limit: 500 });
    expect(lines.map(({ leaf }) => leaf)).toEqual(records.map(({ event: text }) => text));
    for (const { leaf, leafHash, checkpoint } of lines) {
      expect(createHash('sha256').update('\0').update(leaf).digest('hex')).toBe(leafHash);
      expect(checkpoint.size).toBe(treeSize);
    }
  });

  it('do not verify once a byte of the rows was changed', async () => {
    const { id } = await ask('csv');
    await finished(id);
    const place = await unpacked(id);
    const text = await readFile(join(place, 'events.csv'), 'utf8');
    await writeFile(join(place, 'events.csv'), text.replace('allow', 'deny'));
    expect(spawnSync('sha256sum', ['-c', 'SHA256SUMS'], { cwd: place }).status).not.toBe(0);
  });

  it('give spreadsheets no formula', async () => {
    const { id } = await ask('csv');
    await finished(id);
    const { parse } = await import('csv-parse/sync');
    const text = await readFile(join(await unpacked(id), 'events.csv'), 'utf8');
    const rows: string[][] = parse(text);
    expect(rows).toHaveLength(541);
    expect(rows.flat().filter((cell) => /^[=+\-@\t\r]/.test(cell))).toEqual([]);
    expect(rows.flat()).toContain(`'${formula}`);
  });

  it('are OCSF 1.8.0 with the required members, enumerations and constraints of each class', async () => {
    const { id } = await ask('ocsf');
    await finished(id);
    const events = (await rowsOf(await unpacked(id), 'events.ocsf.jsonl')).map((line) => JSON.parse(line));
    expect(new Set(events.map(({ class_uid }) => class_uid))).toEqual(new Set([6003, 3002, 3001]));
    expect(events.flatMap(ocsfProblems)).toEqual([]);
    expect(events[0].unmapped).toMatchObject({
      leaf_index: expect.any(String),
      leaf_hash: expect.any(String),
    });
    const { src_endpoint: _, ...without } = events.find(({ class_uid }) => class_uid === 6003);
    expect(ocsfProblems(without)).toEqual(['src_endpoint is required']);
  });

  it('are CEF with what separates fields escaped', async () => {
    const { id } = await ask('cef', { resource: 'd|=\\-7' });
    await finished(id);
    const [line = '', ...more] = await rowsOf(await unpacked(id), 'events.cef');
    expect(more).toEqual([]);
    expect(line.split(/(?<!\\)\|/).slice(0, 7)).toEqual([
      'CEF:0',
      'Castellan',
      'Castellan',
      '0.1.0',
      'session.refused',
      'session.refused',
      '6',
    ]);
    expect(line).toContain('reason=+cmd|\' /C calc\'!A0\\n"quoted" ');
    expect(line).not.toContain('cs4Label');
    expect(line).toMatch(/ cs3=deployment:d\|\\=\\\\-7 /);
    expect(line).toContain('cn1Label=leafIndex');
  });

  it('are nobody else’s: not to list, not to see, not to download', async () => {
    const { id } = await ask('jsonl');
    await finished(id);
    for (const path of [`exports/${id}`, `exports/${id}/content`])
      expect((await stand.call(stranger, 'GET', path)).status).toBe(404);
    expect(await (await stand.call(stranger, 'GET', 'exports')).json()).toEqual({ exports: [] });
    const author = await stand.key(mine, 'author');
    expect((await stand.call(author, 'POST', 'exports', { format: 'csv' })).status).toBe(403);
    const lines = await rowsOf(await unpacked(id), 'events.jsonl');
    expect(lines.filter((line) => line.includes(theirs))).toEqual([]);
  });

  it('can be cancelled while they run, and then stay cancelled', async () => {
    const { database } = stand.test;
    const exports = new ExportStore(database);
    const { checkpoint } = await stand.reader.signedLeaves(0n, 0);
    const row = await database.client.auditExport.create({
      data: {
        organizationId: mine,
        requestedById: 'x',
        requestedBy: 'x',
        format: 'csv',
        filter: {},
        treeSize: 600n,
        checkpoint,
      },
    });
    expect(await exports.progress(row.id, { scanned: 10n, rows: 1n })).toBe(true);
    expect((await stand.call(auditor, 'POST', `exports/${row.id}/cancel`)).status).toBe(200);
    expect(await exports.progress(row.id, { scanned: 20n, rows: 2n })).toBe(false);
    await exports.fail(row.id, 'late');
    expect(await exports.byId(row.id)).toMatchObject({ state: 'cancelled', scanned: 10n });
    expect((await stand.call(auditor, 'GET', `exports/${row.id}/content`)).status).toBe(409);
  });

  it('break off, and are no archive, when the rows are not the signed ones any more', async () => {
    const { id } = await ask('jsonl', { resource: 'd|=\\-9' });
    await finished(id);
    await stand.test.database.client.$executeRaw`
      UPDATE "AuditEntry" SET event = replace(event, 'Ada', 'Eve') WHERE "resourceId" = ${'d|=\\-9'}`;
    const answer = await stand.call(auditor, 'GET', `exports/${id}/content`);
    await expect(answer.arrayBuffer()).rejects.toThrow();
  });

  it('record who asked, what was signed, and every download', async () => {
    await stand.record([]);
    const { records } = await stand.reader.search({ organizationId: mine, action: 'audit', limit: 500 });
    const actions = new Set(records.map(({ action }) => action));
    expect([...actions].sort()).toEqual([
      'audit.export-cancelled',
      'audit.export-downloaded',
      'audit.export-requested',
      'audit.export-signed',
    ]);
  });

  it('read the log page by page to its beginning', async () => {
    const { checkpoint } = await stand.reader.signedLeaves(0n, 0);
    const befores: bigint[] = [];
    const what = { format: 'jsonl', filter: { organizationId: theirs }, treeSize: 600n, checkpoint } as const;
    for await (const { before } of exportRows(stand.reader, what)) befores.push(before);
    expect(befores.at(-1)).toBe(0n);
  });
});
