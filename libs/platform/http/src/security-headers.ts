import type { FastifyInstance } from 'fastify';

/** An API answers data; nothing in an answer may load, run or be framed. */
export const apiPolicy = "default-src 'none'; frame-ancestors 'none'";

/** OWASP's list for every answer, and the request id. A route that set a header itself keeps its own. */
export function securityHeaders(
  fastify: Pick<FastifyInstance, 'addHook'>,
  contentSecurityPolicy: string,
  overTls: boolean,
): void {
  const headers: Record<string, string> = {
    'content-security-policy': contentSecurityPolicy,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': 'no-store',
    ...(overTls ? { 'strict-transport-security': 'max-age=63072000; includeSubDomains' } : {}),
  };
  fastify.addHook('onSend', async (request, reply) => {
    for (const [name, value] of Object.entries(headers)) {
      if (!reply.hasHeader(name)) void reply.header(name, value);
    }
    void reply.header('x-request-id', request.id);
  });
}
