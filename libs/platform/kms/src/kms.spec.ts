import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readAwsKmsAddress } from './aws-kms-address.js';
import { AwsKms } from './aws-kms.js';
import { kmsFromUrl, LocalKms, type Kms } from './index.js';
import { startAwsKmsServer } from './testing/aws-kms-server.js';
import { startTransitServer } from './testing/transit-server.js';

interface Opened {
  kms: Kms;
  /** Another process's handle on the same keys. */
  again: Kms;
  /** A KMS with keys of its own. */
  stranger: Kms;
  close(): Promise<void>;
}

/** What every KMS must do. A further implementation is one more line here. */
const implementations: Record<string, () => Promise<Opened>> = {
  LocalKms: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'castellan-kms-'));
    const open = (name: string) =>
      LocalKms.open({ file: join(folder, name), passphrase: 'correct horse battery' });
    return {
      kms: await open('kms.json'),
      again: await open('kms.json'),
      stranger: await open('other.json'),
      close: () => rm(folder, { recursive: true }),
    };
  },
  VaultTransitKms: async () => {
    const server = await startTransitServer();
    const open = (key: string) =>
      kmsFromUrl(`vault://${server.host}/transit/${key}?tls=off`, { token: 'token' });
    return {
      kms: await open('root'),
      again: await open('root'),
      stranger: await open('other'),
      close: server.close,
    };
  },
  AwsKms: async () => {
    const { endpoint, close } = await startAwsKmsServer();
    const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' };
    const open = (key: string) =>
      AwsKms.open(readAwsKmsAddress(`aws-kms://eu-central-1/${key}?endpoint=${endpoint}`), { credentials });
    return { kms: await open('root'), again: await open('alias/root'), stranger: await open('other'), close };
  },
};

const utf8 = (text: string) => Buffer.from(text);
const refused = { code: 'kms_unseal_failed', publicDetail: 'The sealed secret could not be opened.' };

describe.each(Object.entries(implementations))('%s', (_name, open) => {
  let opened: Opened;
  let kms: Kms;
  beforeAll(async () => {
    opened = await open();
    kms = opened.kms;
  });
  afterAll(() => opened.close());

  it('gives back any secret under its context', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 300 }),
        fc.string({ unit: 'grapheme' }),
        async (secret, context) => {
          const sealed = await kms.seal(secret, context);
          expect(Buffer.from(await opened.again.unseal(sealed, context))).toEqual(Buffer.from(secret));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('never seals the same way twice, and shows nothing of the secret', async () => {
    const one = await kms.seal(utf8('the quick brown fox'), 'c');
    const two = await kms.seal(utf8('the quick brown fox'), 'c');
    expect(one).not.toEqual(two);
    expect(Buffer.from(one).includes('quick')).toBe(false);
  });

  it('refuses every change, alike', async () => {
    const sealed = Buffer.from(await kms.seal(utf8('secret'), 'project-1'));
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const flipped = Buffer.from(sealed);
      flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      await expect(kms.unseal(flipped, 'project-1')).rejects.toMatchObject(refused);
    }
    for (let length = 0; length < sealed.length; length++) {
      await expect(kms.unseal(sealed.subarray(0, length), 'project-1')).rejects.toMatchObject(refused);
    }
    await expect(kms.unseal(Buffer.concat([sealed, utf8('x')]), 'project-1')).rejects.toMatchObject(refused);
  });

  it.each(['project-2', 'project-1 ', '', 'PROJECT-1'])('refuses the context %j', async (context) => {
    const sealed = await kms.seal(utf8('secret'), 'project-1');
    await expect(kms.unseal(sealed, context)).rejects.toMatchObject(refused);
  });

  it('refuses what another KMS sealed', async () => {
    const sealed = await opened.stranger.seal(utf8('secret'), 'c');
    await expect(kms.unseal(sealed, 'c')).rejects.toMatchObject(refused);
  });
});
