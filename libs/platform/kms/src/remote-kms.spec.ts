import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readAwsKmsAddress } from './aws-kms-address.js';
import { AwsKms } from './aws-kms.js';
import { kmsFromUrl } from './index.js';
import { startAwsKmsServer, type AwsKmsServer } from './testing/aws-kms-server.js';
import { startTransitServer, type TransitServer } from './testing/transit-server.js';
import { readTransitAddress } from './transit-address.js';

const unavailable = { code: 'kms_unavailable', kind: 'unavailable' };
const secret = Buffer.from('secret');

describe('a key store at vault://', () => {
  let server: TransitServer;
  beforeAll(async () => {
    server = await startTransitServer();
  });
  afterAll(() => server.close());
  const open = (key: string, token = 'token') =>
    kmsFromUrl(`vault://${server.host}/transit/${key}?tls=off`, { token });

  it.each([
    ['flat', 'is not derived, and so binds no context'],
    ['same', 'is convergent'],
    ['absent', 'is not there'],
  ])('is refused with the key %j, which %s', async (key) => {
    await expect(open(key)).rejects.toMatchObject({ code: 'kms_key_unsuitable', kind: 'invalid' });
  });

  it('is refused without a token, and unavailable with a wrong one', async () => {
    await expect(kmsFromUrl(`vault://${server.host}/transit/root`)).rejects.toMatchObject({
      code: 'kms_url_invalid',
    });
    await expect(open('root', 'stolen')).rejects.toMatchObject(unavailable);
  });

  it.each([403, 429, 500, 503])(
    'says that it is unavailable when it answers %d, and works again after',
    async (status) => {
      const kms = await open('root');
      const sealed = await kms.seal(secret, 'c');
      server.failWith = status;
      await expect(kms.seal(secret, 'c')).rejects.toMatchObject(unavailable);
      await expect(kms.unseal(sealed, 'c')).rejects.toMatchObject(unavailable);
      server.failWith = undefined;
      expect(Buffer.from(await kms.unseal(sealed, 'c'))).toEqual(secret);
    },
  );

  it('says that it is unavailable when nobody listens', async () => {
    await expect(kmsFromUrl('vault://127.0.0.1:1/transit/root', { token: 't' })).rejects.toMatchObject(
      unavailable,
    );
  });

  it('does not take another spelling of what it sealed', async () => {
    const kms = await open('root');
    const sealed = Buffer.from(await kms.seal(secret, 'c')).toString();
    for (const spelling of [` ${sealed}`, `${sealed}\n`, sealed.replace('v1', 'v01'), `${sealed}==`]) {
      await expect(kms.unseal(Buffer.from(spelling), 'c')).rejects.toMatchObject({
        code: 'kms_unseal_failed',
      });
    }
  });

  it('is named by server, mount, key and namespace', () => {
    expect(readTransitAddress('vault://bao.test:8200/team/transit/root?namespace=ops/eu')).toEqual({
      server: 'https://bao.test:8200',
      mount: 'team/transit',
      key: 'root',
      namespace: 'ops/eu',
    });
  });
});

describe('a key store at aws-kms://', () => {
  let server: AwsKmsServer;
  beforeAll(async () => {
    server = await startAwsKmsServer();
  });
  afterAll(() => server.close());
  const open = (key: string) =>
    AwsKms.open(readAwsKmsAddress(`aws-kms://eu-central-1/${key}?endpoint=${server.endpoint}`), {
      credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    });

  it.each(['off', 'rsa', 'absent'])('is refused with the key %j', async (key) => {
    await expect(open(key)).rejects.toMatchObject({ code: 'kms_key_unsuitable', kind: 'invalid' });
  });

  it('tries again, then says that it is unavailable, and works again after', async () => {
    const kms = await open('root');
    const sealed = await kms.seal(secret, 'c');
    server.failures.push([500, 'KMSInternalException']);
    expect(Buffer.from(await kms.unseal(sealed, 'c'))).toEqual(secret);
    for (const failure of [
      [500, 'KMSInternalException'],
      [400, 'DisabledException'],
      [400, 'AccessDeniedException'],
    ] as const) {
      for (const attempt of [() => kms.unseal(sealed, 'c'), () => kms.seal(secret, 'c')]) {
        server.failures.push([...failure], [...failure], [...failure]);
        await expect(attempt()).rejects.toMatchObject(unavailable);
        server.failures.length = 0;
      }
    }
    expect(Buffer.from(await kms.unseal(sealed, 'c'))).toEqual(secret);
  });
});

it.each([
  '',
  'local:',
  'vault://',
  'vault://host/only',
  'vault://token@host/transit/key',
  'vault://host/transit/../key/x?tls=maybe',
  'aws-kms://',
  'aws-kms://eu-central-1',
  'aws-kms://key:secret@eu-central-1/id',
  'aws-kms://eu-central-1/id?endpoint=file:///x',
])('%j is no address of a key store', async (url) => {
  await expect(kmsFromUrl(url, { token: 't' })).rejects.toMatchObject({ code: 'kms_url_invalid' });
});
