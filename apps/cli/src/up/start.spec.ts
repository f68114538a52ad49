import { describe, expect, it } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Backoff } from './backoff.js';
import { DataFolder } from './data-folder.js';
import { JoinTokens } from './join-tokens.js';
import { keptSecret } from './kept-secret.js';
import { officersFor } from './officers.js';
import { ownServices, partsElsewhere } from './own-services.js';
import { passphraseFor } from './passphrase.js';
import { processPlans } from './plans.js';
import { claimPort } from './ports.js';

async function withFolder(run: (folder: DataFolder) => Promise<void>, demo = false): Promise<void> {
  const path = await mkdtemp(join(tmpdir(), 'castellan-start-'));
  const folder = await DataFolder.open(path, { demo, now: new Date() });
  try {
    await run(folder);
  } finally {
    folder.lock.release();
    await rm(path, { recursive: true });
  }
}

describe('a port that somebody has', () => {
  it('is named in the refusal, with the option that changes it', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    const claimed = claimPort(port, 'gateway');
    await expect(claimed).rejects.toMatchObject({
      code: 'port_in_use',
      publicDetail: expect.stringMatching(new RegExp(`Port ${port}.*--gateway-port`)),
    });
    server.close();
  });
});

describe('the passphrase', () => {
  it('of a demo is in no file', () =>
    withFolder(async (folder) => {
      const { text, keptIn } = await passphraseFor(folder, undefined, true);
      expect(text.length).toBeGreaterThan(20);
      expect(keptIn).toBeUndefined();
      await expect(stat(folder.passphraseFile)).rejects.toThrow();
    }, true));

  it('is made at first start for its owner alone, and found again', () =>
    withFolder(async (folder) => {
      const made = await passphraseFor(folder, undefined, false);
      expect((await stat(folder.passphraseFile)).mode & 0o777).toBe(0o600);
      await folder.noteStarted();
      folder.lock.release();
      const again = await DataFolder.open(folder.path, { demo: false, now: new Date() });
      expect(await passphraseFor(again, undefined, false)).toEqual(made);
      again.lock.release();
    }));

  it('that was given at first start must be given again', () =>
    withFolder(async (folder) => {
      await passphraseFor(folder, 'correct horse battery', false);
      await folder.noteStarted();
      folder.lock.release();
      const again = await DataFolder.open(folder.path, { demo: false, now: new Date() });
      await expect(passphraseFor(again, undefined, false)).rejects.toMatchObject({
        code: 'passphrase_missing',
      });
      again.lock.release();
    }));
});

describe('the officers', () => {
  it('are made when nobody brings one, and stay', () =>
    withFolder(async (folder) => {
      const made = { generatedKey: folder.officerKeyFile };
      expect(await officersFor(folder, [])).toEqual(made);
      const pem = await readFile(folder.officersFile, 'utf8');
      expect(await officersFor(folder, [])).toEqual(made);
      await rm(folder.officersFile);
      expect(await officersFor(folder, [])).toEqual(made);
      expect(await readFile(folder.officersFile, 'utf8')).toBe(pem);
    }));

  it('can be brought at a second try of the first start, and not after it', () =>
    withFolder(async (folder) => {
      await officersFor(folder, []);
      const pem = join(folder.path, 'brought.pem');
      const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      await writeFile(pem, publicKey.export({ type: 'spki', format: 'pem' }));
      expect(await officersFor(folder, [pem])).toEqual({});
      expect(await readFile(folder.officersFile, 'utf8')).toBe(await readFile(pem, 'utf8'));
    }));
});

describe('a first start that was interrupted', () => {
  it('goes on with the same secrets, and forgets the sign-in link’s once it was ready', () =>
    withFolder(async (folder) => {
      const passphrase = await passphraseFor(folder, undefined, false);
      const secret = await keptSecret(folder.signInSecretFile);
      folder.lock.release();
      const again = await DataFolder.open(folder.path, { demo: false, now: new Date() });
      expect(again.isNew).toBe(true);
      expect(await passphraseFor(again, undefined, false)).toEqual(passphrase);
      expect(await keptSecret(again.signInSecretFile)).toBe(secret);
      await again.noteStarted();
      await expect(stat(again.signInSecretFile)).rejects.toThrow();
      again.lock.release();
      const third = await DataFolder.open(folder.path, { demo: false, now: new Date() });
      expect(third.isNew).toBe(false);
      third.lock.release();
    }));
});

describe('an officer’s key file', () => {
  it.each(['/nowhere/officer.pem', import.meta.filename])('%s is named when it is none', (file) =>
    withFolder(async (folder) => {
      await expect(officersFor(folder, [file])).rejects.toMatchObject({
        code: 'usage',
        publicDetail: expect.stringContaining(file),
      });
      await expect(stat(folder.officersFile)).rejects.toThrow();
    }),
  );
});

describe('what each process is given', () => {
  it('is only what it needs: the passphrase goes to the keybroker alone, a join token to its own role', () =>
    withFolder(async (folder) => {
      const joinTokens = new JoinTokens();
      const plans = processPlans({
        folder,
        joinTokens,
        ports: { api: 1, gateway: 2, keybroker: 3, worker: 4 },
        databaseUrl: 'postgresql://u:p@localhost/db',
        passphrase: 'the passphrase',
        services: {},
        bootstrapTokenHash: 'hash',
        environment: {
          AUDIT_WITNESSES: 'the witnesses',
          DATABASE_URL: 'another database',
          AWS_SECRET_ACCESS_KEY: 'a secret of its owner',
        },
        scriptOf: (name) => name,
      });
      for (const [name, { environment }] of Object.entries(plans)) {
        const values = Object.values(environment);
        expect(values.includes('the passphrase')).toBe(name === 'keybroker');
        for (const role of ['api', 'jobs', 'worker', 'gateway'] as const)
          expect([name, role, values.includes(joinTokens.of(role))]).toEqual([name, role, name === role]);
        expect(values.some((value) => value.startsWith('postgresql:'))).toBe(name !== 'worker');
        expect(values.includes('the witnesses')).toBe(name === 'jobs');
        expect(values.some((value) => value === 'another database' || value.startsWith('a secret'))).toBe(
          false,
        );
      }
    }));
});

describe('services of the owner’s', () => {
  const plansWith = (folder: DataFolder, environment: Record<string, string>) =>
    processPlans({
      folder,
      joinTokens: new JoinTokens(),
      ports: { api: 1, gateway: 2, keybroker: 3, worker: 4 },
      databaseUrl: 'postgresql://u:p@localhost/db',
      passphrase: undefined,
      bootstrapTokenHash: 'hash',
      environment,
      services: ownServices(environment),
      scriptOf: (name) => name,
    });
  const holdersOf = (plans: ReturnType<typeof processPlans>, value: string) =>
    Object.values(plans)
      .filter(({ environment }) => Object.values(environment).includes(value))
      .map(({ name }) => name);

  it('reach those that use them: files without the keybroker, the key store for nobody else', () =>
    withFolder((folder) => {
      const s3 = { BLOB_URL: 's3://bucket?region=eu-1', AWS_SECRET_ACCESS_KEY: 'of the bucket' };
      const vault = { KMS_URL: 'vault://vault:8200/transit/root', KMS_TOKEN: 'of the key store' };
      const plans = plansWith(folder, { ...s3, ...vault, REDIS_URL: 'redis://queue' });
      expect(holdersOf(plans, s3.BLOB_URL)).toEqual(['api', 'jobs', 'worker']);
      expect(holdersOf(plans, 'of the bucket')).toEqual(['api', 'jobs', 'worker']);
      expect(holdersOf(plans, vault.KMS_URL)).toEqual(['keybroker']);
      expect(holdersOf(plans, 'of the key store')).toEqual(['keybroker']);
      expect(holdersOf(plans, 'redis://queue')).toEqual(['api', 'jobs']);
      const amazon = { KMS_URL: 'aws-kms://eu-1/root', AWS_SECRET_ACCESS_KEY: 'of the root key' };
      expect(holdersOf(plansWith(folder, amazon), 'of the root key')).toEqual(['keybroker']);
      return Promise.resolve();
    }));

  it('are not both of Amazon, whose one identity would let everybody decrypt', () => {
    const both = { BLOB_URL: 's3://bucket?region=eu-1', KMS_URL: 'aws-kms://eu-1/root' };
    expect(() => ownServices(both)).toThrow(expect.objectContaining({ code: 'aws_identity_shared' }));
  });

  it.each([
    [{}, { DATABASE_URL: 'postgresql://u:p@elsewhere/db' }, /without DATABASE_URL/],
    [{ DATABASE_URL: 'postgresql://u:p@elsewhere/db' }, {}, /with DATABASE_URL/],
    [{ KMS_URL: 'vault://vault:8200/transit/root' }, {}, /with KMS_URL/],
  ])('are those of the folder’s first start: %p, then %p', async (before, now, detail) => {
    const path = await mkdtemp(join(tmpdir(), 'castellan-start-'));
    const open = (environment: Record<string, string>) =>
      DataFolder.open(path, {
        demo: false,
        now: new Date(),
        elsewhere: partsElsewhere(ownServices(environment)),
      });
    const first = await open(before);
    await first.noteStarted();
    first.lock.release();
    await expect(open(now)).rejects.toMatchObject({
      code: 'services_differ',
      publicDetail: expect.stringMatching(detail),
    });
    (await open(before)).lock.release();
    await rm(path, { recursive: true });
  });
});

describe('the pause before a restart', () => {
  it('doubles up to ten seconds, and begins anew after a steady run', () => {
    const backoff = new Backoff();
    const pauses = Array.from({ length: 8 }, () => backoff.afterRunOf(10));
    expect(pauses).toEqual([200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
    expect(backoff.afterRunOf(60_000)).toBe(200);
  });
});
