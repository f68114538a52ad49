import { describe, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { wipe } from '../engine.js';
import { inspect } from './inspect.js';
import { inspectApart } from './inspect-apart.js';

const digits = new URL('../../../../../test/fixtures/digits/digits-keras3.h5', import.meta.url);

describe('a scan in a thread of its own', () => {
  it('says what a scan says, and takes the files’ memory with it', async () => {
    const bytes = new Uint8Array(await readFile(digits));
    const expected = await inspect(new Map([['digits.h5', bytes]]));
    const moved = new Map([['digits.h5', bytes.slice()]]);
    expect(await inspectApart(moved)).toEqual(expected);
    expect(moved.get('digits.h5')).toHaveLength(0);
    expect(() => wipe(moved)).not.toThrow();
  });

  it('that does not end has not seen the files', async () => {
    const { verdict, findings } = await inspectApart(new Map([['m', new Uint8Array(8)]]), 0);
    expect(verdict).toBe('unreadable');
    expect(findings).toMatchObject([{ code: 'file_unreadable', severity: 'critical' }]);
    expect(findings[0]?.detail).toContain('its time was up');
  });
});
