import { CastellanError } from '@castellan/errors';
import { environment } from '@castellan/config';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type INestApplicationContext, Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { z } from 'zod';
import {
  defineQueue,
  JobQueue,
  Processes,
  QueueModule,
  type JobContext,
  type JobProcessor,
  type QueueConfig,
} from './index.js';
import { freePort, postgresStore, redisStore, type QueueStore } from './testing/queue-stores.js';

const Stone = z.object({ weight: z.number() });
type Stone = z.infer<typeof Stone>;
const stones = defineQueue('stones', Stone, { attempts: 3 });

/** What the processor saw, and what it shall do. */
const seen: { weight: number; attempt: number }[] = [];
let reaction: (stone: Stone, context: JobContext) => Promise<void> = async () => undefined;

@Injectable()
@Processes(stones, { concurrency: 2 })
class Mason implements JobProcessor<Stone> {
  async process(stone: Stone, context: JobContext): Promise<void> {
    seen.push({ weight: stone.weight, attempt: context.attempt });
    await reaction(stone, context);
  }
}

async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; !condition() && turn < 500; turn++)
    await new Promise((resolve) => setTimeout(resolve, 20));
}

const onRedis = redisStore(environment()['PATH'] ?? '');
const stores = [['PostgreSQL', postgresStore] as const, ...(onRedis ? [['Redis', onRedis] as const] : [])];
if (onRedis === undefined) console.log('not run on Redis: there is no redis-server on this machine');

describe.each(stores)('the job queue on %s', (_name, openStore) => {
  let store: QueueStore;
  let app: INestApplicationContext;
  let config: QueueConfig;
  const open = async (processing: boolean): Promise<INestApplicationContext> => {
    @Module({ imports: [QueueModule.forRoot(config)], providers: processing ? [Mason] : [] })
    class SiteModule {}
    return NestFactory.createApplicationContext(SiteModule, { logger: false });
  };

  beforeAll(async () => {
    store = await openStore();
    config = store.config;
    app = await open(true);
  });
  afterEach(() => {
    seen.length = 0;
    reaction = async () => undefined;
  });
  afterAll(async () => {
    await app.close();
    await store.close();
  });
  const queue = (): JobQueue => app.get(JobQueue, { strict: false });

  it('runs what another process asked for', async () => {
    const asking = await open(false);
    await asking.get(JobQueue, { strict: false }).enqueue(stones, { weight: 7 });
    await asking.close();
    await until(() => seen.length === 1);
    expect(seen).toEqual([{ weight: 7, attempt: 1 }]);
  });

  it('tries again after a failure that may pass', async () => {
    reaction = async (_stone, { attempt }) => {
      if (attempt === 1) throw new Error('rain');
    };
    await queue().enqueue(stones, { weight: 1 });
    await until(() => seen.length === 2);
    expect(seen.map(({ attempt }) => attempt)).toEqual([1, 2]);
  });

  it('gives up at once on a refusal', async () => {
    reaction = async () => {
      throw new CastellanError({ code: 'no_quarry', kind: 'not_found', publicDetail: 'No quarry.' });
    };
    await queue().enqueue(stones, { weight: 2 });
    await until(() => seen.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(seen).toHaveLength(1);
  });

  it('keeps one job of an id while it waits or runs', async () => {
    const finish: (() => void)[] = [];
    reaction = () => new Promise((resolve) => finish.push(resolve));
    await queue().enqueue(stones, { weight: 3 }, { once: 'the keystone' });
    await until(() => seen.length === 1);
    await queue().enqueue(stones, { weight: 3 }, { once: 'the keystone' });
    await queue().enqueue(stones, { weight: 4 });
    await until(() => seen.length === 2);
    expect(seen.map(({ weight }) => weight)).toEqual([3, 4]);
    for (const end of finish) end();
  });

  it('refuses a message that does not fit', async () => {
    const wrong = { weight: 'heavy' } as unknown as Stone;
    await expect(queue().enqueue(stones, wrong)).rejects.toMatchObject({ code: 'message_invalid' });
  });

  it('answers a ping', async () => {
    await expect(queue().ping()).resolves.toBeUndefined();
  });

  it('waits at shutdown for the job that runs, and tells it', async () => {
    let finished = false;
    const other = await open(true);
    await app.close();
    reaction = (_stone, { signal }) =>
      new Promise((resolve) =>
        signal.addEventListener('abort', () => {
          finished = true;
          resolve();
        }),
      );
    await other.get(JobQueue, { strict: false }).enqueue(stones, { weight: 5 });
    await until(() => seen.length === 1);
    await other.close();
    expect(finished).toBe(true);
    app = await open(true);
  });
});

describe.each([
  [
    'PostgreSQL',
    (port: number) => ({ databaseUrl: `postgresql://nobody:x@127.0.0.1:${port}/none`, redisUrl: undefined }),
  ],
  [
    'Redis',
    (port: number) => ({ databaseUrl: 'postgresql://unused', redisUrl: `redis://127.0.0.1:${port}` }),
  ],
])('when %s does not answer', (_name, configAt) => {
  it('says so, with the right kind', async () => {
    @Module({ imports: [QueueModule.forRoot(configAt(await freePort()))] })
    class DeadModule {}
    const app = await NestFactory.createApplicationContext(DeadModule, { logger: false });
    const asked = app.get(JobQueue, { strict: false }).enqueue(stones, { weight: 1 });
    await expect(asked).rejects.toMatchObject({ code: 'queue_unavailable', kind: 'unavailable' });
    await app.close();
  });
});
