import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { existsSync } from 'node:fs';
import { testDatabase } from '@castellan/database';
import type { QueueConfig } from '../queue.config.js';

/** A store for the suite's own use. */
export interface QueueStore {
  readonly config: QueueConfig;
  close(): Promise<void>;
}

export async function postgresStore(): Promise<QueueStore> {
  const test = await testDatabase();
  return { config: { databaseUrl: test.url, redisUrl: undefined }, close: () => test.close() };
}

/** A Redis of its own; undefined where this machine has none. */
export function redisStore(searchPath: string): (() => Promise<QueueStore>) | undefined {
  const program = searchPath
    .split(delimiter)
    .map((folder) => join(folder, 'redis-server'))
    .find((path) => existsSync(path));
  return program === undefined ? undefined : () => startRedis(program);
}

async function startRedis(program: string): Promise<QueueStore> {
  const folder = await mkdtemp(join(tmpdir(), 'castellan-redis-'));
  const port = await freePort();
  const server = spawn(program, [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--dir',
    folder,
  ]);
  await new Promise<void>((resolve) =>
    server.stdout.on('data', (chunk) => String(chunk).includes('Ready to accept connections') && resolve()),
  );
  return {
    config: { databaseUrl: 'postgresql://unused', redisUrl: `redis://127.0.0.1:${port}` },
    close: async () => {
      server.kill();
      await once(server, 'exit');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return address !== null && typeof address === 'object' ? address.port : 0;
}
