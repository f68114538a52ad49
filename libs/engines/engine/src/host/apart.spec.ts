import { describe, expect, it } from '@jest/globals';
import { apart } from './apart.js';

const running = (program: string): URL => new URL(`data:text/javascript,${encodeURIComponent(program)}`);
const about = { task: 7, moved: [] };

describe('a task in a thread of its own', () => {
  it('is answered, without the process’s environment', async () => {
    const program = `import { parentPort, workerData } from 'node:worker_threads';
      parentPort.postMessage([workerData, Object.keys(process.env).length]);`;
    expect(await apart({ ...about, entry: running(program) })).toEqual([7, 0]);
  });

  it.each([
    ['throws', 'throw new Error("as asked")', 'as asked'],
    ['ends without an answer', 'process.exit()', 'the thread ended'],
  ])('fails when it %s', async (_name, program, why) => {
    await expect(apart({ ...about, entry: running(program) })).rejects.toThrow(why);
  });

  it('fails when its time is up, whatever it is doing', async () => {
    const endless = apart({ ...about, entry: running('for (;;);'), timeLimit: 200 });
    await expect(endless).rejects.toThrow('its time was up');
  });
});
