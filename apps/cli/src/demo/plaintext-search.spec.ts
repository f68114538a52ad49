import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PatternSet } from './pattern-set.js';
import { filesBelow, patternsOf, searchFiles } from './plaintext-search.js';

const secret = randomBytes(10_000);
const patterns = new PatternSet(patternsOf(secret, 50));
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'castellan-search-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function foundIn(bytes: Uint8Array | string): Promise<boolean> {
  await writeFile(join(folder, 'file'), bytes);
  return (await searchFiles(filesBelow(folder), patterns)).found.length > 0;
}

describe('the search for plaintext', () => {
  it.each([
    ['as it is', (part: Buffer) => part],
    ['as hex', (part: Buffer) => part.toString('hex')],
    ['as capital hex', (part: Buffer) => part.toString('hex').toUpperCase()],
    ['as base64', (part: Buffer) => part.toString('base64')],
    [
      'as base64 behind one byte',
      (part: Buffer) => Buffer.concat([Buffer.from('x'), part]).toString('base64'),
    ],
    [
      'as base64 behind two bytes',
      (part: Buffer) => Buffer.concat([Buffer.from('xy'), part]).toString('base64'),
    ],
    ['as base64url', (part: Buffer) => part.toString('base64url')],
  ])('finds a stretch of the secret %s', async (_, write) => {
    expect(await foundIn(write(secret.subarray(3_000, 4_000)))).toBe(true);
  });

  it('finds it across the border of two reads, and at the very end', async () => {
    const border = (1 << 20) - 500;
    expect(await foundIn(Buffer.concat([Buffer.alloc(border), secret.subarray(0, 1_000)]))).toBe(true);
    expect(await foundIn(Buffer.concat([Buffer.alloc(100), secret.subarray(0, 600)]))).toBe(true);
  });

  it('finds nothing in other bytes, and isn’t held up by zeros', async () => {
    expect(await foundIn(Buffer.concat([randomBytes(2_000_000), Buffer.alloc(2_000_000)]))).toBe(false);
  });

  it('looks for rows of a table as well, and not for names in a model', () => {
    const table = Buffer.from('13,1980,northeast,9,8849.56\n13,1981,northeast,9,14800.00\n');
    expect(patternsOf(table, 2).length).toBeGreaterThan(0);
    const model = Buffer.concat([
      Buffer.from('{"class_name":"Sequential","config":{"name":"digits"}}'),
      Buffer.alloc(1, 255),
    ]);
    expect(patternsOf(model, 2)).toEqual([]);
  });
});
