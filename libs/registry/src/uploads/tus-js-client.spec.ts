import { randomBytes } from 'node:crypto';
import { connect, createServer, type Socket } from 'node:net';
import type { Version } from '@castellan/contracts';
import { Upload } from 'tus-js-client';
import { headersOf, RegistryFloor } from '../testing/registry-floor.js';

/** A wire to whichever port the api has at the moment, which can be cut. */
async function startWire(portOf: () => number) {
  const open = new Set<Socket>();
  let cutAfterBytes = Infinity;
  const server = createServer((client) => {
    const api = connect(portOf(), '127.0.0.1');
    for (const side of [client, api]) {
      open.add(side);
      side
        .on('error', () => undefined)
        .on('close', () => {
          open.delete(side);
          client.destroy();
          api.destroy();
        });
    }
    let passed = 0;
    client.on('data', (bytes) => {
      passed += bytes.length;
      api.write(bytes);
      if (passed < cutAfterBytes) return;
      cutAfterBytes = Infinity;
      // What was written still arrives.
      api.end(() => client.destroy());
    });
    api.pipe(client);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    cutAfter: (bytes: number) => (cutAfterBytes = bytes),
    close: () => {
      for (const side of open) side.destroy();
      return new Promise((closed) => server.close(closed));
    },
  };
}

describe('tus-js-client, unmodified', () => {
  let floor: RegistryFloor;
  let version: Version;
  let wire: Awaited<ReturnType<typeof startWire>>;
  const bytes = randomBytes(3_000_001);
  beforeAll(async () => {
    floor = await RegistryFloor.start();
    wire = await startWire(() => Number(new URL(floor.url).port));
  });
  afterAll(async () => {
    await wire.close();
    await floor.close();
  });
  beforeEach(async () => {
    version = await floor.startVersion();
  });

  function upload(
    path: string,
    options: { chunkSize?: number; onChunk?: (offset: number) => void; content?: Buffer },
  ) {
    const { content = bytes, onChunk, ...rest } = options;
    return new Promise<Upload>((resolve, reject) => {
      const client = new Upload(content, {
        endpoint: `${wire.url}/api/v1/versions/${version.id}/uploads`,
        headers: headersOf(floor.author),
        metadata: { path },
        retryDelays: Array<number>(20).fill(100),
        onSuccess: () => resolve(client),
        onError: reject,
        onChunkComplete: (_size, accepted) => onChunk?.(accepted),
        ...rest,
      });
      client.start();
    });
  }
  const arrived = async (path: string) => (await floor.plaintext(version.id, path)).equals(bytes);

  it('sends a file whole', async () => {
    await upload('whole.bin', {});
    expect(await arrived('whole.bin')).toBe(true);
  });

  it('sends a file in pieces, whatever their size', async () => {
    await upload('pieces.bin', { chunkSize: 700_001 });
    expect(await arrived('pieces.bin')).toBe(true);
  });

  it('goes on by itself after a cut', async () => {
    wire.cutAfter(1_000_000);
    await upload('cut.bin', {});
    expect(await arrived('cut.bin')).toBe(true);
  });

  it('goes on by itself when the api is another process meanwhile', async () => {
    let restarted: Promise<void> | undefined;
    await upload('restarted.bin', { chunkSize: 1_000_000, onChunk: () => (restarted ??= floor.restart()) });
    await restarted;
    expect(restarted).toBeDefined();
    expect(await arrived('restarted.bin')).toBe(true);
  });

  it('sends an empty file', async () => {
    await upload('empty.bin', { content: Buffer.alloc(0) });
    expect(await floor.plaintext(version.id, 'empty.bin')).toHaveLength(0);
  });

  it('hears what is wrong, and does not try it again', async () => {
    await expect(upload('../escape', {})).rejects.toMatchObject({
      message: expect.stringContaining('file_path_invalid'),
    });
  });
});
