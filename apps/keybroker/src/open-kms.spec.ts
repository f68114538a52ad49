import { access, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openKms } from './open-kms.js';

describe('openKms', () => {
  let folder: string;
  let transit: Server;
  const asked: string[] = [];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'castellan-open-kms-'));
    transit = createServer((request, response) => {
      asked.push(`${request.method} ${request.url} ${request.headers['x-vault-token']}`);
      response.end(JSON.stringify({ data: { type: 'aes256-gcm96', derived: true } }));
    });
    await new Promise<void>((resolve) => transit.listen(0, '127.0.0.1', resolve));
  });
  afterAll(async () => {
    transit.closeAllConnections();
    await new Promise((resolve) => transit.close(resolve));
    await rm(folder, { recursive: true });
  });
  const local = () => ({ folder, kmsFile: undefined, kmsPassphrase: 'correct horse battery' });

  it('opens the local key store where no other is named', async () => {
    const kms = await openKms(local());
    await access(join(folder, 'kms.json'));
    expect(Buffer.from(await kms.unseal(await kms.seal(Buffer.from('s'), 'c'), 'c')).toString()).toBe('s');
  });

  it('asks for the passphrase by its name', async () => {
    await expect(openKms({ ...local(), kmsPassphrase: undefined })).rejects.toMatchObject({
      code: 'configuration_invalid',
      faults: [{ name: 'KMS_PASSPHRASE' }],
    });
  });

  it('opens the one that KMS_URL names, and needs no passphrase then', async () => {
    const { port } = transit.address() as AddressInfo;
    const url = `vault://127.0.0.1:${port}/transit/castellan?tls=off`;
    await openKms({ ...local(), kmsPassphrase: undefined }, { url, token: 'the-token' });
    expect(asked).toEqual(['GET /v1/transit/keys/castellan the-token']);
    await expect(openKms(local(), { url })).rejects.toMatchObject({ code: 'kms_url_invalid' });
  });
});
