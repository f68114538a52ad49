import { randomBytes, randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ReadableStream } from 'node:stream/web';
import { setTimeout as sleep } from 'node:timers/promises';
import { AuditLog } from '@castellan/audit';
import type { Version } from '@castellan/contracts';
import { Database } from '@castellan/database';
import { DataKeys, SealedStore } from '@castellan/vault';
import { headersOf, RegistryFloor } from '../testing/registry-floor.js';
import { BLOCK_BYTES } from '../uploads/arriving-blocks.js';
import { DropUpload } from '../uploads/drop-upload.js';
import { UploadStore } from '../uploads/upload-store.js';
import { AbandonVersion } from '../versions/abandon-version.js';
import { OpenUploads } from '../versions/open-uploads.js';
import { VersionStore } from '../versions/version-store.js';
import { CollectGarbage, FindStrays } from './collect-garbage.js';
import { LooseBlobs } from './loose-blobs.js';
import { StorageTerms } from './storage-terms.js';

const HOUR_MS = 3_600_000;
const bytes = randomBytes(4 * BLOCK_BYTES);

async function* one(content: Buffer) {
  yield content;
}

describe('what a version takes', () => {
  let floor: RegistryFloor;
  let version: Version;
  beforeAll(async () => {
    floor = await RegistryFloor.start({ uploadsKeptHours: 2, garbageWaitHours: 1 });
  });
  afterAll(() => floor.close());
  beforeEach(async () => {
    version = await floor.startVersion();
  });

  const put = (path: string, content: Buffer, id = version.id) =>
    floor.app.nest.inject({
      method: 'PUT',
      url: `/api/v1/versions/${id}/files/${path}`,
      headers: headersOf(floor.author),
      payload: content,
    });
  const create = async (path: string, lengthBytes: number) =>
    floor.app.nest.inject({
      method: 'POST',
      url: `/api/v1/versions/${version.id}/uploads`,
      headers: {
        ...headersOf(floor.author),
        'tus-resumable': '1.0.0',
        'upload-length': String(lengthBytes),
        'upload-metadata': `path ${Buffer.from(path).toString('base64')}`,
      },
    });
  const append = (location: string, content: Buffer) =>
    floor.app.nest.inject({
      method: 'PATCH',
      url: location,
      headers: { ...headersOf(floor.author), 'tus-resumable': '1.0.0', 'upload-offset': '0' },
      payload: content,
    });
  const blobs = (id = version.id) => readdir(join(floor.folder, 'versions', id)).catch(() => []);
  const inHours = (hours: number) => new Date(Date.now() + hours * HOUR_MS);

  /** As in jobs: a process of its own. */
  const collector = () => {
    const { database } = floor.test;
    const [sealed, audit] = [floor.get(SealedStore), floor.get(AuditLog)];
    const loose = new LooseBlobs(database, sealed, audit);
    const [versions, uploads] = [new VersionStore(database), new UploadStore(database)];
    const keys = floor.get(DataKeys);
    const abandon = new AbandonVersion(database, versions, new OpenUploads(keys), keys, loose, audit);
    const drop = new DropUpload(database, versions, uploads, loose, audit);
    const terms = floor.get(StorageTerms);
    return {
      loose,
      garbage: new CollectGarbage(versions, uploads, abandon, drop, loose, terms),
      strays: new FindStrays(sealed, loose),
    };
  };
  const named = async () => {
    const { client } = floor.test.database;
    const [files, segments, loose] = await Promise.all([
      client.versionFile.findMany(),
      client.fileSegment.findMany(),
      client.looseBlob.findMany(),
    ]);
    return [...files, ...segments, ...loose].map(({ blobKey }) => blobKey).toSorted();
  };

  describe('when nobody goes on', () => {
    it('collects an abandoned upload, and keeps one that somebody goes on with', async () => {
      const { garbage } = collector();
      const left = String((await create('left.bin', bytes.length)).headers.location);
      await append(left, bytes.subarray(0, 2 * BLOCK_BYTES));
      await put('there.bin', bytes);
      await garbage.execute(inHours(1));
      expect(await blobs()).toHaveLength(2);
      const { client } = floor.test.database;
      const touchedAt = inHours(-3);
      await client.upload.updateMany({ where: { versionId: version.id }, data: { touchedAt } });
      expect(await garbage.execute()).toMatchObject({ versions: 0, uploads: 1 });
      expect(await blobs()).toHaveLength(1);
      const events = await client.auditOutbox.findMany({
        where: { event: { contains: 'version.upload-dropped' } },
      });
      expect(events.some(({ event }) => event.includes('abandoned') && event.includes('"jobs"'))).toBe(true);
    });

    it('gives up a version that was never fixed, and leaves fixed ones alone', async () => {
      await put('model.bin', bytes);
      await floor.call('POST', `/api/v1/versions/${version.id}/finalize`, floor.author);
      const unfinished = await floor.startVersion();
      await put('model.bin', bytes, unfinished.id);
      await collector().garbage.execute(inHours(3));
      expect(await blobs(unfinished.id)).toEqual([]);
      expect(await blobs()).toHaveLength(1);
      expect(await floor.get(VersionStore).byId(unfinished.id)).toBeNull();
    });
  });

  describe('when the key store does not answer', () => {
    afterEach(() => void (floor.keyStoreIsDown = false));

    it('says so, keeps nothing, goes on with what has its key, and takes the same file once it is back', async () => {
      await put('begun.bin', bytes);
      const other = await floor.startVersion();
      floor.keyStoreIsDown = true;
      const refused = await put('model.bin', bytes, other.id);
      expect(refused.json()).toMatchObject({ status: 503, code: 'kms_unavailable' });
      expect(await blobs(other.id)).toEqual([]);
      expect(await floor.get(VersionStore).byId(other.id)).toMatchObject({ files: [] });
      expect((await put('further.bin', bytes)).statusCode).toBe(200);
      floor.keyStoreIsDown = false;
      expect((await put('model.bin', bytes, other.id)).statusCode).toBe(200);
      expect(await floor.plaintext(other.id, 'model.bin')).toEqual(bytes);
    });
  });

  describe('when a process died', () => {
    it('marks a blob that nothing names, waits, and sweeps it', async () => {
      const { garbage, loose } = collector();
      const blobKey = `versions/${version.id}/${randomUUID()}`;
      await loose.announce(version.id, blobKey);
      await floor.blobs.put(blobKey, one(bytes));
      await garbage.execute();
      expect(await blobs()).toHaveLength(1);
      expect((await garbage.execute(inHours(1.1))).marked).toBe(1);
      expect(await blobs()).toHaveLength(1);
      await garbage.execute(inHours(1.9));
      expect(await blobs()).toHaveLength(1);
      await floor.test.database.client.version.update({
        where: { id: version.id },
        data: { activeAt: inHours(9) },
      });
      expect((await garbage.execute(inHours(2.2))).swept).toBe(1);
      expect(await blobs()).toEqual([]);
      const swept = { event: { contains: 'storage.blobs-swept' } };
      const events = await floor.test.database.client.auditOutbox.findMany({ where: swept });
      expect(events.map(({ event }) => JSON.parse(event).details)).toContainEqual({
        count: 1,
        blobKeys: [blobKey],
      });
    });

    it('goes on with a sweep that was killed between any two steps', async () => {
      const { loose } = collector();
      const [first, second] = [
        `versions/${version.id}/${randomUUID()}`,
        `versions/${version.id}/${randomUUID()}`,
      ];
      for (const blobKey of [first, second]) {
        await loose.announce(version.id, blobKey);
        await floor.blobs.put(blobKey, one(bytes));
      }
      // Killed after the row was made unusable; and after the blob was gone.
      await floor.test.database.client.looseBlob.updateMany({
        where: { blobKey: { in: [first, second] } },
        data: { sweptAt: new Date(), markedAt: new Date() },
      });
      await floor.blobs.delete(second);
      expect(await loose.sweep({ versionId: version.id })).toBe(2);
      expect(await blobs()).toEqual([]);
    });

    it('finds blobs that nobody wrote down, and no others', async () => {
      const { strays, garbage } = collector();
      await put('model.bin', bytes);
      const location = String((await create('coming.bin', bytes.length)).headers.location);
      await append(location, bytes.subarray(0, 2 * BLOCK_BYTES));
      const stray = `versions/${randomUUID()}/${randomUUID()}`;
      await floor.blobs.put(stray, one(bytes));
      expect(await strays.execute()).toBe(1);
      expect(await strays.execute()).toBe(0);
      expect(await Array.fromAsync(floor.blobs.list('versions/')).then((keys) => keys.toSorted())).toEqual(
        await named(),
      );
      await floor.test.database.client.version.updateMany({ data: { activeAt: inHours(9) } });
      await floor.test.database.client.upload.updateMany({ data: { touchedAt: inHours(9) } });
      await garbage.execute(inHours(1.1));
      await garbage.execute(inHours(2.2));
      expect((await Array.fromAsync(floor.blobs.list('versions/'))).includes(stray)).toBe(false);
      expect(await blobs()).toHaveLength(2);
    });
  });

  describe('when the collector races an upload', () => {
    it('one of the two wins, and no file ever names a blob that is gone', async () => {
      const { loose } = collector();
      const paths = Array.from({ length: 12 }, (_, turn) => `f${turn}.bin`);
      let racing = true;
      // A collector without any patience: whatever is loose is garbage to it.
      const sweeping = (async () => {
        while (racing) await loose.sweep({ versionId: version.id });
      })();
      const answers = await Promise.all(paths.map((path) => put(path, bytes)));
      racing = false;
      await sweeping;
      const { files = [] } = (await floor.get(VersionStore).byId(version.id)) ?? {};
      const stored = answers.filter(({ statusCode }) => statusCode === 200);
      expect(files).toHaveLength(stored.length);
      for (const { path } of files)
        expect((await floor.plaintext(version.id, path)).equals(bytes)).toBe(true);
      for (const answer of answers.filter(({ statusCode }) => statusCode !== 200))
        expect(answer.json()).toMatchObject({ status: 409, code: 'blob_swept' });
      await loose.sweep({ versionId: version.id });
      expect(await blobs()).toHaveLength(files.length);
    });

    it('what is stored after its row was swept is removed by whoever stored it', async () => {
      const { loose } = collector();
      const { looseBlob } = floor.test.database.client;
      let swept = 0;
      // The collector comes while the second half is still on its way.
      const body = async function* () {
        yield bytes;
        while ((await looseBlob.count({ where: { versionId: version.id } })) === 0) await sleep(20);
        swept = await loose.sweep({ versionId: version.id });
        yield bytes;
      };
      const answer = await fetch(`${floor.url}/api/v1/versions/${version.id}/files/late.bin`, {
        method: 'PUT',
        headers: { ...headersOf(floor.author), 'content-type': 'application/octet-stream' },
        body: ReadableStream.from(body()),
        duplex: 'half',
      });
      expect(await answer.json()).toMatchObject({ status: 409, code: 'blob_swept' });
      expect(swept).toBe(1);
      expect(await blobs()).toEqual([]);
    });

    it('an upload that is still recording is waited for, and kept', async () => {
      const { loose } = collector();
      const blobKey = `versions/${version.id}/${randomUUID()}`;
      await loose.announce(version.id, blobKey);
      await floor.blobs.put(blobKey, one(bytes));
      let sweeping: Promise<number> | undefined;
      await floor.get(Database).transaction(async (tx) => {
        await loose.claim(tx, blobKey);
        const file = { path: 'a', sizeBytes: 1, sha256: 'a'.repeat(64), blobKey, dataKeyId: 'none' };
        await tx.versionFile.create({ data: { ...file, versionId: version.id } });
        sweeping = loose.sweep({ versionId: version.id });
        // It sees the row and waits for it.
        await new Promise((later) => setTimeout(later, 200));
      });
      expect(await sweeping).toBe(0);
      expect(await blobs()).toHaveLength(1);
    });

    it('a blob that a file names is not swept although somebody wrote it down as loose', async () => {
      await put('model.bin', bytes);
      const { client } = floor.test.database;
      const { blobKey } = await client.versionFile.findFirstOrThrow({ where: { versionId: version.id } });
      await client.looseBlob.create({ data: { blobKey, versionId: version.id, markedAt: inHours(-99) } });
      expect(await collector().loose.sweep({ versionId: version.id })).toBe(0);
      expect(await blobs()).toHaveLength(1);
      await client.looseBlob.delete({ where: { blobKey } });
    });
  });

  describe('under a quota', () => {
    const quota = () => floor.call('GET', '/api/v1/projects/default/quota', floor.author);
    const limit = (limitBytes: number | null, by = floor.admin) =>
      floor.call('PUT', '/api/v1/projects/default/quota', by, { limitBytes });
    const used = async () => {
      const { storedBytes, uploadingBytes } = (await quota()).json();
      return storedBytes + uploadingBytes;
    };
    afterEach(() => limit(null));

    it('is set by an administrator alone, shown to whoever sees the models, and recorded', async () => {
      expect((await limit(1, floor.author)).statusCode).toBe(403);
      expect((await limit(10_000_000)).json()).toMatchObject({ project: 'default', limitBytes: 10_000_000 });
      expect((await quota()).json().limitBytes).toBe(10_000_000);
      expect((await limit(null)).json()).not.toHaveProperty('limitBytes');
      expect((await floor.call('GET', '/api/v1/projects/nowhere/quota', floor.author)).statusCode).toBe(404);
      const events = await floor.test.database.client.auditOutbox.findMany({
        where: { event: { contains: 'project.quota-set' } },
      });
      expect(events.length).toBeGreaterThanOrEqual(2);
    });

    it('refuses what does not fit, says how much there is, and keeps nothing', async () => {
      await put('first.bin', bytes);
      const usedBytes = await used();
      await limit(usedBytes + 1000);
      const refusal = {
        status: 413,
        code: 'quota_exceeded',
        detail: expect.stringMatching(/may hold .* bytes and holds .* bytes; this needs/),
        meta: { usedBytes, limitBytes: usedBytes + 1000, askedBytes: bytes.length },
      };
      expect((await put('second.bin', bytes)).json()).toMatchObject(refusal);
      expect((await create('second.bin', bytes.length)).json()).toMatchObject(refusal);
      expect((await put('small.bin', bytes.subarray(0, 1000))).statusCode).toBe(200);
      expect(await blobs()).toHaveLength(2);
    });

    it('ends a stream that does not say how long it is where the room ends', async () => {
      await limit((await used()) + 100_000);
      const answer = await fetch(`${floor.url}/api/v1/versions/${version.id}/files/long.bin`, {
        method: 'PUT',
        headers: headersOf(floor.author),
        body: new ReadableStream({
          start(stream) {
            stream.enqueue(bytes);
            stream.close();
          },
        }),
        duplex: 'half',
      } as RequestInit);
      expect(await answer.json()).toMatchObject({ status: 413, code: 'quota_exceeded' });
      expect(await blobs()).toEqual([]);
    });

    it('counts an upload from its beginning, so that many at once do not pass it together', async () => {
      await limit((await used()) + 2 * bytes.length);
      const answers = await Promise.all(['a', 'b', 'c', 'd'].map((path) => create(path, bytes.length)));
      expect(answers.map(({ statusCode }) => statusCode).toSorted()).toEqual([201, 201, 413, 413]);
    });

    it('does not count abandoned uploads, even before they are collected', async () => {
      const before = await used();
      await create('left.bin', bytes.length);
      expect(await used()).toBe(before + bytes.length);
      await floor.test.database.client.upload.updateMany({
        where: { versionId: version.id },
        data: { touchedAt: inHours(-3) },
      });
      expect(await used()).toBe(before);
    });
  });
});
