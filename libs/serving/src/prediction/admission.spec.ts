import { describe, expect, it } from '@jest/globals';
import { Admission } from './admission.js';

/** Work that ends when it is told to. */
function piece(): { work: () => Promise<string>; end: () => void; begun: () => boolean } {
  let begun = false;
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  return {
    begun: () => begun,
    end: () => end(),
    work: async () => {
      begun = true;
      await ended;
      return 'done';
    },
  };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('Admission', () => {
  it('runs as many as the limit says and lets the next one in when one is done', async () => {
    const admission = new Admission({ running: 1, waiting: 1 });
    const [first, second] = [piece(), piece()];
    const one = admission.run('digits', first.work);
    const two = admission.run('digits', second.work);
    await settled();
    expect([first.begun(), second.begun()]).toEqual([true, false]);
    first.end();
    await one;
    await settled();
    expect(second.begun()).toBe(true);
    second.end();
    await expect(two).resolves.toBe('done');
  });

  it('refuses at once, and says when to come back, when the waiting room is full', async () => {
    const admission = new Admission({ running: 1, waiting: 0 });
    const first = piece();
    const one = admission.run('digits', first.work);
    await expect(admission.run('digits', piece().work)).rejects.toMatchObject({
      code: 'queue_full',
      kind: 'exhausted',
      retryAfterMs: 1000,
    });
    first.end();
    await one;
  });

  it('keeps a full lane from being felt in another', async () => {
    const admission = new Admission({ running: 1, waiting: 0 });
    const [slow, other] = [piece(), piece()];
    const one = admission.run('slow', slow.work);
    const two = admission.run('other', other.work);
    other.end();
    await expect(two).resolves.toBe('done');
    slow.end();
    await one;
  });

  it('gives the place on when the work fails', async () => {
    const admission = new Admission({ running: 1, waiting: 1 });
    const failing = admission.run('digits', () => Promise.reject(new Error('no')));
    const next = admission.run('digits', () => Promise.resolve('done'));
    await expect(failing).rejects.toThrow('no');
    await expect(next).resolves.toBe('done');
    await expect(admission.run('digits', () => Promise.resolve('again'))).resolves.toBe('again');
  });

  it('serves those who wait in the order in which they came', async () => {
    const admission = new Admission({ running: 1, waiting: 3 });
    const order: number[] = [];
    await Promise.all(
      [1, 2, 3, 4].map((number) =>
        admission.run('digits', async () => {
          await settled();
          order.push(number);
        }),
      ),
    );
    expect(order).toEqual([1, 2, 3, 4]);
  });
});
