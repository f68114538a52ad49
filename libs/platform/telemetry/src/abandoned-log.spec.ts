import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

describe('a process whose log nobody reads any more', () => {
  it('goes on, and ends when it is done', async () => {
    const child = spawn(
      process.execPath,
      ['--import', path('../../../../prisma/run-source.mjs'), path('testing/logging-process.ts')],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    child.stdout.once('data', () => child.stdout.destroy());
    const [code] = await once(child, 'exit');
    expect(code).toBe(0);
  });
});
