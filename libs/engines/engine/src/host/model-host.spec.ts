import { describe, expect, it } from '@jest/globals';
import { tensor, type Tensor } from '@castellan/tensors';
import { type ModelFiles } from '../engine.js';
import { warmUp } from '../warm-up.js';
import { ModelHost } from './model-host.js';

const engine = {
  url: new URL('../testing/temperamental-engine.ts', import.meta.url).href,
  exportName: 'temperamentalEngine',
};

const files = (...bytes: number[]): ModelFiles => new Map([['m', Uint8Array.from(bytes)]]);
const asking = (wish: string): [Tensor] => [tensor('wish', 'BYTES', [1], [new TextEncoder().encode(wish)])];
const answer = (outputs: readonly Tensor[]): unknown => outputs.map(({ name, data }) => [name, data]);

describe('a model host', () => {
  it('answers from its thread while the process goes on', async () => {
    const host = await ModelHost.load(engine, files(7));
    let turns = 0;
    const ticking = setInterval(() => (turns += 1), 1);
    const outputs = await host.run(asking('block'));
    clearInterval(ticking);
    expect(answer(outputs)).toEqual([['first byte', new Uint8Array([7])]]);
    expect(turns).toBeGreaterThan(0);
    await host.dispose();
  });

  it('takes the files’ memory with it', async () => {
    const moved = files(1, 2, 3);
    const shared = new Uint8Array(16).fill(9);
    const host = await ModelHost.load(engine, new Map([...moved, ['part', shared.subarray(4, 8)]]));
    expect(moved.get('m')).toHaveLength(0);
    expect(Array.from(shared)).toEqual([9, 9, 9, 9, 0, 0, 0, 0, 9, 9, 9, 9, 9, 9, 9, 9]);
    await host.dispose();
  });

  it('gives the thread nothing of the process’s environment', async () => {
    process.env['CASTELLAN_SPEC_SECRET'] = 'secret';
    const host = await ModelHost.load(engine, files(1));
    expect(answer(await host.run(asking('environment')))).toEqual([['size', new Uint8Array([0])]]);
    delete process.env['CASTELLAN_SPEC_SECRET'];
    await host.dispose();
  });

  it('fails one request and stays', async () => {
    const host = await ModelHost.load(engine, files(1));
    await expect(host.run(asking('fail'))).rejects.toMatchObject({ code: 'engine_failed', kind: 'internal' });
    await expect(warmUp(host)).resolves.toBe(true);
    await host.dispose();
  });

  it('is lost with its thread, and says so to every request', async () => {
    const host = await ModelHost.load(engine, files(1));
    const other = await ModelHost.load(engine, files(2));
    const waiting = host.run(asking('crash'));
    await expect(waiting).rejects.toMatchObject({ code: 'model_host_lost', kind: 'unavailable' });
    await expect(host.lost).resolves.toMatchObject({ code: 'model_host_lost' });
    await expect(host.run(asking('block'))).rejects.toMatchObject({ code: 'model_host_lost' });
    await expect(other.run(asking('block'))).resolves.toHaveLength(1);
    await host.dispose();
    await other.dispose();
  });

  it('passes on why a model is refused', async () => {
    await expect(ModelHost.load(engine, files())).rejects.toMatchObject({
      code: 'model_unreadable',
      publicDetail: 'There is nothing in it.',
    });
    const absent = { ...engine, exportName: 'nothing' };
    await expect(ModelHost.load(absent, files(1))).rejects.toMatchObject({ code: 'engine_failed' });
  });

  it('ends its thread when disposed of, twice as well as once', async () => {
    const host = await ModelHost.load(engine, files(1));
    await Promise.all([host.dispose(), host.dispose()]);
    await expect(host.run(asking('block'))).rejects.toMatchObject({ code: 'model_host_lost' });
  });
});
