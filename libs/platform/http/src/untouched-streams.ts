import type { FastifyInstance } from 'fastify';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Set by `@Endpoint({ stream: true })`. */
    readonly stream?: boolean;
  }
}

/**
 * Routes declared with `stream: true` get their body as it arrives, even one that says it is JSON or a form (curl says so
 * by default). On other routes a body of an unknown type stays a stream too, which their schema then refuses.
 */
export function untouchedStreams(fastify: Pick<FastifyInstance, 'addHook' | 'addContentTypeParser'>): void {
  fastify.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  fastify.addHook('onRequest', async (request) => {
    if (request.routeOptions.config.stream === true && request.headers['content-type'] !== undefined) {
      request.headers['content-type'] = 'application/octet-stream';
    }
  });
}
