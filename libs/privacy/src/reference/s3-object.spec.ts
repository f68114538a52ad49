import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { startS3Server, type Fault, type S3Server } from '@castellan/blob-store/testing';
import { S3Source } from '@castellan/contracts';
import { AllowedSources } from './allowed-sources.js';
import { S3Object, type S3Patience } from './s3-object.js';
import { openPinned, pinnedObject } from './s3-table.js';

const accessKey = { accessKeyId: 'AKIDREADER', secretAccessKey: 'never-shown' };
const usual: S3Patience = { idleMs: 20_000, wholeMs: 60_000, attempts: 2 };

describe('an object of somebody’s bucket', () => {
  let server: S3Server;
  let source: S3Source;
  let bytes: Buffer;
  const isGet = ({ method }: { method?: string | undefined }) => method === 'GET';
  const opened = (patience = usual) => new S3Object(source, accessKey, patience);
  const whole = async (object: S3Object, identity: Awaited<ReturnType<S3Object['identity']>>) =>
    Buffer.concat(await Array.fromAsync(object.read(identity)));

  async function put(body: Buffer): Promise<void> {
    const client = new S3Client({
      ...{
        endpoint: server.endpoint,
        region: 'us-east-1',
        forcePathStyle: true,
        credentials: { ...accessKey },
      },
    });
    await client.send(new PutObjectCommand({ Bucket: 'clinic', Key: '2026/visits.csv', Body: body }));
    client.destroy();
  }

  beforeEach(async () => {
    server = await startS3Server('clinic');
    const place = { kind: 's3', bucket: 'clinic', key: '2026/visits.csv', endpoint: server.endpoint };
    source = S3Source.parse(place);
    bytes = randomBytes(100_000);
    await put(bytes);
  });
  afterEach(() => server.close());

  it.each<[string, Fault]>([
    ['500', { kind: 'status', status: 500 }],
    ['half a body', { kind: 'half-body' }],
    ['a lost answer', { kind: 'answer-lost' }],
  ])('is read all the same after %s', async (_name, fault) => {
    // More than is asked for at once.
    bytes = randomBytes((8 << 20) + 1_000);
    await put(bytes);
    using object = opened();
    const identity = await object.identity();
    server.inject(isGet, fault);
    expect((await whole(object, identity)).equals(bytes)).toBe(true);
    expect(server.requests.filter((request) => request.startsWith('GET'))).toHaveLength(3);
  });

  it.each<[string, Fault, string, RegExp]>([
    [
      '403',
      { kind: 'status', status: 403 },
      'source_refused',
      /refused the access key or the bucket \(403\)/,
    ],
    ['404', { kind: 'status', status: 404 }, 'source_changed', /s3:\/\/clinic\/2026\/visits\.csv .* is gone/],
    ['412', { kind: 'status', status: 412 }, 'source_changed', /another one than was sealed/],
    ['500', { kind: 'status', status: 500 }, 'source_unavailable', /does not answer/],
    ['503', { kind: 'status', status: 503 }, 'source_unavailable', /does not answer/],
    ['silence', { kind: 'silence' }, 'source_unavailable', /does not answer/],
    ['half a body', { kind: 'half-body' }, 'source_unavailable', /not to the end/],
    ['a body that stalls', { kind: 'stalled-body' }, 'source_unavailable', /not to the end/],
  ])('ends with a word of ours when all that comes is %s', async (_name, fault, code, detail) => {
    // Only silence is ended by it; a short one would cut short what is merely slow.
    const isSilent = fault.kind === 'silence' || fault.kind === 'stalled-body';
    using object = opened({ ...usual, ...(isSilent ? { idleMs: 300 } : {}) });
    const identity = await opened().identity();
    server.inject(isGet, ...Array<Fault>(9).fill(fault));
    const error: unknown = await whole(object, identity).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code, publicDetail: expect.stringMatching(detail) as string });
    expect(inspect(error, { depth: 20 })).not.toMatch(/AKIDREADER|never-shown/);
  });

  it('may not trickle for ever, though something comes all the time', async () => {
    using object = opened({ ...usual, wholeMs: 1 });
    const identity = await object.identity();
    server.inject(isGet, ...Array<Fault>(9).fill({ kind: 'slow', pauseMs: 5 }));
    await expect(whole(object, identity)).rejects.toMatchObject({ code: 'source_unavailable' });
  });

  it('is never another one', async () => {
    using object = opened();
    const identity = await object.identity();
    expect(identity).not.toHaveProperty('versionId');
    await put(randomBytes(bytes.length));
    await expect(whole(object, identity)).rejects.toMatchObject({ code: 'source_changed' });
  });

  it('stays readable in its version, where the bucket has versions', async () => {
    server.keepVersions();
    await put(bytes);
    using object = opened();
    const identity = await object.identity();
    expect(identity.versionId).toBe('v1');
    await put(Buffer.from('other'));
    expect((await whole(object, identity)).equals(bytes)).toBe(true);
    expect(server.requests.at(-1)).toContain('versionId=v1');
  });

  it('is sought nowhere else: a store that points to an inner address is not followed', async () => {
    const inner = await startS3Server('clinic');
    try {
      for (const status of [301, 302, 307, 308]) {
        const fault = {
          kind: 'status',
          status,
          location: `${inner.endpoint}/clinic/2026/visits.csv`,
        } as const;
        server.inject(() => true, fault);
        await expect(opened().identity()).rejects.toMatchObject({ code: 'source_refused' });
      }
      expect(inner.requests).toEqual([]);
    } finally {
      await inner.close();
    }
  });

  it('has to be there, and to have something in it', async () => {
    await put(Buffer.alloc(0));
    await expect(opened().identity()).rejects.toMatchObject({
      publicDetail: expect.stringMatching(/empty/) as string,
    });
    source = { ...source, key: 'absent' };
    await expect(opened().identity()).rejects.toMatchObject({
      publicDetail: expect.stringMatching(/no object/) as string,
    });
  });
});

/** A store that says what it is told to, whatever it is asked. */
class LyingStore implements AsyncDisposable {
  sizeBytes = 4;
  body = 'true';
  private constructor(private readonly server: Server) {}

  static async open(): Promise<LyingStore> {
    const server = createServer((request, response) => {
      const { sizeBytes, body } = store;
      const head = request.method === 'HEAD';
      response.writeHead(head ? 200 : 206, {
        etag: '"same"',
        'content-length': head ? sizeBytes : body.length,
        'content-range': `bytes 0-${body.length - 1}/${sizeBytes}`,
      });
      response.end(head ? undefined : body);
    });
    const store = new LyingStore(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return store;
  }

  get source(): S3Source {
    const { port } = this.server.address() as AddressInfo;
    return S3Source.parse({ kind: 's3', bucket: 'clinic', key: 'a', endpoint: `http://127.0.0.1:${port}` });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

describe('a store that lies', () => {
  const sealed = async (source: S3Source) => {
    async function* login() {
      yield Buffer.from(JSON.stringify(accessKey));
    }
    return Buffer.concat(await Array.fromAsync(pinnedObject(login(), source, (rows) => rows)));
  };

  it('is found out by the digest of what was sealed, and by its length', async () => {
    await using store = await LyingStore.open();
    const pinned = await sealed(store.source);
    expect(Buffer.from(await openPinned(pinned, store.source)).toString()).toBe('true');
    store.body = 'lies';
    await expect(openPinned(pinned, store.source)).rejects.toMatchObject({ code: 'source_changed' });
    store.body = 'longer';
    await expect(openPinned(pinned, store.source)).rejects.toMatchObject({ code: 'source_changed' });
    store.sizeBytes = 600 * 2 ** 20;
    await expect(sealed(store.source)).rejects.toMatchObject({ code: 'source_refused' });
  });
});

describe('the place of an object', () => {
  const place = { kind: 's3', bucket: 'clinic', key: 'a' };
  it.each([
    { key: '../other/a' },
    { key: 'a/../../other' },
    { key: 'a//b' },
    { key: '/a' },
    { key: './a' },
    { key: 'a\r\nHost: inner' },
    { key: 'a'.repeat(1_025) },
    { bucket: 'clinic/../other' },
    { bucket: 'a@b' },
    { bucket: 'a..b' },
    { region: 'eu.inner/' },
    { endpoint: 'https://user:pass@host' },
    { endpoint: 'https://host/path' },
    { endpoint: 'https://host?query' },
    { endpoint: 'file:///etc' },
    { endpoint: 'https://host#@other' },
  ])('is not %j', (change) => {
    expect(S3Source.safeParse({ ...place, ...change }).success).toBe(false);
  });

  it('has to be listed: server, scheme, port and bucket', () => {
    const buckets = ['https://s3.example.org/clinic', 'https://s3.eu-north-1.amazonaws.com/clinic'];
    const allowed = new AllowedSources({ databases: [], buckets });
    const may = (change: object) => () => allowed.require(S3Source.parse({ ...place, ...change }));
    expect(may({ endpoint: 'https://s3.example.org' })).not.toThrow();
    expect(may({ endpoint: 'https://s3.example.org:443' })).not.toThrow();
    expect(may({ region: 'eu-north-1' })).not.toThrow();
    for (const change of [
      { endpoint: 'http://s3.example.org' },
      { endpoint: 'https://s3.example.org:8443' },
      { endpoint: 'https://s3.example.org', bucket: 'clinic2' },
      { endpoint: 'https://169.254.169.254' },
      { endpoint: 'https://s3.example.org.evil.test' },
      { region: 'us-east-1' },
    ])
      expect(may(change)).toThrow(expect.objectContaining({ code: 'source_not_allowed' }));
  });
});
