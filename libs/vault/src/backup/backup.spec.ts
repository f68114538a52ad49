import { randomBytes, randomUUID } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FolderBlobStore } from '@castellan/blob-store';
import { PrismaDatabase, Prisma, readSnapshot, testDatabase, type TestDatabase } from '@castellan/database';
import { LocalKms } from '@castellan/kms';
import {
  checkBackup,
  readBackupHeader,
  restoreBackup,
  StoredBackup,
  writeBackup,
  type BackupSource,
  type BackupWatch,
} from '../index.js';
import { digestOf } from './copy-blobs.js';

const MARKER = 'a text that must not be found in any backup';
const PASSPHRASE = 'correct horse battery';
const now = new Date('2026-11-24T12:00:00Z');
const quiet: BackupWatch = {
  say: () => undefined,
  transfer: () => ({ advance: () => undefined, done: () => undefined }),
};
/** What the keybroker's own program does, and its specs look at. */
const newLog = async () => undefined;
const quietly = () => undefined;
const steps = { watch: quiet, signal: new AbortController().signal };

let root: string;
let test: TestDatabase;
let source: BackupSource;
/** A whole backup, which nobody changes. */
let good: string;

async function* bytesOf(content: Uint8Array) {
  yield content;
}

/** Rows with everything that text may get wrong. */
async function writeRows({ database }: TestDatabase): Promise<void> {
  const organization = await database.client.organization.create({
    data: { name: `org "q" \\ ,(\n) ü ${MARKER}` },
  });
  const { id: organizationId } = organization;
  const project = await database.client.project.create({ data: { organizationId, name: '' } });
  await database.client.keyEncryptionKey.create({
    data: { id: randomUUID(), projectId: project.id, version: 1, sealedPrivate: randomBytes(48) },
  });
  const dataset = await database.client.dataset.create({
    data: {
      organizationId,
      projectId: project.id,
      name: 'd',
      stewardId: 's',
      declaration: '{}',
      declarationDigest: 'x',
      state: 'sealed',
      sizeBytes: 2n ** 60n,
      budget: { create: { limitPico: 2n ** 62n, spentPico: 5n } },
    },
  });
  const entry = {
    datasetId: dataset.id,
    personId: 'p',
    projectId: project.id,
    parts: [0, 2],
    questionDigest: 'q',
    question: '?',
    costPico: 5n,
  };
  for (const answer of [Prisma.JsonNull, { nested: [1.5e-300, null, '"'] }]) {
    const { id } = await database.client.privacyLedgerEntry.create({
      data: { ...entry, state: 'committed' },
    });
    const release = { entryId: id, datasetId: dataset.id, questionDigest: id, answer };
    await database.client.privacyRelease.create({ data: release });
  }
  const many = Array.from({ length: 2_500 }, (_, i) => ({
    organizationId,
    name: `person-${i}`,
    displayName: MARKER,
  }));
  await database.client.person.createMany({ data: many });
}

beforeAll(async () => {
  [root, test] = await Promise.all([mkdtemp(join(tmpdir(), 'castellan-backup-')), testDatabase()]);
  await writeRows(test);
  const kmsFile = join(root, 'kms.json');
  const kms = await LocalKms.open({ file: kmsFile, passphrase: PASSPHRASE });
  const blobs = await FolderBlobStore.open(join(root, 'blobs'));
  await blobs.put('versions/a/0', bytesOf(randomBytes(100_000)));
  await blobs.put('versions/a/1', bytesOf(new Uint8Array()));
  const brokerFolder = join(root, 'broker');
  await mkdir(join(brokerFolder, 'state'), { recursive: true });
  await mkdir(join(brokerFolder, 'public'));
  await writeFile(join(brokerFolder, 'state', 'root.sealed'), `${MARKER} (sealed, in truth)`);
  await writeFile(join(brokerFolder, 'state', 'root.sealed.1.new'), 'unfinished');
  await writeFile(join(brokerFolder, 'public', 'log.vkey'), 'vkey');
  const keyStore = { kind: 'local', rootKeyFile: await readFile(kmsFile, 'utf8') } as const;
  source = { databaseUrl: test.url, blobs, brokerFolder, kms, keyStore };
  good = join(root, 'good');
  await writeBackup(source, { folder: good, now, ...steps });
});
afterAll(async () => {
  await test.close();
  await rm(root, { recursive: true });
});

/** As a machine does that has nothing but the backup and the passphrase. */
async function opened(folder: string): Promise<StoredBackup> {
  const header = await readBackupHeader(folder);
  if (header.keyStore.kind !== 'local') throw new Error('not local');
  const { rootKeyFile } = header.keyStore;
  const kms = (stores[rootKeyFile] ??= await LocalKms.fromText(rootKeyFile, PASSPHRASE));
  return StoredBackup.open(folder, header, kms);
}
const stores: Record<string, LocalKms> = {};

async function emptyTarget() {
  const name = `suite_restored_${randomUUID().slice(0, 8)}`;
  await test.database.client.$executeRawUnsafe(`CREATE DATABASE ${name}`);
  const url = new URL(test.url);
  url.pathname = `/${name}`;
  const folder = join(root, name);
  const blobs = await FolderBlobStore.open(join(folder, 'blobs'));
  const brokerFolder = join(folder, 'broker');
  const drop = () => test.database.client.$executeRawUnsafe(`DROP DATABASE ${name} WITH (FORCE)`);
  return { databaseUrl: url.href, blobs, brokerFolder, kmsFile: join(brokerFolder, 'kms.json'), drop };
}

/** Every row of a database as text, by table. */
async function everything(url: string): Promise<Record<string, unknown>> {
  const database = new PrismaDatabase({ url, poolSize: 1 });
  const tables = await database.client.$queryRaw<{ name: string }[]>`
    SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
      AND relname <> '_prisma_migrations' ORDER BY 1`;
  const found: Record<string, unknown> = {};
  for (const { name } of tables)
    found[name] = await database.client.$queryRawUnsafe(`SELECT t::text FROM "${name}" t ORDER BY 1`);
  await database.close();
  return found;
}

describe('a backup', () => {
  it('brings every row, blob and broker file back to an empty machine that has the passphrase, once', async () => {
    const target = await emptyTarget();
    await restoreBackup(await opened(good), target, steps, newLog);
    const rows = await everything(target.databaseUrl);
    expect(rows).toEqual(await everything(test.url));
    expect(rows['Person']).toHaveLength(2_500);
    for (const key of ['versions/a/0', 'versions/a/1'])
      expect(await digestOf(target.blobs, key, quietly)).toEqual(await digestOf(source.blobs, key, quietly));
    expect(await readFile(join(target.brokerFolder, 'state', 'root.sealed'), 'utf8')).toContain(MARKER);
    expect(await readdir(join(target.brokerFolder, 'state'))).toEqual(['root.sealed']);
    expect(await readFile(target.kmsFile, 'utf8')).toBe(await readFile(join(root, 'kms.json'), 'utf8'));

    const again = async () => restoreBackup(await opened(good), target, steps, newLog);
    await expect(again()).rejects.toMatchObject({ code: 'backup_exists' });
    await rm(target.brokerFolder, { recursive: true });
    await expect(again()).rejects.toMatchObject({ code: 'database_not_empty' });
    await target.drop();
  });

  it('opens with no other passphrase, and for no other key store', async () => {
    const header = await readBackupHeader(good);
    const wrong = LocalKms.fromText(
      header.keyStore.kind === 'local' ? header.keyStore.rootKeyFile : '',
      'wrong horse battery',
    );
    await expect(wrong).rejects.toMatchObject({ code: 'kms_passphrase_wrong' });
    const kms = await LocalKms.open({ file: join(root, 'other.json'), passphrase: PASSPHRASE });
    await expect(StoredBackup.open(good, header, kms)).rejects.toMatchObject({ code: 'backup_key_store' });
  });

  it('holds no text of the database, and no passphrase', async () => {
    const files = await readdir(good, { recursive: true, withFileTypes: true });
    const contents = files
      .filter((file) => file.isFile())
      .map((file) => readFile(join(file.parentPath, file.name)));
    const all = Buffer.concat(await Promise.all(contents));
    for (const text of [MARKER, PASSPHRASE, 'org "q"', 'person-1']) expect(all.includes(text)).toBe(false);
  });

  it('is of one moment, whatever is written meanwhile', async () => {
    const { id: organizationId } = await test.database.client.organization.findFirstOrThrow();
    const late = { organizationId, name: 'late', displayName: '' };
    await readSnapshot(test.url, async ({ rows }) => {
      const { id } = await test.database.client.person.create({ data: late });
      const people = (await Array.fromAsync(rows('Person'))).flat();
      await test.database.client.person.delete({ where: { id } });
      expect(people).toHaveLength(2_500);
      expect(people.join()).not.toContain('late');
    });
  });

  it('that was stopped is none, and the same call goes on with it', async () => {
    const folder = join(root, 'stopped');
    const stop = new AbortController();
    const transfer = () => ({ advance: () => stop.abort(new Error('stopped')), done: () => undefined });
    const options = { folder, now, watch: { ...quiet, transfer }, signal: stop.signal };
    await expect(writeBackup(source, options)).rejects.toThrow('stopped');
    await expect(readBackupHeader(folder)).rejects.toMatchObject({ code: 'backup_missing' });
    await writeBackup(source, { folder, now, ...steps });
    await checkBackup(await opened(folder), steps);
    await expect(writeBackup(source, { folder, now, ...steps })).rejects.toMatchObject({
      code: 'backup_exists',
    });
  });

  it('of a database that holds no installation is refused, and never finished', async () => {
    const empty = await emptyTarget();
    const folder = join(root, 'of-nothing');
    const nothing = { ...source, databaseUrl: empty.databaseUrl };
    await expect(writeBackup(nothing, { folder, now, ...steps })).rejects.toMatchObject({
      code: 'database_foreign',
    });
    await expect(readBackupHeader(folder)).rejects.toMatchObject({ code: 'backup_missing' });
    await empty.drop();
  });

  it('does not write among other things', async () => {
    const folder = join(root, 'thesis');
    await mkdir(folder);
    await writeFile(join(folder, 'thesis.tex'), '');
    await expect(writeBackup(source, { folder, now, ...steps })).rejects.toMatchObject({
      code: 'backup_exists',
    });
  });
});

describe('a backup that somebody had in hand', () => {
  let folder: string;
  beforeEach(async () => {
    folder = join(root, randomUUID());
    await cp(good, folder, { recursive: true });
  });
  const refusal = async () => {
    const check = await opened(folder)
      .then((backup) => checkBackup(backup, steps))
      .catch((error: unknown) => error);
    return check;
  };
  const inFolder = (file: string) => join(folder, file);
  const flip = async (file: string) => {
    const bytes = await readFile(file);
    const middle = Math.floor(bytes.length / 2);
    bytes[middle] = (bytes[middle] ?? 0) ^ 1;
    await writeFile(file, bytes);
  };

  it.each(['contents.sealed', 'database/Person.sealed', 'blobs/versions/a/0.blob'])(
    'is refused when %s is cut, changed or gone',
    async (file) => {
      const named = { code: 'backup_damaged', publicDetail: expect.stringContaining(file) };
      await flip(inFolder(file));
      expect(await refusal()).toMatchObject(named);
      await cp(join(good, file), inFolder(file));
      await truncate(inFolder(file), (await readFile(inFolder(file))).length - 1);
      expect(await refusal()).toMatchObject(named);
      await rm(inFolder(file));
      expect(await refusal()).toMatchObject(named);
    },
  );

  it('is refused when files changed places, with each other or with another backup’s', async () => {
    const other = join(root, `${randomUUID()}-other`);
    await writeBackup(source, { folder: other, now, ...steps });
    await cp(join(other, 'database/Person.sealed'), inFolder('database/Person.sealed'));
    expect(await refusal()).toMatchObject({ code: 'backup_damaged' });
    await cp(join(good, 'database/Person.sealed'), inFolder('database/Person.sealed'));
    await rename(inFolder('database/Project.sealed'), inFolder('database/Person.sealed'));
    expect(await refusal()).toMatchObject({ code: 'backup_damaged' });
    await cp(join(other, 'contents.sealed'), inFolder('contents.sealed'));
    expect(await refusal()).toMatchObject({ code: 'backup_damaged' });
  });

  it('leaves nothing of itself where it does not restore whole', async () => {
    await flip(inFolder('blobs/versions/a/0.blob'));
    const target = await emptyTarget();
    await expect(restoreBackup(await opened(folder), target, steps, newLog)).rejects.toMatchObject({
      code: 'backup_damaged',
    });
    expect(await Array.fromAsync(target.blobs.list('versions/a/0'))).toEqual([]);
    await cp(join(good, 'blobs'), inFolder('blobs'), { recursive: true });
    await truncate(inFolder('database/Person.sealed'), 200);
    await expect(restoreBackup(await opened(folder), target, steps, newLog)).rejects.toMatchObject({
      code: 'backup_damaged',
    });
    expect(Object.values(await everything(target.databaseUrl)).flat()).toEqual([]);
    const noLog = async () => Promise.reject(new Error('no new log'));
    await expect(restoreBackup(await opened(good), target, steps, noLog)).rejects.toThrow('no new log');
    expect(await readdir(target.brokerFolder)).toEqual(['restoring']);
    await target.drop();
  });

  it.each([
    ['another form', { format: 'castellan.backup/v2' }, 'backup_version'],
    ['no form at all', { format: 1 }, 'backup_damaged'],
  ])('is refused when its header says %s', async (_, change, code) => {
    const header: object = JSON.parse(await readFile(inFolder('backup.json'), 'utf8'));
    await writeFile(inFolder('backup.json'), JSON.stringify({ ...header, ...change }));
    expect(await refusal()).toMatchObject({ code });
  });

  it('is refused by a release that does not know its tables', async () => {
    const backup = await opened(good);
    const newer = { name: '20990101000000_from_the_future', checksum: '0' };
    const later = Object.assign(Object.create(StoredBackup.prototype) as StoredBackup, backup, {
      contents: { ...backup.contents, migrations: [...backup.contents.migrations, newer] },
    });
    const target = await emptyTarget();
    await expect(restoreBackup(later, target, steps, newLog)).rejects.toMatchObject({
      code: 'backup_version',
      publicDetail: expect.stringContaining(newer.name),
    });
    await target.drop();
  });
});
