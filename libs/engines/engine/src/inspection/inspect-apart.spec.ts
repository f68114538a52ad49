import { describe, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { inspect } from './inspect.js';
import { inspectApart, type SettledFile } from './inspect-apart.js';

const fixtures = new URL('../../../../../test/fixtures/', import.meta.url);
const fixture = async (path: string): Promise<Uint8Array> =>
  new Uint8Array(await readFile(new URL(path, fixtures)));

/** A file that hands out copies, which it remembers. */
class Settled implements SettledFile {
  readonly given: Uint8Array[] = [];

  constructor(
    private readonly bytes: Uint8Array,
    readonly sizeBytes = bytes.length,
  ) {}

  async read(offset: number, lengthBytes: number): Promise<Uint8Array> {
    const part = new Uint8Array(lengthBytes);
    part.set(this.bytes.subarray(offset, offset + lengthBytes));
    this.given.push(part);
    return part;
  }
}

describe('a scan in a thread of its own', () => {
  it.each(['digits/digits-keras3.h5', 'digits/digits-keras3.keras', 'hostile-models/checkpoint.pt'])(
    'says what a scan says of %s, and leaves nothing of it behind',
    async (path) => {
      const bytes = await fixture(path);
      const file = new Settled(bytes);
      expect(await inspectApart(new Map([['m', file]]))).toEqual(await inspect(new Map([['m', bytes]])));
      expect(file.given.every((part) => part.every((byte) => byte === 0))).toBe(true);
    },
  );

  it('asks for little of a file that is longer than memory', async () => {
    const model = new Settled(await fixture('onnx/linear/model.onnx'));
    const weights = new Settled(new Uint8Array(), 40_000_000_000);
    const files = new Map([
      ['model.onnx', model],
      ['weights.bin', weights],
    ]);
    expect(await inspectApart(files)).toMatchObject({ verdict: 'clean', detectedFormat: 'onnx' });
    expect(weights.given.length).toBeLessThan(64);
    expect(Math.max(...weights.given.map(({ length }) => length))).toBeLessThanOrEqual(1024 * 1024);
  });

  it('says nothing about files that can’t be read', async () => {
    const gone = new Error('the store is away');
    const file = { sizeBytes: 100, read: () => Promise.reject(gone) };
    await expect(inspectApart(new Map([['m', file]]))).rejects.toBe(gone);
  });

  it('that does not end has not seen the files', async () => {
    const { verdict, findings } = await inspectApart(new Map([['m', new Settled(new Uint8Array(8))]]), 0);
    expect(verdict).toBe('unreadable');
    expect(findings).toMatchObject([{ code: 'file_unreadable', severity: 'critical' }]);
    expect(findings[0]?.detail).toContain('its time was up');
  });

  it('whose file is never given ends when its time is up', async () => {
    const file = {
      sizeBytes: 100,
      read: () => new Promise<Uint8Array>((resolve) => setTimeout(resolve, 400, new Uint8Array(100))),
    };
    expect(await inspectApart(new Map([['m', file]]), 200)).toMatchObject({ verdict: 'unreadable' });
  });
});
