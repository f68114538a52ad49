import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { blobStoreFromUrl, readS3Address } from './index.js';
import { S3BlobStore, type S3Options } from './s3-blob-store.js';
import { startS3Server, type Fault, type S3Server } from './testing/s3-server.js';

const MIB = 1024 * 1024;
const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' };
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

async function* inPieces(bytes: Uint8Array, pieceBytes = 300_001) {
  for (let at = 0; at < bytes.byteLength; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

const asks = (method: string, part: string) => (request: IncomingMessage) =>
  request.method === method && (request.url ?? '').includes(part);

describe('S3BlobStore against a server that fails', () => {
  let server: S3Server;
  let store: S3BlobStore;
  const open = (options: S3Options = {}) =>
    S3BlobStore.open(readS3Address(`s3://blobs/p?endpoint=${server.endpoint}`), { credentials, ...options });
  const whole = async (key: string) => Buffer.concat(await Array.fromAsync(store.get(key)));
  beforeEach(async () => {
    server = await startS3Server('blobs');
    store = await open();
  });
  afterEach(() => server.close());

  it.each<[string, Fault]>([
    ['500', { kind: 'status', status: 500 }],
    ['503', { kind: 'status', status: 503 }],
    ['silence', { kind: 'silence' }],
    ['a lost answer', { kind: 'answer-lost' }],
  ])('puts all the same after %s', async (_name, fault) => {
    // Only silence is ended by a timeout; a short one would cut short what is merely slow.
    if (fault.kind === 'silence') store = await open({ idleTimeoutMs: 1_000, maxAttempts: 10 });
    server.inject(asks('PUT', '/a'), fault);
    const bytes = randomBytes(100_000);
    expect(await store.put('a', inPieces(bytes))).toEqual({ sizeBytes: 100_000 });
    expect((await whole('a')).equals(bytes)).toBe(true);
  });

  it.each<[string, Fault]>([
    ['500', { kind: 'status', status: 500 }],
    ['half a body', { kind: 'half-body' }],
    ['a lost answer', { kind: 'answer-lost' }],
  ])('reads all the same after %s', async (_name, fault) => {
    const bytes = randomBytes(3 * MIB);
    await store.put('a', inPieces(bytes));
    server.inject(asks('GET', '/a'), fault, fault);
    expect((await whole('a')).equals(bytes)).toBe(true);
    server.inject(asks('GET', '/a'), fault);
    expect(Buffer.from(await store.readAt('a', MIB, 1000)).equals(bytes.subarray(MIB, MIB + 1000))).toBe(
      true,
    );
  });

  it('waits for a server that is slow, as long as something comes', async () => {
    const bytes = randomBytes(MIB);
    await store.put('a', inPieces(bytes));
    // Slower together than a connection may be silent.
    store = await open({ idleTimeoutMs: 1_000, maxAttempts: 1 });
    server.inject(asks('GET', '/a'), { kind: 'slow', pauseMs: 200 });
    expect((await whole('a')).equals(bytes)).toBe(true);
    expect(server.requests.filter((request) => request.startsWith('GET /blobs/p/a'))).toHaveLength(1);
  });

  it('says that it is unavailable when the failure lasts, and keeps nothing', async () => {
    await store.put('there', inPieces(randomBytes(10)));
    const unavailable = { code: 'blob_store_unavailable', kind: 'unavailable' };
    const lasting: Fault[] = Array(40).fill({ kind: 'status', status: 503 });
    store = await open({ maxAttempts: 2 });
    server.inject(asks('PUT', '/new'), ...lasting);
    await expect(store.put('new', inPieces(randomBytes(10)))).rejects.toMatchObject(unavailable);
    server.inject(asks('GET', '/there'), ...lasting);
    await expect(whole('there')).rejects.toMatchObject(unavailable);
    await expect(store.readAt('there', 0, 1)).rejects.toMatchObject(unavailable);
    server.inject(asks('DELETE', '/there'), ...lasting);
    await expect(store.delete('there')).rejects.toMatchObject(unavailable);
    expect(await Array.fromAsync(store.list(''))).toEqual(['there']);
  });

  describe('with a blob of several parts', () => {
    beforeEach(async () => {
      store = await open({ partBytes: 8 * MIB });
    });
    const bytes = randomBytes(20 * MIB + 17);

    it('sends it in parts, again where one fails, and gives it back', async () => {
      server.inject(asks('PUT', 'partNumber=2'), { kind: 'status', status: 500 });
      expect(await store.put('long', inPieces(bytes, MIB))).toEqual({ sizeBytes: bytes.length });
      const parts = server.requests.filter((request) => request.includes('partNumber='));
      expect(parts).toHaveLength(3 + 1);
      expect(sha256(await whole('long'))).toBe(sha256(bytes));
      await expect(store.put('long', inPieces(bytes, MIB))).rejects.toMatchObject({ code: 'blob_exists' });
    });

    it('finishes although the answer to the last request is lost', async () => {
      server.inject(asks('POST', 'uploadId='), { kind: 'answer-lost' });
      expect(await store.put('long', inPieces(bytes, MIB))).toEqual({ sizeBytes: bytes.length });
      expect(sha256(await whole('long'))).toBe(sha256(bytes));
    });

    it('gives the parts back when the source fails midway', async () => {
      const source = (async function* () {
        yield* inPieces(bytes, MIB);
        throw new Error('connection lost');
      })();
      await expect(store.put('long', source)).rejects.toThrow('connection lost');
      expect(server.requests.some((request) => /^DELETE .*uploadId=/.test(request))).toBe(true);
      await expect(store.size('long')).rejects.toMatchObject({ code: 'blob_missing' });
    });
  });

  it('does not open a bucket that is not there', async () => {
    const absent = readS3Address(`s3://absent?endpoint=${server.endpoint}`);
    await expect(S3BlobStore.open(absent, { credentials })).rejects.toMatchObject({
      code: 'blob_store_unavailable',
    });
  });
});

describe('an s3 address', () => {
  it('names bucket, prefix, region, endpoint and addressing', () => {
    expect(readS3Address('s3://bucket')).toEqual({
      bucket: 'bucket',
      prefix: '',
      region: 'us-east-1',
      addressing: 'virtual',
    });
    expect(readS3Address('s3://my.bucket/a/b/?region=eu-north-1&endpoint=https://s3.test:9000')).toEqual({
      bucket: 'my.bucket',
      prefix: 'a/b',
      region: 'eu-north-1',
      endpoint: 'https://s3.test:9000',
      addressing: 'path',
    });
  });

  it.each([
    's3://',
    's3:bucket',
    's3://B_ad',
    's3://bucket/%2e%2e%2fup',
    's3://bucket/a//b',
    's3://key:secret@bucket',
    's3://bucket?endpoint=ftp://x',
    's3://bucket?addressing=both',
    's3://bucket?colour=blue',
  ])('is refused as %s', async (url) => {
    expect(() => readS3Address(url)).toThrow(expect.objectContaining({ code: 'blob_url_invalid' }));
    await expect(blobStoreFromUrl(url)).rejects.toMatchObject({ code: 'blob_url_invalid' });
  });
});
