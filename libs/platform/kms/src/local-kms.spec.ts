import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LocalKms } from './index.js';

const passphrase = 'correct horse battery';

describe('the root key file of LocalKms', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'castellan-kms-'));
    file = join(folder, 'keys', 'kms.json');
  });
  afterEach(() => rm(folder, { recursive: true }));

  const open = (given = passphrase) => LocalKms.open({ file, passphrase: given });
  const roundTrip = async (from: LocalKms, to: LocalKms) =>
    Buffer.from(await to.unseal(await from.seal(Buffer.from('secret'), 'c'), 'c')).toString();

  it('is made at first use, for its owner only, and leaves nothing beside it', async () => {
    const first = await open();
    expect((await stat(file)).mode & 0o077).toBe(0);
    expect(await readdir(join(folder, 'keys'))).toEqual(['kms.json']);
    expect(await roundTrip(first, await open())).toBe('secret');
  });

  it('opens with the passphrase in another Unicode spelling', async () => {
    const composed = 'clé de la forteresse';
    const first = await open(composed.normalize('NFC'));
    expect(await roundTrip(first, await open(composed.normalize('NFD')))).toBe('secret');
  });

  it('says that a passphrase is wrong, and changes nothing', async () => {
    await open();
    const before = await readFile(file);
    for (const wrong of ['correct horse batterY', `${passphrase} `, '']) {
      await expect(open(wrong)).rejects.toMatchObject({
        code: 'kms_passphrase_wrong',
        kind: 'unauthenticated',
      });
    }
    expect(await readFile(file)).toEqual(before);
  });

  it('is not made for a weak passphrase', async () => {
    await expect(open('short')).rejects.toMatchObject({ code: 'kms_passphrase_weak', kind: 'invalid' });
    await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('has one winner when several processes make it at once', async () => {
    const all = await Promise.all(Array.from({ length: 4 }, () => open()));
    for (const kms of all) expect(await roundTrip(all[0]!, kms)).toBe('secret');
    expect(await readdir(join(folder, 'keys'))).toEqual(['kms.json']);
  });

  it('holds neither the root key nor the passphrase in the clear', async () => {
    await open();
    const kept = JSON.parse(await readFile(file, 'utf8'));
    expect(Object.keys(kept).sort()).toEqual(['format', 'passphrase', 'sealedRootKey']);
    expect(JSON.stringify(kept)).not.toContain(passphrase);
    expect(Buffer.from(kept.sealedRootKey, 'base64')).toHaveLength(12 + 32 + 16);
  });

  it.each<[string, (kept: { passphrase: Record<string, unknown>; sealedRootKey: string }) => void]>([
    ['fewer passes', (kept) => (kept.passphrase['passes'] = 1)],
    ['less memory', (kept) => (kept.passphrase['memoryKiB'] = 8_192)],
    ['another salt', (kept) => (kept.passphrase['salt'] = Buffer.alloc(16).toString('base64'))],
    [
      'a changed sealed key',
      (kept) =>
        (kept.sealedRootKey = (kept.sealedRootKey.startsWith('A') ? 'B' : 'A') + kept.sealedRootKey.slice(1)),
    ],
    ['a cut sealed key', (kept) => (kept.sealedRootKey = kept.sealedRootKey.slice(0, 20))],
  ])('does not open with %s', async (_name, change) => {
    await open();
    const kept = JSON.parse(await readFile(file, 'utf8'));
    change(kept);
    await writeFile(file, JSON.stringify(kept));
    await expect(open()).rejects.toMatchObject({ code: 'kms_passphrase_wrong' });
  });

  it.each<[string, string]>([
    ['empty', ''],
    ['cut', '{"format":"castellan.root-key/v1","pass'],
    ['of another format', '{"format":"castellan.root-key/v2"}'],
    [
      'asking for endless memory',
      JSON.stringify({
        format: 'castellan.root-key/v1',
        passphrase: {
          name: 'argon2id',
          salt: 'AAAAAAAAAAAAAAAAAAAAAA==',
          memoryKiB: 2 ** 31,
          passes: 3,
          lanes: 4,
        },
        sealedRootKey: 'AAAA',
      }),
    ],
  ])('is refused when %s, and never replaced', async (_name, text) => {
    await open();
    await writeFile(file, text);
    await expect(open()).rejects.toMatchObject({ code: 'kms_file_malformed' });
    expect(await readFile(file, 'utf8')).toBe(text);
  });

  it('says that it is unavailable when the file can not be made', async () => {
    await writeFile(join(folder, 'blocker'), '');
    const within = LocalKms.open({ file: join(folder, 'blocker', 'kms.json'), passphrase });
    await expect(within).rejects.toMatchObject({ code: 'kms_unavailable' });
  });
});
