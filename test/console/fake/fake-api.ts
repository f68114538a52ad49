import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import fastify, { type FastifyInstance } from 'fastify';
import { consoleRoutes } from './routes.js';
import { FakeRefusal } from './fake-refusal.js';
import { FakeWorld } from './fake-world.js';

export { FakeWorld } from './fake-world.js';

/** The same policy as apps/api sends with the console (asserted against its source by console.spec). */
export const contentSecurityPolicy = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

export interface FakeApi {
  readonly url: string;
  readonly world: FakeWorld;
  close(): Promise<void>;
}

/**
 * The api's console routes over a world in memory, on a real port, with the built console at /. Every answer is read
 * through its contract before it leaves, so that the fake can't drift from what the real api must send.
 */
export async function startFakeApi(consoleFolder: string, world = new FakeWorld()): Promise<FakeApi> {
  const app = fastify({ bodyLimit: 64 * 2 ** 20 });
  for (const type of ['application/octet-stream', 'application/offset+octet-stream'])
    app.addContentTypeParser(type, { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.setErrorHandler((error, _request, reply) => {
    const refusal = error instanceof FakeRefusal ? error : new FakeRefusal(500, 'internal', String(error));
    return reply
      .status(refusal.status)
      .type('application/problem+json')
      .send(JSON.stringify(refusal.problem()));
  });
  consoleRoutes(app, world);
  await servePages(app, consoleFolder);
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  return { url, world, close: () => app.close() };
}

async function servePages(app: FastifyInstance, folder: string): Promise<void> {
  await app.register(fastifyStatic, { root: folder, wildcard: false, index: false });
  const page = await readFile(join(folder, 'index.html'), 'utf8');
  app.addHook('onSend', async (_request, reply) => {
    void reply.header('content-security-policy', contentSecurityPolicy);
  });
  app.setNotFoundHandler(async (request, reply) => {
    if (request.url.startsWith('/api/'))
      throw new FakeRefusal(404, 'route_unknown', `Nothing at ${request.url}.`);
    return reply.type('text/html').send(page);
  });
}
