import { randomBytes } from 'node:crypto';
import { readdir, readFile, rename } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import type { S3Key, Version } from '@castellan/contracts';
import { headersOf, RegistryFloor } from '../testing/registry-floor.js';

const MIB = 1024 * 1024;
const Bucket = 'default';
const bytes = randomBytes(11 * MIB + 1);
const small = bytes.subarray(0, 300_001);

describe('the AWS SDK for S3, unmodified', () => {
  let floor: RegistryFloor;
  let version: Version;
  let s3: S3Client;
  const clients: S3Client[] = [];
  const clientOf = async (apiKey: string, changes: S3ClientConfig & { secret?: string } = {}) => {
    const { secret, ...config } = changes;
    const key = (await floor.call('POST', '/api/v1/s3-key', apiKey, {})).json<S3Key>();
    const client = new S3Client({
      endpoint: `${floor.url}/s3`,
      region: key.region,
      forcePathStyle: true,
      maxAttempts: 1,
      credentials: { accessKeyId: key.accessKeyId, secretAccessKey: secret ?? key.secretAccessKey },
      ...config,
    });
    clients.push(client);
    return client;
  };
  beforeAll(async () => {
    floor = await RegistryFloor.start();
    s3 = await clientOf(floor.author);
  });
  afterAll(async () => {
    for (const client of clients) client.destroy();
    await floor.close();
  });
  beforeEach(async () => {
    version = await floor.startVersion();
  });

  const keyOf = (path: string) => ({ Bucket, Key: `digits/${version.number}/${path}` });
  const put = (path: string, Body: Buffer | Readable = small, client = s3) =>
    client.send(new PutObjectCommand({ ...keyOf(path), Body, ContentLength: small.length }));
  const plaintext = (path: string) => floor.plaintext(version.id, path);
  const blobs = () => readdir(join(floor.folder, 'versions', version.id)).catch(() => []);
  const begun = async (path: string) =>
    (await s3.send(new CreateMultipartUploadCommand(keyOf(path)))).UploadId ?? '';
  const sendPart = (path: string, UploadId: string, PartNumber: number, Body: Buffer) =>
    s3.send(new UploadPartCommand({ ...keyOf(path), UploadId, PartNumber, Body }));
  const complete = (
    path: string,
    UploadId: string,
    Parts: { PartNumber: number; ETag: string | undefined }[],
  ) => s3.send(new CompleteMultipartUploadCommand({ ...keyOf(path), UploadId, MultipartUpload: { Parts } }));
  const actions = async () => {
    const where = { event: { contains: version.id } };
    const rows = await floor.test.database.client.auditOutbox.findMany({
      where,
      orderBy: { createdAt: 'asc' },
    });
    return rows.map(({ event }) => String(JSON.parse(event).action));
  };

  it('puts a file, and asks about it', async () => {
    const { ETag } = await put('weights/model.h5');
    expect((await plaintext('weights/model.h5')).equals(small)).toBe(true);
    const head = await s3.send(new HeadObjectCommand(keyOf('weights/model.h5')));
    expect(head).toMatchObject({ ContentLength: small.length, ETag });
    const Prefix = `digits/${version.number}/`;
    const whole = await s3.send(new ListObjectsV2Command({ Bucket, Prefix }));
    expect(whole.Contents).toMatchObject([{ Key: `${Prefix}weights/model.h5`, Size: small.length, ETag }]);
    const folders = await s3.send(new ListObjectsV2Command({ Bucket, Prefix, Delimiter: '/' }));
    expect(folders.CommonPrefixes).toEqual([{ Prefix: `${Prefix}weights/` }]);
    expect(await actions()).toEqual(['version.started', 'version.file-stored']);
  });

  it.each(['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const)(
    'streams a file with its %s behind it',
    async (ChecksumAlgorithm) => {
      const Body = Readable.from([small.subarray(0, 100_000), small.subarray(100_000)]);
      const ContentLength = small.length;
      await s3.send(new PutObjectCommand({ ...keyOf('a b+ü.bin'), Body, ContentLength, ChecksumAlgorithm }));
      expect((await plaintext('a b+ü.bin')).equals(small)).toBe(true);
    },
  );

  it('puts an empty file', async () => {
    await s3.send(new PutObjectCommand({ ...keyOf('empty'), Body: '', ContentLength: 0 }));
    expect(await plaintext('empty')).toHaveLength(0);
  });

  it('sends parts side by side; nothing but the file is left', async () => {
    const params = { ...keyOf('model.h5'), Body: bytes };
    await new Upload({ client: s3, params, queueSize: 4, partSize: 5 * MIB }).done();
    expect((await plaintext('model.h5')).equals(bytes)).toBe(true);
    expect(await blobs()).toHaveLength(1);
    const file = (await floor.call('GET', `/api/v1/versions/${version.id}`, floor.author)).json<Version>();
    expect(file.files[0]).toHaveProperty('sha256Tree');
    const recorded = await actions();
    expect(recorded.filter((action) => action === 'version.upload-advanced')).toHaveLength(3);
    expect(recorded.at(-1)).toBe('version.file-stored');
  });

  it('takes parts out of order; of two with one number the last counts; a lost answer is told again', async () => {
    const UploadId = await begun('parts.bin');
    const second = await sendPart('parts.bin', UploadId, 7, bytes.subarray(100_001, 200_000));
    const lost = await sendPart('parts.bin', UploadId, 1, bytes.subarray(5, 50_000));
    const first = await sendPart('parts.bin', UploadId, 1, bytes.subarray(0, 100_001));
    const { Parts = [] } = await s3.send(new ListPartsCommand({ ...keyOf('parts.bin'), UploadId }));
    expect(Parts.map(({ PartNumber, Size }) => [PartNumber, Size])).toEqual([
      [1, 100_001],
      [7, 99_999],
    ]);
    const stored = await Promise.all(
      (await blobs()).map((name) => readFile(join(floor.folder, 'versions', version.id, name))),
    );
    expect(stored.map(({ length }) => length > 99_999)).toEqual([true, true]);
    for (const blob of stored)
      for (const start of [0, 100_001]) expect(blob.includes(bytes.subarray(start, start + 16))).toBe(false);
    const at = (PartNumber: number, { ETag }: { ETag?: string | undefined }) => ({ PartNumber, ETag });
    const refused = [
      ['InvalidPart', [at(1, lost), at(7, second)]],
      ['InvalidPart', [at(1, first), at(8, second)]],
      ['InvalidPartOrder', [at(7, second), at(1, first)]],
      ['MalformedXML', []],
    ] as const;
    for (const [name, parts] of refused)
      await expect(complete('parts.bin', UploadId, [...parts])).rejects.toMatchObject({ name });
    const parts = [at(1, first), at(7, second)];
    const answers = await Promise.all([1, 2].map(() => complete('parts.bin', UploadId, parts)));
    answers.push(await complete('parts.bin', UploadId, parts));
    expect(new Set(answers.map(({ ETag }) => ETag)).size).toBe(1);
    expect((await plaintext('parts.bin')).equals(bytes.subarray(0, 200_000))).toBe(true);
    expect((await actions()).filter((action) => action === 'version.file-stored')).toHaveLength(1);
  });

  it('gives an upload up with everything that came of it; until then the version cannot be fixed', async () => {
    await put('other.bin');
    const UploadId = await begun('left.bin');
    await sendPart('left.bin', UploadId, 1, small);
    const finalize = () => floor.call('POST', `/api/v1/versions/${version.id}/finalize`, floor.author);
    expect((await finalize()).json()).toMatchObject({
      code: 'upload_unfinished',
      meta: { paths: ['left.bin'] },
    });
    const Prefix = `digits/${version.number}/`;
    const { Uploads } = await s3.send(new ListMultipartUploadsCommand({ Bucket, Prefix }));
    expect(Uploads).toMatchObject([{ Key: `${Prefix}left.bin`, UploadId }]);
    await s3.send(new AbortMultipartUploadCommand({ ...keyOf('left.bin'), UploadId }));
    expect(await blobs()).toHaveLength(1);
    const again = sendPart('left.bin', UploadId, 2, small);
    await expect(again).rejects.toMatchObject({ name: 'NoSuchUpload' });
    expect((await finalize()).statusCode).toBe(200);
    await expect(put('late.bin')).rejects.toMatchObject({ name: 'InvalidObjectState' });
  });

  it('keeps nothing of a part whose connection broke, and takes it again', async () => {
    const UploadId = await begun('cut.bin');
    const { Key } = keyOf('cut.bin');
    await new Promise<void>((resolve) => {
      const sending = request(`${floor.url}/s3/${Bucket}/${Key}?partNumber=1&uploadId=${UploadId}`, {
        method: 'PUT',
        headers: { ...headersOf(floor.author), 'content-length': small.length },
      });
      sending.on('error', () => resolve());
      sending.write(small.subarray(0, 100_000), () =>
        setTimeout(() => sending.destroy(new Error('cut')), 50),
      );
    });
    while ((await blobs()).length > 0) await sleep(20);
    const { ETag } = await sendPart('cut.bin', UploadId, 1, small);
    await complete('cut.bin', UploadId, [{ PartNumber: 1, ETag }]);
    expect((await plaintext('cut.bin')).equals(small)).toBe(true);
    const { looseBlob } = floor.test.database.client;
    expect(await looseBlob.count({ where: { versionId: version.id } })).toBe(0);
  });

  it('begins anew when the api is another process meanwhile; what the first had is garbage', async () => {
    const UploadId = await begun('restarted.bin');
    const { ETag } = await sendPart('restarted.bin', UploadId, 1, small);
    await floor.restart();
    s3 = await clientOf(floor.author);
    const going = complete('restarted.bin', UploadId, [{ PartNumber: 1, ETag }]);
    await expect(going).rejects.toMatchObject({ name: 'NoSuchUpload' });
    const { looseBlob } = floor.test.database.client;
    expect(await looseBlob.count({ where: { versionId: version.id } })).toBe(1);
  });

  it('makes no file of parts that changed places in the store', async () => {
    const UploadId = await begun('swapped.bin');
    const one = await sendPart('swapped.bin', UploadId, 1, small);
    const two = await sendPart('swapped.bin', UploadId, 2, bytes.subarray(MIB, MIB + small.length));
    const [a = '', b = ''] = (await blobs()).map((name) => join(floor.folder, 'versions', version.id, name));
    await rename(a, `${a}.aside`);
    await rename(b, a);
    await rename(`${a}.aside`, b);
    const parts = [one, two].map(({ ETag }, index) => ({ PartNumber: index + 1, ETag }));
    await expect(complete('swapped.bin', UploadId, parts)).rejects.toMatchObject({ name: 'InternalError' });
    await expect(plaintext('swapped.bin')).rejects.toThrow('no file');
    await s3.send(new AbortMultipartUploadCommand({ ...keyOf('swapped.bin'), UploadId }));
  });

  it('begins anew when the collector was there before it was completed', async () => {
    const UploadId = await begun('lost.bin');
    const { ETag } = await sendPart('lost.bin', UploadId, 1, small);
    await floor.test.database.client.looseBlob.updateMany({ data: { sweptAt: new Date() } });
    const going = complete('lost.bin', UploadId, [{ PartNumber: 1, ETag }]);
    await expect(going).rejects.toMatchObject({ name: 'NoSuchUpload' });
  });

  it('hears that there is no room', async () => {
    const limit = (limitBytes: number | null) =>
      floor.call('PUT', '/api/v1/projects/default/quota', floor.admin, { limitBytes });
    const { storedBytes } = (await floor.call('GET', '/api/v1/projects/default/quota', floor.author)).json();
    await limit(storedBytes + small.length + 1000);
    try {
      const UploadId = await begun('full.bin');
      await sendPart('full.bin', UploadId, 1, small);
      await expect(sendPart('full.bin', UploadId, 2, small)).rejects.toMatchObject({
        name: 'EntityTooLarge',
      });
    } finally {
      await limit(null);
    }
  });

  describe('is let in by its signature alone', () => {
    it('not with another secret, nor with an altered body or path', async () => {
      const wrong = await clientOf(floor.author, { secret: 'x'.repeat(43) });
      await expect(put('x', small, wrong)).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' });
      const altered = await clientOf(floor.author);
      altered.middlewareStack.add(
        (next) => (args) => {
          const sent = args.request as { body: Buffer };
          sent.body = Buffer.from(sent.body);
          sent.body[9] = (sent.body[9] ?? 0) ^ 1;
          return next(args);
        },
        { step: 'finalizeRequest', priority: 'low' },
      );
      await expect(put('x', small, altered)).rejects.toMatchObject({ name: 'BadDigest' });
      expect(await blobs()).toEqual([]);
    });

    it('not a quarter of an hour late', async () => {
      const late = await clientOf(floor.author, { systemClockOffset: -16 * 60_000 });
      await expect(put('x', small, late)).rejects.toMatchObject({ name: 'RequestTimeTooSkewed' });
    });

    it('not once the API key is revoked, in the middle of an upload too', async () => {
      const apiKey = await floor.personKey('eve', 'author');
      const eve = await clientOf(apiKey);
      const { UploadId } = await eve.send(new CreateMultipartUploadCommand(keyOf('eve.bin')));
      const { accessKeyId } = (await floor.call('POST', '/api/v1/s3-key', apiKey, {})).json<S3Key>();
      await floor.call('DELETE', `/api/v1/credentials/${accessKeyId}`, floor.admin);
      const going = eve.send(
        new UploadPartCommand({ ...keyOf('eve.bin'), UploadId, PartNumber: 1, Body: small }),
      );
      await expect(going).rejects.toMatchObject({ name: 'InvalidAccessKeyId' });
    });

    it('not without the right to publish, nor into another organisation', async () => {
      const reviewer = await clientOf(await floor.personKey('rita', 'reviewer'));
      await expect(put('x', small, reviewer)).rejects.toMatchObject({ name: 'AccessDenied' });
      const admin = { name: 'zoe', displayName: 'Zoe' };
      const founded = await floor.call('POST', '/api/v1/organizations', floor.admin, {
        name: 'other',
        admin,
      });
      const session = await floor.call('POST', '/api/v1/session', '', { token: founded.json().signInToken });
      const cookie = /castellan_session=[^;]+/.exec(String(session.headers['set-cookie']))?.[0] ?? '';
      const path = `/api/v1/people/${session.json().id}/credentials`;
      const made = await floor.call('POST', path, cookie, { kind: 'api_key', label: 'spec' });
      const stranger = await clientOf(made.json().secret);
      await expect(put('x', small, stranger)).rejects.toMatchObject({ name: 'NoSuchKey' });
      expect((await floor.call('POST', '/api/v1/s3-key', cookie, {})).json()).toMatchObject({
        code: 's3_needs_api_key',
      });
    });

    it('and nothing is given out, nor taken that is not spoken here', async () => {
      await put('sealed.bin');
      const get = s3.send(new GetObjectCommand(keyOf('sealed.bin')));
      await expect(get).rejects.toMatchObject({ name: 'NotImplemented' });
      const { Key } = keyOf('sealed.bin');
      const bearer = headersOf(floor.author);
      const acl = await fetch(`${floor.url}/s3/default/${Key}?acl`, { method: 'PUT', headers: bearer });
      expect(await acl.text()).toContain('<Code>InvalidRequest</Code>');
      const elsewhere = await fetch(`${floor.url}/api/v1/me`, {
        headers: { authorization: 'AWS4-HMAC-SHA256 Credential=x' },
      });
      expect(await elsewhere.json()).toMatchObject({ code: 'credentials_invalid' });
    });
  });
});
