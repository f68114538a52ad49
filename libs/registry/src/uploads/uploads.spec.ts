import { createHash, randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Version } from '@castellan/contracts';
import { DigestTree, leafHashes } from '@castellan/merkle-log';
import { headersOf, RegistryFloor } from '../testing/registry-floor.js';
import { SEGMENT_BYTES } from './append-to-upload.js';
import { BLOCK_BYTES } from './arriving-blocks.js';

const MARKER = 'PLAINTEXT-WEIGHTS-';
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const treeOf = (bytes: Uint8Array) => {
  const tree = new DigestTree();
  tree.add([leafHashes(bytes)]);
  return tree.root();
};
const weights = Buffer.concat([Buffer.from(MARKER.repeat(20_000)), randomBytes(700_001)]);

describe('uploads by pieces', () => {
  let floor: RegistryFloor;
  let version: Version;
  beforeAll(async () => {
    floor = await RegistryFloor.start();
  });
  afterAll(() => floor.close());
  beforeEach(async () => {
    version = await floor.startVersion();
  });

  type Verb = 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'DELETE' | 'OPTIONS';
  const tus = (method: Verb, url: string, headers: Record<string, string | number> = {}, payload?: Buffer) =>
    floor.app.nest.inject({
      method,
      url,
      headers: { ...headersOf(floor.author), 'tus-resumable': '1.0.0', ...stringly(headers) },
      ...(payload && { payload }),
    });
  const stringly = (headers: Record<string, string | number>) =>
    Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
  const named = (path: string) => `path ${Buffer.from(path).toString('base64')}`;
  const create = (path: string, lengthBytes: number) =>
    tus('POST', `/api/v1/versions/${version.id}/uploads`, {
      'upload-length': lengthBytes,
      'upload-metadata': named(path),
    });
  const begun = async (path: string, lengthBytes: number) =>
    String((await create(path, lengthBytes)).headers.location);
  const append = (location: string, offset: number, bytes: Buffer) =>
    tus(
      'PATCH',
      location,
      { 'upload-offset': offset, 'content-type': 'application/offset+octet-stream' },
      bytes,
    );
  const offsetOf = async (location: string) => Number((await tus('HEAD', location)).headers['upload-offset']);
  const blobs = () => readdir(join(floor.folder, 'versions', version.id)).catch(() => []);
  const shown = async () =>
    (await floor.call('GET', `/api/v1/versions/${version.id}`, floor.author)).json<Version>();

  /** Sends a part and cuts the connection, as a network does. */
  const cutAfter = (location: string, offset: number, bytes: Buffer, declaredBytes: number) =>
    new Promise<void>((resolve) => {
      const sending = request(floor.url + location, {
        method: 'PATCH',
        headers: {
          ...headersOf(floor.author),
          'tus-resumable': '1.0.0',
          'upload-offset': offset,
          'content-type': 'application/offset+octet-stream',
          'content-length': declaredBytes,
        },
      });
      sending.on('error', () => resolve());
      sending.write(bytes, () => setTimeout(() => sending.destroy(new Error('cut')), 50));
    });
  const settledOffset = async (location: string, atLeast: number) => {
    for (;;) {
      const offset = await offsetOf(location);
      if (offset >= atLeast) return offset;
      await new Promise((again) => setTimeout(again, 20));
    }
  };

  it('says what it speaks', async () => {
    const answer = await tus('OPTIONS', `/api/v1/versions/${version.id}/uploads`);
    expect(answer.statusCode).toBe(204);
    expect(answer.headers).toMatchObject({ 'tus-version': '1.0.0', 'tus-resumable': '1.0.0' });
  });

  it('takes a file in pieces, and it opens to the same bytes', async () => {
    const location = await begun('weights/model.bin', weights.length);
    expect(await offsetOf(location)).toBe(0);
    const first = await append(location, 0, weights.subarray(0, 500_000));
    expect(first.statusCode).toBe(204);
    const offset = Number(first.headers['upload-offset']);
    // Whole blocks are kept; the sender goes on from there.
    expect(offset).toBe(500_000 - (500_000 % BLOCK_BYTES));
    const last = await append(location, offset, weights.subarray(offset));
    expect(last.headers['upload-offset']).toBe(String(weights.length));
    expect((await shown()).files).toEqual([
      { path: 'weights/model.bin', sizeBytes: weights.length, sha256: sha256(weights) },
    ]);
    expect((await floor.plaintext(version.id, 'weights/model.bin')).equals(weights)).toBe(true);
    // An answer may have been lost: it is told again.
    expect(await offsetOf(location)).toBe(weights.length);
  });

  it('goes on where a cut connection stopped, after a restart too, under keys that nobody kept', async () => {
    const location = await begun('model.bin', weights.length);
    await cutAfter(location, 0, weights.subarray(0, 300_000), weights.length);
    const offset = await settledOffset(location, 4 * BLOCK_BYTES);
    expect(offset).toBe(4 * BLOCK_BYTES);
    await floor.restart();
    expect(await offsetOf(location)).toBe(offset);
    await append(location, offset, weights.subarray(offset, offset + 2 * BLOCK_BYTES));
    await floor.restart();
    await append(location, offset + 2 * BLOCK_BYTES, weights.subarray(offset + 2 * BLOCK_BYTES));
    expect((await shown()).files[0]?.sha256).toBe(sha256(weights));
    expect((await floor.plaintext(version.id, 'model.bin')).equals(weights)).toBe(true);
    const file = await floor.test.database.client.versionFile.findFirstOrThrow({
      where: { versionId: version.id },
      include: { further: true },
    });
    expect(new Set([file, ...file.further].map(({ dataKeyId }) => dataKeyId)).size).toBe(3);
  });

  it('keeps no plaintext at rest, the state of the digest included', async () => {
    const location = await begun('model.bin', weights.length);
    await cutAfter(location, 0, weights.subarray(0, 200_000), weights.length);
    await settledOffset(location, 3 * BLOCK_BYTES);
    const { digestState } = await floor.test.database.client.upload.findFirstOrThrow({
      where: { versionId: version.id },
    });
    // A SHA-256 state: 4 bytes of release, an empty block, the length, eight words.
    expect(Buffer.from(digestState.subarray(4, 68)).equals(Buffer.alloc(64))).toBe(true);
    const stored = await Promise.all(
      (await blobs()).map((name) => readFile(join(floor.folder, 'versions', version.id, name))),
    );
    expect(stored).toHaveLength(1);
    expect(Buffer.concat([...stored, digestState]).includes(MARKER)).toBe(false);
  });

  it('seals a long piece in segments', async () => {
    const long = randomBytes(SEGMENT_BYTES + 100_000);
    const location = await begun('long.bin', long.length);
    expect((await append(location, 0, long)).headers['upload-offset']).toBe(String(long.length));
    expect(await blobs()).toHaveLength(2);
    const [file] = (await shown()).files;
    expect(file?.sha256Tree).toBe(treeOf(long));
    expect((await floor.plaintext(version.id, 'long.bin')).equals(long)).toBe(true);
  });

  it('has an empty file at once', async () => {
    const answer = await create('empty.txt', 0);
    expect(answer.statusCode).toBe(201);
    expect((await shown()).files).toEqual([
      { path: 'empty.txt', sizeBytes: 0, sha256: sha256(Buffer.alloc(0)) },
    ]);
    expect(await floor.plaintext(version.id, 'empty.txt')).toHaveLength(0);
  });

  it('takes the first piece with the creation', async () => {
    const answer = await tus(
      'POST',
      `/api/v1/versions/${version.id}/uploads`,
      {
        'upload-length': 1000,
        'upload-metadata': named('small.bin'),
        'content-type': 'application/offset+octet-stream',
      },
      weights.subarray(0, 1000),
    );
    expect(answer.headers['upload-offset']).toBe('1000');
    expect((await shown()).files[0]?.sha256).toBe(sha256(weights.subarray(0, 1000)));
  });

  it.each<[string, number, number, number, object]>([
    [
      'a wrong offset',
      65_536,
      100_000,
      100_000,
      { status: 409, code: 'upload_offset_conflict', meta: { offset: 0 } },
    ],
    ['more than was declared', 0, 100_001, 100_000, { status: 400, code: 'upload_too_long' }],
    [
      'less than a block that is not the end',
      0,
      10,
      100_000,
      { status: 400, code: 'upload_piece_too_small' },
    ],
  ])('refuses %s, and keeps nothing', async (_what, offset, sentBytes, lengthBytes, refusal) => {
    const location = await begun('model.bin', lengthBytes);
    const answer = await append(location, offset, weights.subarray(0, sentBytes));
    expect(answer.json()).toMatchObject(refusal);
    expect(await offsetOf(location)).toBe(0);
    expect(await blobs()).toEqual([]);
  });

  it('refuses more than was declared although no length is declared', async () => {
    const location = await begun('model.bin', 100_000);
    const sending = request(floor.url + location, {
      method: 'PATCH',
      headers: { ...headersOf(floor.author), 'tus-resumable': '1.0.0', 'upload-offset': 0 },
    });
    const status = new Promise((resolve) => sending.on('response', ({ statusCode }) => resolve(statusCode)));
    sending.end(weights.subarray(0, 200_000));
    expect(await status).toBe(400);
    expect(await offsetOf(location)).toBe(0);
    expect(await blobs()).toEqual([]);
  });

  it.each<[string, Record<string, string>, number, string]>([
    ['no length', { 'upload-metadata': named('a') }, 400, 'upload_invalid'],
    [
      'a length that is none',
      { 'upload-length': '-1', 'upload-metadata': named('a') },
      400,
      'upload_invalid',
    ],
    ['no path', { 'upload-length': '1' }, 400, 'upload_invalid'],
    [
      'a path that escapes',
      { 'upload-length': '1', 'upload-metadata': named('../a') },
      400,
      'file_path_invalid',
    ],
    ['another protocol', { 'tus-resumable': '0.2.2' }, 412, 'tus_version_unsupported'],
  ])('refuses to begin with %s', async (_what, headers, status, code) => {
    const answer = await tus('POST', `/api/v1/versions/${version.id}/uploads`, headers);
    expect(answer.json()).toMatchObject({ status, code });
    expect(await floor.test.database.client.upload.count({ where: { versionId: version.id } })).toBe(0);
  });

  it('records one of two pieces that come at once, and refuses the other by name', async () => {
    const location = await begun('model.bin', weights.length);
    // Who is overtaken is told so, or finds the connection cut.
    const both = await Promise.allSettled([append(location, 0, weights), append(location, 0, weights)]);
    const answers = both.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    expect(answers.length).toBeGreaterThanOrEqual(1);
    const refused = answers.filter(({ statusCode }) => statusCode !== 204);
    expect(refused.length).toBeLessThanOrEqual(1);
    for (const answer of refused)
      expect(answer.json().code).toMatch(/^(upload_overtaken|upload_offset_conflict)$/);
    const offset = await offsetOf(location);
    if (offset < weights.length) await append(location, offset, weights.subarray(offset));
    expect((await floor.plaintext(version.id, 'model.bin')).equals(weights)).toBe(true);
    const { length } = await blobs();
    const { client } = floor.test.database;
    const named = await client.fileSegment.count({ where: { file: { is: { versionId: version.id } } } });
    expect(length).toBe(1 + named);
  });

  it('lets a sender that came back take over from its dead connection', async () => {
    const location = await begun('model.bin', weights.length);
    const stuck = request(floor.url + location, {
      method: 'PATCH',
      headers: {
        ...headersOf(floor.author),
        'tus-resumable': '1.0.0',
        'upload-offset': 0,
        'content-length': weights.length,
      },
    });
    stuck.on('error', () => undefined);
    stuck.write(weights.subarray(0, 4 * BLOCK_BYTES));
    const { looseBlob } = floor.test.database.client;
    // It is being served once its first segment is written down.
    while ((await looseBlob.count({ where: { versionId: version.id } })) === 0) await sleep(20);
    let offset = 0;
    for (let refusals = 0; offset < weights.length;) {
      const answer = await append(location, offset, weights.subarray(offset));
      if (answer.statusCode === 204) offset = Number(answer.headers['upload-offset']);
      else {
        expect(answer.json()).toMatchObject({ code: 'upload_offset_conflict' });
        expect(++refusals).toBe(1);
        offset = await offsetOf(location);
      }
    }
    expect((await floor.plaintext(version.id, 'model.bin')).equals(weights)).toBe(true);
    stuck.destroy();
  });

  it('does not fix a version while a file is still coming in, and does once it was given up', async () => {
    const location = await begun('model.bin', weights.length);
    await append(location, 0, weights.subarray(0, 2 * BLOCK_BYTES));
    await create('small.txt', 0);
    const finalize = () => floor.call('POST', `/api/v1/versions/${version.id}/finalize`, floor.author);
    expect((await finalize()).json()).toMatchObject({
      status: 409,
      code: 'upload_unfinished',
      meta: { paths: ['model.bin'] },
    });
    expect((await tus('DELETE', location)).statusCode).toBe(204);
    expect((await tus('HEAD', location)).statusCode).toBe(404);
    expect(await blobs()).toHaveLength(1);
    expect((await finalize()).json()).toMatchObject({ stage: 'quarantined' });
    expect((await create('late.txt', 0)).json()).toMatchObject({ code: 'version_not_uploading' });
  });

  it('keeps nothing of an upload that is begun again, of a file that is replaced, of a version given up', async () => {
    const first = await begun('model.bin', weights.length);
    await append(first, 0, weights.subarray(0, 2 * BLOCK_BYTES));
    const second = await begun('model.bin', weights.length);
    expect((await tus('HEAD', first)).statusCode).toBe(404);
    await append(second, 0, weights.subarray(0, 2 * BLOCK_BYTES));
    await append(second, 2 * BLOCK_BYTES, weights.subarray(2 * BLOCK_BYTES));
    expect(await blobs()).toHaveLength(2);
    await append(await begun('model.bin', 1000), 0, weights.subarray(0, 1000));
    expect(await blobs()).toHaveLength(1);
    await append(await begun('other.bin', weights.length), 0, weights.subarray(0, 2 * BLOCK_BYTES));
    await floor.call('DELETE', `/api/v1/versions/${version.id}`, floor.author);
    expect(await blobs()).toEqual([]);
    const { client } = floor.test.database;
    expect(await client.looseBlob.count({ where: { versionId: version.id } })).toBe(0);
    expect(await client.dataKey.count({ where: { context: { contains: version.id } } })).toBe(0);
  });

  it('shows what is still coming in to whoever may publish, and to nobody else', async () => {
    await begun('model.bin', weights.length);
    const path = `/api/v1/versions/${version.id}/uploads`;
    expect((await floor.call('GET', path, floor.author)).json()).toMatchObject({
      uploads: [{ path: 'model.bin', lengthBytes: weights.length, offsetBytes: 0 }],
    });
    const reviewer = await floor.personKey(`rita-${version.number}`, 'reviewer');
    expect((await floor.call('GET', path, reviewer)).statusCode).toBe(403);
    expect((await floor.call('GET', path, '')).statusCode).toBe(401);
  });
});
