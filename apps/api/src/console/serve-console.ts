import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

/** Where the build leaves it. */
export const builtConsole = fileURLToPath(new URL('../../../console/dist', import.meta.url));

/** Nothing from anywhere else: no CDN, no fonts, no inline script. Styles are inline because Mantine sets sizes so. */
export const consolePolicy = [
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

/** Paths that are never pages of the console, so that a mistyped address of the api isn't answered with a page. */
const notPages = /^\/(api|audit\/log|openapi\.json|livez|readyz|metrics)(\/|$)/;

/** Serves the built console; its own addresses (/models/…) all answer with its one page. False when it was not built. */
export async function serveConsole(nest: NestFastifyApplication, folder: string): Promise<boolean> {
  if (!existsSync(join(folder, 'index.html'))) return false;
  await nest.register(fastifyStatic, { root: folder, wildcard: false, maxAge: '1h', index: false });
  const fastify = nest.getHttpAdapter().getInstance();
  fastify.addHook('onRequest', async (request, reply) => {
    const isPage = request.method === 'GET' && (request.headers.accept ?? '').includes('text/html');
    if (isPage && !notPages.test(request.url))
      return reply.header('cache-control', 'no-cache').sendFile('index.html');
    return undefined;
  });
  return true;
}
