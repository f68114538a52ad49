import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataFolder } from './data-folder.js';

let path: string;
const now = new Date('2026-11-23T12:00:00Z');
const open = (demo = false): Promise<DataFolder> => DataFolder.open(path, { demo, now });

beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'castellan-folder-'));
});
afterEach(() => rm(path, { recursive: true }));

describe('a data folder', () => {
  it('is new until a start over it was ready', async () => {
    const interrupted = await open();
    expect(interrupted.isNew).toBe(true);
    interrupted.lock.release();
    const first = await open();
    expect(first.isNew).toBe(true);
    await first.noteStarted();
    first.lock.release();
    const second = await open();
    expect(second.isNew).toBe(false);
    second.lock.release();
  });

  it('has one user at a time, and says who', async () => {
    const first = await open();
    await expect(open()).rejects.toMatchObject({
      code: 'data_folder_in_use',
      publicDetail: expect.stringContaining(String(process.pid)),
    });
    first.lock.release();
    (await open()).lock.release();
  });

  it.each([
    ['a process that is gone', '{"pid":999999999,"started":"1"}'],
    ['a process whose id somebody else has now', `{"pid":${process.pid},"started":"0"}`],
    ['nobody, when the machine lost power', ''],
  ])('is free when its lock names %s', async (_, lock) => {
    (await open()).lock.release();
    await writeFile(join(path, 'lock'), lock);
    (await open()).lock.release();
  });

  it('of another format is refused, untouched', async () => {
    const marker = '{"format":2,"writtenBy":"a later release"}';
    await writeFile(join(path, 'castellan.json'), marker);
    await expect(open()).rejects.toMatchObject({ code: 'data_folder_version' });
    expect(await readFile(join(path, 'castellan.json'), 'utf8')).toBe(marker);
  });

  it('is refused when it holds other things, or a damaged marker', async () => {
    await writeFile(join(path, 'thesis.tex'), '');
    await expect(open()).rejects.toMatchObject({ code: 'data_folder_foreign' });
    await writeFile(join(path, 'castellan.json'), '{');
    await expect(open()).rejects.toMatchObject({ code: 'data_folder_foreign' });
  });

  it('is made with the folders above it, and refused where none can be', async () => {
    const open = async (data: string): Promise<void> =>
      (await DataFolder.open(data, { demo: false, now })).lock.release();
    await open(join(path, 'a', 'b', 'c'));
    await writeFile(join(path, 'file'), '');
    for (const impossible of [
      '/proc/nope',
      '/proc/nope/deeper',
      join(path, 'file'),
      join(path, 'file', 'below'),
    ])
      await expect(open(impossible)).rejects.toMatchObject({ code: 'data_folder_unusable' });
  });

  it('serves a demo only when it is new, and nobody after a demo', async () => {
    (await open(true)).lock.release();
    await expect(open(true)).rejects.toMatchObject({ code: 'data_folder_foreign' });
    await expect(open(false)).rejects.toMatchObject({ code: 'data_folder_foreign' });
  });
});
