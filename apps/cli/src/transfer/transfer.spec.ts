import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ArrivingVersion, Version } from '@castellan/contracts';
import { ApiClient } from '../client/api-client.js';
import { Progress } from '../terminal/progress.js';
import { sendProject, type TransferWatch } from './send-project.js';
import { takeProject } from './take-project.js';
import { TransferFolder } from './transfer-folder.js';

const at = '2026-11-25T00:00:00.000Z';
const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');
const sealed = [randomBytes(70_000), randomBytes(300)];
const versionId = randomUUID();
const dataKeyId = randomUUID();
const manifest = '{"what":"it is"}';
const digest = sha256(manifest);
const version: Version = {
  ...{ id: versionId, model: 'digits', project: 'vision', number: 1, stage: 'candidate', author: 'anna' },
  ...{ digest, files: [], createdAt: at },
};
const described = {
  ...{
    format: 'castellan.version-transfer/v1',
    versionId,
    projectId: randomUUID(),
    manifest,
    versionDigest: digest,
  },
  files: [
    {
      path: 'model.h5',
      segments: sealed.map(({ length }, turn) => ({
        startBytes: turn * 65_536,
        sizeBytes: length,
        dataKeyId,
      })),
    },
  ],
  dataKeys: [{ id: dataKeyId, kekId: 'kek-1', context: '{}', wrapped: 'AA==' }],
};

describe('a project that goes in a courier’s folder', () => {
  let server: Server;
  let api: ApiClient;
  let folder: TransferFolder;
  let asked: string[];
  let arrived: Map<string, Buffer>;
  let received: ArrivingVersion[];
  const notes: string[] = [];
  const watch: TransferWatch = {
    progress: (label, total) => new Progress(new PassThrough().resume(), label, total),
    say: (text) => void notes.push(text),
    signal: new AbortController().signal,
  };

  /** Both platforms, in the contracts' shapes. */
  beforeEach(async () => {
    [asked, arrived, received] = [[], new Map(), []];
    const answers: Record<string, unknown> = {
      'GET /api/v1/me': {
        id: randomUUID(),
        name: 'admin',
        displayName: 'A',
        organization: 'acme',
        roles: [],
      },
      'GET /api/v1/models': {
        models: [{ id: randomUUID(), name: 'digits', project: 'vision', description: '', createdAt: at }],
      },
      'GET /api/v1/models/digits/versions': { versions: [version] },
      [`GET /api/v1/versions/${versionId}/transfer`]: described,
    };
    server = createServer((request, response) => {
      const call = `${request.method} ${request.url}`;
      asked.push(call);
      const json = (status: number, value: unknown) =>
        void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
      const problem = (status: number, code: string) =>
        json(status, { type: 'about:blank', title: code, status, code, detail: code });
      const [, turn] = /\/sealed\/(\d)$/.exec(call) ?? [];
      const [, blob] = /^PUT .*\/arrivals\/[^/]+\/([0-9a-f]{64})$/.exec(call) ?? [];
      if (answers[call] !== undefined) return json(200, answers[call]);
      if (turn !== undefined) return void response.end(sealed[Number(turn)]);
      if (call.endsWith('/evidence')) return problem(409, 'evidence_unavailable');
      if (call.startsWith('GET') && call.includes('/arrivals/'))
        return json(200, { blobs: [...arrived.keys()] });
      void buffer(request).then((body) => {
        if (blob === undefined) {
          received.push(JSON.parse(body.toString()));
          return json(201, { ...version, stage: 'quarantined' });
        }
        if (sha256(body) !== blob) return problem(400, 'transfer_differs');
        arrived.set(blob, body);
        response.writeHead(204).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    api = new ApiClient({ url: `http://127.0.0.1:${address.port}`, token: 't' });
    folder = new TransferFolder(await mkdtemp(join(tmpdir(), 'castellan-courier-')));
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await rm(folder.path, { recursive: true });
  });

  const send = async () => (await sendProject(api, 'vision', folder, watch)).sha256;
  const take = (told: string) => takeProject(api, folder, { sha256: told, project: 'moved' }, watch);
  const count = (part: string) => asked.filter((call) => call.includes(part)).length;
  const differs = expect.objectContaining({ code: 'transfer_differs' });

  it('arrives whole, under the name that it shall have, with nothing of it opened', async () => {
    const taken = await take(await send());
    expect(taken).toMatchObject([{ ref: 'digits@1', version: { stage: 'quarantined' } }]);
    expect([...arrived.values()]).toEqual(sealed);
    expect(received).toMatchObject([{ versionDigest: digest, dataKeys: described.dataKeys }]);
    expect(count('/projects/moved/arrivals')).toBe(4);
    expect(notes.at(-1)).toContain('goes without evidence');
  });

  it('is gone on with on both sides', async () => {
    const told = await send();
    await truncate(folder.blob(versionId, 1), 10);
    expect(await send()).toBe(told);
    expect([count('/sealed/0'), count('/sealed/1')]).toEqual([1, 2]);
    const [first = Buffer.alloc(0)] = sealed;
    arrived.set(sha256(first), first);
    await take(told);
    expect(asked.filter((call) => call.startsWith('PUT'))).toHaveLength(1);
  });

  it.each(['index', 'version', 'blob'] as const)('is refused when somebody altered the %s', async (what) => {
    const told = await send();
    const files = { index: folder.index, version: folder.version(digest), blob: folder.blob(versionId, 0) };
    const bytes = await readFile(files[what]);
    bytes.writeUInt8(bytes.readUInt8(40) ^ 1, 40);
    await writeFile(files[what], bytes);
    await expect(take(told)).rejects.toEqual(differs);
    expect(received).toEqual([]);
  });

  it('is refused under the digest of another folder, and with a version that is missing', async () => {
    const told = await send();
    await expect(take(sha256('another'))).rejects.toEqual(differs);
    await rm(folder.version(digest));
    await expect(take(told)).rejects.toEqual(differs);
    expect(count('PUT')).toBe(0);
  });
});
