import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { canonicalize } from '@castellan/canonical-json';
import type { ArrivingVersion, Version, VersionTransfer } from '@castellan/contracts';
import { headersOf, RegistryFloor } from '../testing/registry-floor.js';
import { SEGMENT_BYTES } from '../uploads/append-to-upload.js';

const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');
const weights = Buffer.concat([Buffer.from('PLAINTEXT-WEIGHTS-'.repeat(9_000)), randomBytes(300_000)]);
const long = randomBytes(SEGMENT_BYTES / 64 + 9_000);

/** One database stands for both platforms: what was sent is forgotten before it arrives. */
describe('a version that goes to another platform', () => {
  let floor: RegistryFloor;
  let sent: VersionTransfer;
  let blobs: Buffer[];
  let project: { id: string; name: string };
  beforeAll(async () => {
    floor = await RegistryFloor.start();
    const row = await floor.test.database.client.project.findFirstOrThrow();
    project = row;
    await floor.test.database.client.keyEncryptionKey.updateMany({ data: { projectId: row.id } });
  });
  afterAll(() => floor.close());

  const admin = (method: 'GET' | 'POST' | 'PUT', path: string, body?: object) =>
    floor.call(method, path, floor.admin, body);
  const put = (version: Version, path: string, bytes: Buffer) =>
    floor.app.nest.inject({
      method: 'PUT',
      url: `/api/v1/versions/${version.id}/files/${path}`,
      headers: { ...headersOf(floor.author), 'content-type': 'application/octet-stream' },
      payload: bytes,
    });
  const arrivals = () => `/api/v1/projects/${project.name}/arrivals`;
  const bring = (bytes: Buffer, named = sha256(bytes), credential = floor.admin) =>
    floor.app.nest.inject({
      method: 'PUT',
      url: `${arrivals()}/${sent.versionId}/${named}`,
      headers: { ...headersOf(credential), 'content-type': 'application/octet-stream' },
      payload: bytes,
    });
  const arriving = (changes: Partial<ArrivingVersion> = {}): ArrivingVersion => {
    let turn = 0;
    const files = sent.files.map(({ path, segments }) => ({
      path,
      segments: segments.map((segment) => ({ ...segment, sha256: sha256(blobs[turn++] ?? '') })),
    }));
    return { ...sent, files, ...changes };
  };
  const receive = (changes: Partial<ArrivingVersion> = {}) => admin('POST', arrivals(), arriving(changes));

  /** The rows and blobs of the sender's platform are not those of the recipient's. */
  async function forget() {
    const { client } = floor.test.database;
    const { versionId } = sent;
    await client.fileSegment.deleteMany({ where: { file: { is: { versionId } } } });
    await client.versionFile.deleteMany({ where: { versionId } });
    await client.looseBlob.deleteMany({ where: { versionId } });
    await client.version.deleteMany({ where: { id: versionId } });
    await client.dataKey.deleteMany({ where: { context: { contains: versionId } } });
    for await (const key of floor.blobs.list(`versions/${versionId}/`)) await floor.blobs.delete(key);
  }

  beforeEach(async () => {
    const version = await floor.startVersion();
    await put(version, 'model.h5', weights);
    await put(version, 'long.bin', long);
    await floor.call('POST', `/api/v1/versions/${version.id}/finalize`, floor.author);
    sent = (await admin('GET', `/api/v1/versions/${version.id}/transfer`)).json();
    const count = sent.files.flatMap(({ segments }) => segments).length;
    blobs = [];
    for (let turn = 0; turn < count; turn++)
      blobs.push((await admin('GET', `/api/v1/versions/${version.id}/sealed/${turn}`)).rawPayload);
    await forget();
  });

  it('arrives sealed, is what it was, and waits for a scan and a review of its own', async () => {
    expect(Buffer.concat(blobs).includes('PLAINTEXT-WEIGHTS')).toBe(false);
    for (const blob of blobs) expect((await bring(blob)).statusCode).toBe(204);
    const received = (await receive()).json<Version>();
    expect(received).toMatchObject({
      id: sent.versionId,
      digest: sent.versionDigest,
      stage: 'quarantined',
      files: [
        { path: 'long.bin', sha256: sha256(long) },
        { path: 'model.h5', sha256: sha256(weights) },
      ],
    });
    expect((await floor.plaintext(received.id, 'model.h5')).equals(weights)).toBe(true);
    const { client } = floor.test.database;
    expect(await client.trustDocument.count({ where: { subject: sent.versionDigest } })).toBe(0);
    expect(await client.looseBlob.count({ where: { versionId: sent.versionId } })).toBe(0);
    const next = await floor.startVersion();
    expect(next.number).toBeGreaterThan(received.number);
  });

  it('goes on where it was cut, and is not recorded before all of it is here', async () => {
    const [first, ...rest] = blobs;
    await bring(first ?? Buffer.alloc(0));
    const there = (await admin('GET', `${arrivals()}/${sent.versionId}`)).json();
    expect(there).toEqual({ blobs: [sha256(first ?? '')] });
    expect((await receive()).json()).toMatchObject({ status: 409, code: 'transfer_incomplete' });
    for (const blob of rest) await bring(blob);
    expect((await bring(first ?? Buffer.alloc(0))).statusCode).toBe(204);
    expect((await receive()).statusCode).toBe(201);
  });

  it('is refused a second time, and nothing of it is touched', async () => {
    for (const blob of blobs) await bring(blob);
    expect((await receive()).statusCode).toBe(201);
    expect((await receive()).json()).toMatchObject({ status: 409 });
    const [first = Buffer.alloc(0)] = blobs;
    expect((await bring(first)).json()).toMatchObject({ code: 'version_exists' });
    expect((await admin('GET', `${arrivals()}/${sent.versionId}`)).json()).toMatchObject({
      code: 'version_exists',
    });
    expect((await floor.plaintext(sent.versionId, 'long.bin')).equals(long)).toBe(true);
  });

  it('leaves nothing of sealed bytes that were changed on the way, or cut', async () => {
    const [first = Buffer.alloc(0)] = blobs;
    const changed = Buffer.from(first);
    changed.writeUInt8(changed.readUInt8(70_000) ^ 1, 70_000);
    for (const bytes of [changed, first.subarray(0, -1)])
      expect((await bring(bytes, sha256(first))).json()).toMatchObject({ code: 'transfer_differs' });
    expect((await admin('GET', `${arrivals()}/${sent.versionId}`)).json()).toEqual({ blobs: [] });
    for (const named of ['..%2Fx', 'a'.repeat(63), 'A'.repeat(64)])
      expect((await bring(first, named)).json()).toMatchObject({
        status: 400,
        code: 'transfer_inconsistent',
      });
  });

  it.each<[string, () => Partial<ArrivingVersion>, string]>([
    [
      'another manifest',
      () => ({ manifest: sent.manifest.replace('"author":"', '"author":"x') }),
      'transfer_inconsistent',
    ],
    [
      'a digest made to fit another manifest that lacks a file',
      () => {
        const manifest = JSON.parse(sent.manifest);
        const text = canonicalize({ ...manifest, files: manifest.files.slice(1) });
        return { manifest: text, versionDigest: sha256(text) };
      },
      'transfer_inconsistent',
    ],
    ['the keys of another version', () => ({ versionId: randomUUID() }), 'transfer_inconsistent'],
    [
      'keys that have not come here',
      () => ({ dataKeys: sent.dataKeys.map((key) => ({ ...key, kekId: 'kek-9' })) }),
      'transfer_of_other_project',
    ],
    [
      'segments in another order',
      () => ({
        files: arriving().files.map((file) => ({
          ...file,
          segments: file.segments.map((each) => ({ ...each, startBytes: 65_536 })),
        })),
      }),
      'transfer_inconsistent',
    ],
  ])('is refused with %s', async (_what, changes, code) => {
    for (const blob of blobs) await bring(blob);
    expect((await receive(changes())).json()).toMatchObject({ code });
    expect(await floor.test.database.client.version.count({ where: { id: sent.versionId } })).toBe(0);
  });

  it('gets a manifest of its own, with the digest that it had, in a project of another name', async () => {
    const { client } = floor.test.database;
    await client.project.update({ where: { id: project.id }, data: { name: 'elsewhere' } });
    project = { ...project, name: 'elsewhere' };
    for (const blob of blobs) await bring(blob);
    const { id, digest } = (await receive()).json<Version>();
    expect(digest).not.toBe(sent.versionDigest);
    const { manifest } = await client.version.findUniqueOrThrow({ where: { id } });
    expect(JSON.parse(manifest ?? '')).toMatchObject({ project: 'elsewhere', origin: sent.versionDigest });
    expect((await floor.plaintext(id, 'model.h5')).equals(weights)).toBe(true);
  });

  it('is an administrator’s on both sides', async () => {
    for (const blob of blobs) await bring(blob);
    expect((await bring(blobs[0] ?? Buffer.alloc(0), undefined, floor.author)).statusCode).toBe(403);
    expect((await floor.call('POST', arrivals(), floor.author, arriving())).statusCode).toBe(403);
    const { id } = (await receive()).json<Version>();
    for (const path of ['transfer', 'sealed/0'])
      expect((await floor.call('GET', `/api/v1/versions/${id}/${path}`, floor.author)).statusCode).toBe(403);
  });
});
